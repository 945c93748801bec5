"""What an author of an evaluator writes against: Evaluator, Sample, State, Unscored.

Runs in the worker process; imports the standard library alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class SampleFile:
    """One output file of the sample, readable at `path`; its digest was checked."""

    kind: str
    path: Path
    sha256: str
    bytes: int
    content_type: str


@dataclass(frozen=True)
class Sample:
    """One answer of a model, with what was asked and (where the suite has it) the truth."""

    id: str
    item_id: str
    input: dict[str, Any]
    reference: dict[str, Any] | None
    text: str | None = None
    value: float | str | None = None
    files: list[SampleFile] = field(default_factory=list)


@dataclass(frozen=True)
class State:
    """A sample's share of a set-level metric, as bytes; the server stores it and names its digest."""

    data: bytes


@dataclass(frozen=True)
class Unscored:
    """A metric that this sample cannot have, and why. Becomes an error row, never a number."""

    code: str
    message: str


Score = float | State | Unscored


@dataclass(frozen=True)
class StateFile:
    """A stored State, handed to `aggregate` in sample-id order."""

    sample_id: str
    path: Path

    def read(self) -> bytes:
        return self.path.read_bytes()


class Evaluator:
    """Subclass this; metrics and their order come from the manifest's `scorers`."""

    def setup(self) -> None:
        """Loads what scoring needs. Runs once per worker, before the server is ready."""

    def evaluate(self, sample: Sample, scorers: Sequence[str]) -> Mapping[str, Mapping[str, Score]]:
        """{scorer: {metric: score}} for every scorer asked for; decode all frames first.

        Raise Undecodable when the sample's output does not decode: it then has no metric at all.
        """
        raise NotImplementedError

    def aggregate(self, scorer: str, metric: str, states: Sequence[StateFile]) -> float:
        """A set-level metric: a pure function of the states in sample-id order."""
        raise NotImplementedError

    def get_requirements(self) -> dict[str, Any]:
        """Members that replace those of the manifest in `GET /requirements`."""
        return {}

    def health_check(self) -> dict[str, Any]:
        """Device facts, asked once after setup. `libraries` ({name: version}) is shown by /health."""
        return {}
