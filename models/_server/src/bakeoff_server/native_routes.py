"""The native protocol: PUT, GET and DELETE /generate/{id}."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .generation import Generation, Subscriber
from .generations import Generations, Order
from .problems import Problem
from .request_body import parse_body
from .server_state import ServerState
from .settings import NATIVE_BODY_LIMIT_BYTES
from .wire import GENERATION_ID_PATTERN, FileReference, GenerateBody

SHOWN = ("progress", "text")


def add_native_routes(app: FastAPI, state: ServerState) -> None:
    """Mounts the three routes on one shared table of generations."""
    generations = Generations(state)

    async def put(request: Request) -> Response:
        generation_id = _generation_id(request)
        body, size_bytes = await parse_body(request, GenerateBody, NATIVE_BODY_LIMIT_BYTES)
        generation = generations.accept(_order(generation_id, body, size_bytes, state))
        if "respond-async" in request.headers.get("prefer", ""):
            headers = {
                "location": f"/generate/{generation_id}",
                "preference-applied": "respond-async",
            }
            return record_response(generation, 202, headers)
        if "text/event-stream" in request.headers.get("accept", ""):
            return StreamingResponse(_events(generation), media_type="text/event-stream")
        await generation.settled.wait()
        return record_response(generation, 200)

    async def get(request: Request) -> Response:
        return record_response(generations.get(_generation_id(request)), 200)

    async def delete(request: Request) -> Response:
        generation = generations.get(_generation_id(request))
        if generation.settled.is_set():
            generations.forget(generation)
            return Response(status_code=204)
        generations.cancel(generation)
        return record_response(generation, 202)

    app.add_route("/generate/{generation_id}", put, methods=["PUT"])
    app.add_route("/generate/{generation_id}", get, methods=["GET"])
    app.add_route("/generate/{generation_id}", delete, methods=["DELETE"])


def record_response(
    generation: Generation, status: int, headers: dict[str, str] | None = None
) -> Response:
    body = json.dumps(generation.record(), ensure_ascii=False)
    return Response(body.encode("utf-8"), status, headers, "application/json")


def _generation_id(request: Request) -> str:
    generation_id: str = request.path_params["generation_id"]
    if re.fullmatch(GENERATION_ID_PATTERN, generation_id) is None:
        raise Problem(
            400,
            "id-invalid",
            f"The id is {generation_id[:200]!r}; expected a letter or digit, then at most 127 of "
            "letters, digits, '.', '_', '-'.",
            "Take ids like '<sample>.<attempt>.<try>'.",
        )
    return generation_id


def _order(generation_id: str, body: GenerateBody, size_bytes: int, state: ServerState) -> Order:
    given = body.input
    return Order(
        id=generation_id,
        task=body.task,
        input={
            "prompt": given.prompt,
            "messages": given.messages or [],
            "files": [_input_file(file, state.settings.inputs) for file in given.files],
            "row": given.row or {},
        },
        params=body.params,
        seed=body.seed,
        output_dir=_output_dir(body.output.dir, state.settings.outputs),
        put_url=body.output.putUrl,
        output_format=body.output.format,
        deadline_s=body.deadlineSeconds,
        size_bytes=size_bytes,
    )


def _input_file(file: FileReference, inputs: Path | None) -> dict[str, Any]:
    """Only regular files that really lie under the inputs folder; the worker checks the digest."""
    real = Path(os.path.realpath(file.path))
    if inputs is None or inputs not in real.parents or not real.is_file():
        raise Problem(
            400,
            "input-file-refused",
            f"Input file {file.path!r} is no regular file under BAKEOFF_INPUTS ({inputs}).",
            "Put input files under the folder that BAKEOFF_INPUTS names.",
        )
    return {"path": str(real), "sha256": file.sha256, "contentType": file.contentType}


def _output_dir(given: str | None, outputs: Path | None) -> Path | None:
    """Makes the folder when it is missing; links that lead outside are followed and refused."""
    if given is None:
        return None
    real = Path(os.path.realpath(given))
    if outputs is None or not (real == outputs or outputs in real.parents):
        raise Problem(
            400,
            "output-dir-refused",
            f"output.dir {given!r} does not lie under BAKEOFF_OUTPUTS ({outputs}).",
            "Name a folder under the one that BAKEOFF_OUTPUTS names.",
        )
    try:
        real.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            400,
            "output-dir-unusable",
            f"output.dir {given!r}: {error.strerror}.",
            "Name a folder that can be written to.",
        ) from error
    return real


async def _events(generation: Generation) -> AsyncIterator[bytes]:
    """`progress`, `token`, at last `completed` with the record."""
    subscriber = Subscriber()
    generation.subscribers.add(subscriber)
    try:
        while not generation.settled.is_set():
            for event in await subscriber.take():
                yield _sse(event["event"], {k: event[k] for k in event if k in SHOWN})
        for event in subscriber.left_over():
            yield _sse(event["event"], {k: event[k] for k in event if k in SHOWN})
        yield _sse("completed", generation.record())
    finally:
        generation.subscribers.discard(subscriber)


def _sse(event: str, data: dict[str, Any]) -> bytes:
    body = json.dumps(data, ensure_ascii=False)
    return f"event: {event}\ndata: {body}\n\n".encode()
