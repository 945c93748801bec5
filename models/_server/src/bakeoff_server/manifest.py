"""The package's own manifest (`model.yaml`), as far as a server needs it.

Read once at start by the server process. The full schema is checked before a server is started.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import fastjsonschema
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ManifestError(Exception):
    """The manifest is missing or wrong; the message says where."""


class Accelerator(BaseModel):
    kind: str = "none"
    count: int = 0
    minMemoryMiB: int | None = None
    minComputeCapability: str | None = None


class Requirements(BaseModel):
    accelerator: Accelerator = Accelerator()
    cpu: int = 1
    memoryMiB: int
    diskMiB: int
    maxConcurrency: int = Field(default=1, ge=1, le=256)


class Metric(BaseModel):
    name: str
    unit: str
    direction: Literal["higher", "lower", "none"]
    range: tuple[float | None, float | None]
    minN: int
    title: str
    description: str


class Scorer(BaseModel):
    version: str
    metrics: list[Metric]


class Manifest(BaseModel):
    model_config = ConfigDict(extra="ignore")

    kind: Literal["model", "evaluator"]
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    version: str
    tasks: list[str] = []
    protocol: Literal["native", "openai-chat", "evaluator"] = "native"
    requirements: Requirements
    params: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
    weights: list[dict[str, Any]] = []
    license: str = ""
    scorers: dict[str, Scorer] = {}


def load_manifest(package: Path) -> Manifest:
    """Reads `<package>/model.yaml`; raises ManifestError naming the file and the place."""
    path = package / "model.yaml"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(
            f"{path}: {error.strerror}; expected the package's manifest."
        ) from error
    except yaml.YAMLError as error:
        raise ManifestError(f"{path}: {error}") from error
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        raise ManifestError(f"{path}: {error}") from error


class ParamsError(Exception):
    """Params that the manifest's JSON Schema refuses; the message names the param and the rule."""


def params_validator(schema: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Compiles the manifest's JSON Schema into `params -> params with defaults`.

    References to other documents are refused: a server reads nothing from a network.
    """

    def refuse(uri: str) -> dict[str, Any]:
        raise ManifestError(f"params refer to {uri}; expected a schema without outside references.")

    try:
        check = fastjsonschema.compile(
            schema, handlers={scheme: refuse for scheme in ("http", "https", "ftp", "file")}
        )
    except fastjsonschema.JsonSchemaDefinitionException as error:
        raise ManifestError(f"params: {error}") from error

    def complete(params: dict[str, Any]) -> dict[str, Any]:
        try:
            filled: dict[str, Any] = check(dict(params))
        except fastjsonschema.JsonSchemaValueException as error:
            where = ".".join(["params", *(str(part) for part in error.path[1:])])
            message = error.message.removeprefix(str(error.name)).strip()
            raise ParamsError(f"{where} {message}, seen {str(error.value)[:100]}.") from error
        return filled

    return complete
