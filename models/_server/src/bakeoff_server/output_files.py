"""Turns an author's Output into the `output` of a generation record: checks, moves, hashes.

Runs in the worker, so that hashing a large file never delays the server's answer to /health.
"""

from __future__ import annotations

import hashlib
import math
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .author import Output, OutputFile
from .errors import Infrastructure, ModelError
from .settings import INLINE_TEXT_LIMIT_BYTES, STREAMED_TEXT_LIMIT_BYTES

HASH_CHUNK_BYTES = 1 << 20
TEXT_FILE = "output.txt"


@dataclass(frozen=True)
class Destination:
    """Where files of one generation may lie. `inline_text` is for protocols without files."""

    output_dir: Path | None
    inline_text: bool = False


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 (hex) and size in bytes of a regular file; a link in the last place is refused."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path.name} is not a regular file")
        digest, size = hashlib.sha256(), 0
        while chunk := file.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def check_digest(path: Path, expected: str) -> None:
    """Raises Infrastructure when the file is not there or is not the one that was announced."""
    try:
        seen, _ = digest_of(path)
    except OSError as error:
        raise Infrastructure("input-unreadable", f"File {path.name}: {error}.") from error
    if seen != expected:
        raise Infrastructure(
            "input-digest", f"File {path.name} has digest {seen}, expected {expected}."
        )


def package_output(output: object, destination: Destination) -> dict[str, Any]:
    """The record's `output`; raises ModelError for an answer that is none."""
    if not isinstance(output, Output):
        raise ModelError(
            "output-type", f"generate returned {type(output).__name__}; expected an Output."
        )
    packaged: dict[str, Any] = {}
    files = [_file_record(file, destination) for file in output.files]
    if output.text is not None:
        _place_text(output.text, destination, packaged, files)
    if output.value is not None:
        packaged["value"] = _plain_value(output.value)
    if files:
        packaged["files"] = files
    if not packaged:
        raise ModelError("output-empty", "The Output has neither text nor value nor files.")
    return packaged


def _plain_value(value: object) -> float | str:
    if isinstance(value, str):
        return value
    try:
        number = float(value)  # type: ignore[arg-type]  # numpy scalars are floats by protocol
    except (TypeError, ValueError) as error:
        raise ModelError(
            "value-type", f"The value is a {type(value).__name__}; expected a number."
        ) from error
    if not math.isfinite(number):
        raise ModelError("value-not-finite", f"The value is {number}; expected a finite number.")
    return number


def _place_text(
    text: object, destination: Destination, packaged: dict[str, Any], files: list[dict[str, Any]]
) -> None:
    if not isinstance(text, str):
        raise ModelError("text-type", f"The text is a {type(text).__name__}; expected a string.")
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ModelError("text-not-unicode", f"The text is not valid Unicode: {error}.") from error
    if len(data) > STREAMED_TEXT_LIMIT_BYTES:
        limit = STREAMED_TEXT_LIMIT_BYTES
        raise ModelError(
            "text-too-long", f"The text has {len(data)} bytes; expected at most {limit}."
        )
    if destination.inline_text or len(data) <= INLINE_TEXT_LIMIT_BYTES:
        packaged["text"] = text
        return
    if destination.output_dir is None:
        raise ModelError(
            "text-too-long",
            f"The text has {len(data)} bytes and the request has no output.dir; "
            f"expected at most {INLINE_TEXT_LIMIT_BYTES} bytes.",
        )
    (destination.output_dir / TEXT_FILE).write_bytes(data)
    file = OutputFile(TEXT_FILE, kind="text", content_type="text/plain; charset=utf-8")
    files.append(_file_record(file, destination))


def _file_record(file: OutputFile, destination: Destination) -> dict[str, Any]:
    if destination.output_dir is None:
        raise ModelError(
            "output-dir-missing", f"The model wrote {file.path}, but the request has no output.dir."
        )
    root = destination.output_dir.resolve()
    path = root / file.path
    inside = path.parent.resolve()
    if os.path.isabs(file.path) or not (inside == root or root in inside.parents):
        raise ModelError(
            "output-outside", f"Output file {file.path!r} lies outside the output folder."
        )
    try:
        sha256, size = digest_of(inside / path.name)
    except OSError as error:
        raise ModelError("output-unreadable", f"Output file {file.path!r}: {error}.") from error
    if size == 0:
        raise ModelError("output-file-empty", f"Output file {file.path!r} has 0 bytes.")
    record: dict[str, Any] = {
        "kind": file.kind,
        "path": str((inside / path.name).relative_to(root)),
        "sha256": sha256,
        "bytes": size,
        "contentType": file.content_type,
    }
    facts = {"width": file.width, "height": file.height, "frames": file.frames, "fps": file.fps}
    record.update({name: value for name, value in facts.items() if value is not None})
    return record
