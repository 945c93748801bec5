"""Why a generation fails, in the words of the container contract.

Raised by model code and by the SDK; carried between the worker and the server as plain dictionaries.
Must not import anything but the standard library: model code imports this module in the worker.
"""

from __future__ import annotations

from typing import Literal, TypedDict, get_args

ErrorClass = Literal[
    "invalid_input",
    "oom_accelerator",
    "oom_host",
    "timeout",
    "model_error",
    "transient",
    "infra",
]
ERROR_CLASSES: tuple[ErrorClass, ...] = get_args(ErrorClass)
RETRYABLE: frozenset[ErrorClass] = frozenset({"transient", "infra"})

CODE_LIMIT = 200
MESSAGE_LIMIT = 4000


# Functional syntax, because `class` is a keyword.
ErrorRecord = TypedDict(
    "ErrorRecord", {"class": ErrorClass, "code": str, "message": str, "retryable": bool}
)


def error_record(error_class: ErrorClass, code: str, message: str) -> ErrorRecord:
    """Builds the `error` member of a record; only `transient` and `infra` may be retried."""
    return {
        "class": error_class,
        "code": code[:CODE_LIMIT],
        "message": message[:MESSAGE_LIMIT],
        "retryable": error_class in RETRYABLE,
    }


class GenerationError(Exception):
    """A failure that knows its class. Raise one of the subclasses."""

    error_class: ErrorClass = "model_error"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def record(self) -> ErrorRecord:
        return error_record(self.error_class, self.code, self.message)


class InvalidInput(GenerationError):
    """The item cannot be processed by any model of this kind: the sender's fault, never retried."""

    error_class: ErrorClass = "invalid_input"


class ModelError(GenerationError):
    """The model failed on this item. Never retried."""


class OutOfAcceleratorMemory(GenerationError):
    """The device refused an allocation."""

    error_class: ErrorClass = "oom_accelerator"


class Transient(GenerationError):
    """May pass by itself; the driver tries again."""

    error_class: ErrorClass = "transient"


class Infrastructure(GenerationError):
    """Not the model's doing (a full disk, a file whose digest is wrong); the driver tries again."""

    error_class: ErrorClass = "infra"


class Undecodable(GenerationError):
    """An evaluator cannot decode a sample's output: the sample's `model_error`, without any metric."""


class Cancelled(Exception):
    """Raised by `context.check_cancelled()`; leaving `generate` with it keeps the worker loaded."""
