"""What a model's worker does with one `generate` command. Called by worker_main.py.

Answers with one final message and never raises: an exception of the model's code is that generation's
failure, the worker lives on.
"""

from __future__ import annotations

import base64
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .author import Context, Input, InputFile, Model, Output, Request
from .errors import Cancelled
from .failures import failure_of
from .output_files import Destination, check_digest, package_output
from .upload import upload_files

Emit = Callable[[dict[str, Any]], None]
RunTask = Callable[[dict[str, Any], threading.Event, Emit], dict[str, Any]]


def model_tasks(model: Model) -> RunTask:
    """The runner of `generate` commands."""

    def run(command: dict[str, Any], cancel: threading.Event, emit: Emit) -> dict[str, Any]:
        if command.get("putUrl") is None:
            return generate(command, cancel, emit)
        with TemporaryDirectory(prefix="upload-") as folder:
            return generate({**command, "outputDir": folder}, cancel, emit)

    def generate(command: dict[str, Any], cancel: threading.Event, emit: Emit) -> dict[str, Any]:
        started = time.perf_counter()
        context = _context(command, cancel, emit)
        try:
            request = _request(command)
            started = context.begin()
            output = model.generate(request, context)
            generate_ms = (time.perf_counter() - started) * 1000
            packaged = package_output(output, _destination(command))
            if command.get("putUrl") is not None:
                upload_files(packaged, context.output_dir, command["putUrl"])
        except Cancelled:
            return {"event": "cancelled", "id": command["id"]}
        except BaseException as error:
            traceback.print_exc()
            elapsed_ms = (time.perf_counter() - started) * 1000
            timings = _timings(context, elapsed_ms)
            return {
                "event": "error",
                "id": command["id"],
                "error": failure_of(error),
                "timings": timings,
            }
        return {
            "event": "succeeded",
            "id": command["id"],
            "output": packaged,
            "timings": _timings(context, generate_ms),
            **_facts(output, request),
        }

    return run


def _context(command: dict[str, Any], cancel: threading.Event, emit: Emit) -> Context:
    identified: Emit = lambda message: emit({**message, "id": command["id"]})  # noqa: E731
    folder = command.get("outputDir")
    return Context(Path(folder) if folder else None, command.get("format"), cancel, identified)


def _destination(command: dict[str, Any]) -> Destination:
    folder = command.get("outputDir")
    return Destination(Path(folder) if folder else None, bool(command.get("inlineText")))


def _request(command: dict[str, Any]) -> Request:
    given = command["input"]
    files = [InputFile(Path(f["path"]), f["sha256"], f["contentType"]) for f in given["files"]]
    for file in files:
        check_digest(file.path, file.sha256)
    return Request(
        id=command["id"],
        task=command["task"],
        input=Input(given["prompt"], given["messages"], files, given["row"]),
        params=command["params"],
        seed=command["seed"],
        inline_images=[base64.b64decode(image) for image in command.get("images", [])],
    )


def _timings(context: Context, total_ms: float) -> dict[str, Any]:
    encode_ms = context.stages_ms.get("encode", 0.0)
    timings: dict[str, Any] = {
        "generateMs": round(total_ms - encode_ms, 3),
        "encodeMs": round(encode_ms, 3),
    }
    if context.first_token_ms is not None:
        timings["firstTokenMs"] = round(context.first_token_ms, 3)
    if context.stages_ms:
        timings["stages"] = {name: round(ms, 3) for name, ms in context.stages_ms.items()}
    return timings


def _facts(output: Output, request: Request) -> dict[str, Any]:
    usage = output.usage
    counted = {
        "promptTokens": usage.prompt_tokens if usage else None,
        "completionTokens": usage.completion_tokens if usage else None,
    }
    known = {name: count for name, count in counted.items() if count is not None}
    effective = request.params if output.effective_params is None else output.effective_params
    return {
        "usage": known or None,
        "effectiveParams": dict(effective),
        "peakAcceleratorMemoryMiB": output.peak_accelerator_memory_mib,
    }
