"""Maps what model code raised to an error of the contract. Used in the worker alone."""

from __future__ import annotations

import errno

from .errors import ErrorRecord, GenerationError, error_record


def failure_of(error: BaseException) -> ErrorRecord:
    """The error record of an exception; out of memory only where the exception is the evidence."""
    if isinstance(error, GenerationError):
        return error.record()
    if isinstance(error, MemoryError):
        return error_record("oom_host", "memory-error", f"MemoryError: {error or 'no message'}")
    if _is_accelerator_memory(error):
        return error_record("oom_accelerator", "accelerator-memory", str(error))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return error_record("infra", "disk-full", f"{error.strerror}: {error.filename}")
    return error_record("model_error", "exception", f"{type(error).__name__}: {error}")


def _is_accelerator_memory(error: BaseException) -> bool:
    """True for torch's OutOfMemoryError, known by name: the SDK imports no model library."""
    return any(
        kind.__name__ == "OutOfMemoryError" and kind.__module__.split(".")[0] == "torch"
        for kind in type(error).__mro__
    )
