"""Request bodies of the evaluator protocol."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from .wire import AbsolutePath, Body, Sha256

# A sample id is `<itemId>.<repeat>`; it names state files, so its grammar is part of the safety.
SampleId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
MAX_SAMPLES = 4096


class EvaluatedFile(Body):
    kind: str = Field(max_length=64)
    path: AbsolutePath
    sha256: Sha256
    bytes: int = Field(ge=0)
    contentType: str = Field(max_length=255)
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None


class EvaluatedOutput(Body):
    text: str | None = None
    value: float | str | None = None
    files: list[EvaluatedFile] = []


class EvaluatedSample(Body):
    sampleId: SampleId
    itemId: str
    input: dict[str, Any] = {}
    reference: dict[str, Any] | None = None
    output: EvaluatedOutput


class EvaluateBody(Body):
    scorers: list[str] = Field(min_length=1, max_length=64)
    samples: list[EvaluatedSample] = Field(max_length=MAX_SAMPLES)


class StateReference(Body):
    sampleId: SampleId
    path: AbsolutePath
    sha256: Sha256


class AggregateBody(Body):
    scorer: str
    metric: str
    states: list[StateReference]
