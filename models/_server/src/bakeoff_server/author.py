"""What an author writes against: Model, Request, Context, Output.

Runs in the worker process, beside the model's own libraries; imports the standard library alone.
Must not know HTTP: one Model serves the native and the openai-chat protocol alike.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .errors import Cancelled, InvalidInput

FileKind = Literal["video", "image", "audio", "text", "file"]


@dataclass(frozen=True)
class InputFile:
    """An input file under the inputs folder; its digest was checked before `generate` began."""

    path: Path
    sha256: str
    content_type: str

    def read(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True)
class Input:
    """What the suite's item says. Only the members that the item has are set."""

    prompt: str | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    files: list[InputFile] = field(default_factory=list)
    row: dict[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """One generation. `params` are validated and complete: defaults are filled in."""

    id: str
    task: str
    input: Input
    params: dict[str, Any]
    seed: int | None
    inline_images: list[bytes] = field(default_factory=list)

    @property
    def images(self) -> list[bytes]:
        """The images of the request in order, whichever protocol brought them (encoded bytes)."""
        if self.inline_images:
            return list(self.inline_images)
        return [f.read() for f in self.input.files if f.content_type.startswith("image/")]

    @property
    def text(self) -> str:
        """The prompt, or the text of all user messages joined by line breaks."""
        if self.input.prompt is not None:
            return self.input.prompt
        return "\n".join(_user_text(self.input.messages))


def _user_text(messages: list[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        if message.get("role") != "user":
            continue
        content = message.get("content")
        if isinstance(content, str):
            yield content
        for part in content if isinstance(content, list) else []:
            if part.get("type") == "text":
                yield str(part.get("text", ""))


@dataclass(frozen=True)
class OutputFile:
    """A file that `generate` wrote under `context.output_dir`; `path` is relative to that folder."""

    path: str
    kind: FileKind
    content_type: str
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None


@dataclass(frozen=True)
class Usage:
    """Tokens, where the model counts them. What is not counted stays None, never 0."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Output:
    """The answer: at least one of text, value and files.

    `effective_params` replaces the request's params in the record when the model had to deviate.
    """

    text: str | None = None
    value: float | str | None = None
    files: list[OutputFile] = field(default_factory=list)
    usage: Usage | None = None
    effective_params: Mapping[str, Any] | None = None
    peak_accelerator_memory_mib: float | None = None


class Context:
    """What `generate` may tell and ask while it runs. Made by the worker, one per generation."""

    def __init__(
        self,
        output_dir: Path | None,
        output_format: str | None,
        cancel: threading.Event,
        emit: Callable[[dict[str, Any]], None],
    ) -> None:
        self._output_dir = output_dir
        self.output_format = output_format
        self._cancel = cancel
        self._emit = emit
        self._started = time.perf_counter()
        self.stages_ms: dict[str, float] = {}
        self.first_token_ms: float | None = None

    def begin(self) -> float:
        """Starts the clock of the generation, in seconds: reading its inputs came before."""
        self._started = time.perf_counter()
        return self._started

    @property
    def output_dir(self) -> Path:
        """The folder for output files; a request that names none cannot have files as its answer."""
        if self._output_dir is None:
            raise InvalidInput(
                "output-dir-missing",
                "The model writes files, but the request has no output.dir; expected one.",
            )
        return self._output_dir

    @property
    def cancelled(self) -> bool:
        """True once the generation was cancelled or is over its deadline: return or raise soon."""
        return self._cancel.is_set()

    def check_cancelled(self) -> None:
        """Raises Cancelled when there is no one left who wants the answer."""
        if self._cancel.is_set():
            raise Cancelled

    def progress(self, fraction: float) -> None:
        """Reports progress between 0 and 1."""
        self._emit({"event": "progress", "progress": min(1.0, max(0.0, float(fraction)))})

    def token(self, text: str) -> None:
        """Streams a piece of the text answer. The first one sets the time to first token.

        All pieces in their order are the answer's text, or what it begins with; what follows them
        is sent as one more piece at the end.
        """
        if self.first_token_ms is None:
            self.first_token_ms = (time.perf_counter() - self._started) * 1000
        self._emit({"event": "token", "text": text})

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times a part of the work in ms; the stage `encode` becomes `encodeMs`, not `generateMs`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            elapsed_ms = (time.perf_counter() - started) * 1000
            self.stages_ms[name] = self.stages_ms.get(name, 0.0) + elapsed_ms


class Model:
    """Subclass this; `setup` and `generate` run in a worker process of their own."""

    def setup(self) -> None:
        """Loads weights. Runs once per worker, before the server is ready; its time is reported."""

    def generate(self, request: Request, context: Context) -> Output:
        """Answers one request. Same request and seed: same answer."""
        raise NotImplementedError

    def get_requirements(self) -> dict[str, Any]:
        """Members that replace those of the manifest in `GET /requirements`."""
        return {}

    def health_check(self) -> dict[str, Any]:
        """Device facts, asked once after setup. `libraries` ({name: version}) is shown by /health."""
        return {}


def library_versions(*distributions: str) -> dict[str, str]:
    """Installed versions by distribution name, for `health_check`; what is not installed is left out."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str] = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
