"""Request bodies of the native protocol. Parsed once at the boundary, trusted inside."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SHA256_PATTERN = r"^[0-9a-f]{64}$"
GENERATION_ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
MAX_SEED = 2**63 - 1
MAX_DEADLINE_S = 7 * 86400.0

AbsolutePath = Annotated[str, StringConstraints(pattern=r"^/[^\x00]*$", max_length=4096)]
Sha256 = Annotated[str, StringConstraints(pattern=SHA256_PATTERN)]
ContentType = Annotated[str, StringConstraints(pattern=r"^[\w.+-]+/[\w.+-]+", max_length=255)]


class Body(BaseModel):
    """Strict: no coercion, no unknown member, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class FileReference(Body):
    path: AbsolutePath
    sha256: Sha256
    contentType: ContentType


class InputBody(Body):
    prompt: str | None = None
    messages: list[dict[str, Any]] | None = None
    files: list[FileReference] = Field(default=[], max_length=256)
    row: dict[str, float | str | None] | None = None


class OutputTarget(Body):
    dir: AbsolutePath | None = None
    putUrl: str | None = Field(default=None, pattern=r"^https?://", max_length=8192)
    format: str | None = Field(default=None, max_length=64)


class GenerateBody(Body):
    task: str
    input: InputBody
    params: dict[str, Any] = {}
    seed: int | None = Field(default=None, ge=0, le=MAX_SEED)
    output: OutputTarget = OutputTarget()
    deadlineSeconds: float | None = Field(default=None, gt=0, le=MAX_DEADLINE_S)
