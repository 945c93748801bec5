"""The openai-chat protocol: the same Model class behind /v1/chat/completions and /v1/models.

Errors have that API's shape, with our class and code inside, so that any of its clients understands.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .chat_wire import ChatBody, inline_images, plain_messages
from .errors import ErrorRecord, error_record
from .generation import Generation, Subscriber
from .generations import Generations, Order
from .problems import Problem, headers_of
from .request_body import parse_body
from .server_state import ServerState
from .settings import CHAT_BODY_LIMIT_BYTES

STATUS_OF_CLASS = {"invalid_input": 400, "timeout": 504, "transient": 503}


def add_chat_routes(app: FastAPI, state: ServerState) -> None:
    """Mounts the two routes. A client that goes away cancels its generation."""
    generations = Generations(state)
    started = int(time.time())

    async def models(request: Request) -> Response:
        entry = {
            "id": state.manifest.id,
            "object": "model",
            "created": started,
            "owned_by": "bakeoff",
        }
        return _json({"object": "list", "data": [entry]}, 200)

    async def completions(request: Request) -> Response:
        try:
            body, size_bytes = await parse_body(request, ChatBody, CHAT_BODY_LIMIT_BYTES)
            generation = generations.accept(_order(body, size_bytes, state))
        except Problem as problem:
            return _refusal(problem)
        if body.stream:
            with_usage = body.stream_options is not None and body.stream_options.include_usage
            chunks = _chunks(generation, generations, _head(generation, state), with_usage)
            return StreamingResponse(chunks, media_type="text/event-stream")
        await _settled_or_gone(generation, generations, request)
        return _completion(generation, state)

    app.add_route("/v1/models", models, methods=["GET"])
    app.add_route("/v1/chat/completions", completions, methods=["POST"])


def _json(body: dict[str, Any], status: int) -> Response:
    data = json.dumps(body, ensure_ascii=False).encode("utf-8")
    return Response(data, status, media_type="application/json")


def _order(body: ChatBody, size_bytes: int, state: ServerState) -> Order:
    if body.model != state.manifest.id:
        raise Problem(
            404,
            "model-unknown",
            f"The model is {body.model[:100]!r}; this server has {state.manifest.id!r}.",
            "Ask GET /v1/models for the name.",
        )
    messages = plain_messages(body.messages)
    return Order(
        id=f"chatcmpl-{uuid.uuid4().hex}",
        task=state.manifest.tasks[0],
        input={"prompt": None, "messages": messages, "files": [], "row": {}},
        params=body.params,
        seed=body.seed,
        inline_text=True,
        images=inline_images(body.messages),
        size_bytes=size_bytes,
    )


def _refusal(problem: Problem) -> Response:
    kind = "invalid_request_error" if problem.status < 500 else "server_error"
    error = {
        "message": f"{problem.detail} {problem.remedy}",
        "type": kind,
        "param": None,
        "code": problem.code,
    }
    body, headers = json.dumps({"error": error}), headers_of(problem)
    return Response(body, problem.status, headers, "application/json")


def _error_body(error: ErrorRecord) -> dict[str, Any]:
    kind = "invalid_request_error" if error["class"] == "invalid_input" else "server_error"
    return {"error": {**error, "type": kind, "param": None}}


async def _settled_or_gone(
    generation: Generation, generations: Generations, request: Request
) -> None:
    """Waits for the end; cancels when the client closes its connection first."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    settled = asyncio.create_task(generation.settled.wait())
    leaving = asyncio.create_task(gone())
    await asyncio.wait({settled, leaving}, return_when=asyncio.FIRST_COMPLETED)
    if not generation.settled.is_set():
        generations.cancel(generation)
    for task in (settled, leaving):
        task.cancel()


def _head(generation: Generation, state: ServerState) -> dict[str, Any]:
    created = int(time.time())
    return {"id": generation.id, "created": created, "model": state.manifest.id}


def _usage(generation: Generation) -> dict[str, int] | None:
    """Token counts, where the model counts both; never a guess."""
    counted = generation.record()["usage"] or {}
    prompt, completion = counted.get("promptTokens"), counted.get("completionTokens")
    if prompt is None or completion is None:
        return None
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _text(generation: Generation) -> str:
    output = generation.output or {}
    return str(output.get("text", output.get("value", "")))


def _completion(generation: Generation, state: ServerState) -> Response:
    if generation.error is not None:
        status = STATUS_OF_CLASS.get(generation.error["class"], 500)
        return _json(_error_body(generation.error), status)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": _text(generation)},
        "finish_reason": "stop",
    }
    head = {**_head(generation, state), "object": "chat.completion", "choices": [choice]}
    usage = _usage(generation)
    return _json({**head, "usage": usage} if usage else head, 200)


async def _chunks(
    generation: Generation, generations: Generations, head: dict[str, Any], with_usage: bool
) -> AsyncIterator[bytes]:
    """The stream: role, pieces of text, finish reason, usage where asked and known, [DONE]."""
    head = {**head, "object": "chat.completion.chunk"}
    subscriber = Subscriber()
    generation.subscribers.add(subscriber)
    streamed = ""
    try:
        yield _chunk(head, {"role": "assistant", "content": ""}, None)
        while True:
            ended = generation.settled.is_set()
            events = subscriber.left_over() if ended else await subscriber.take()
            for event in events:
                if event["event"] == "token":
                    streamed += event["text"]
                    yield _chunk(head, {"content": event["text"]}, None)
            if ended:
                break
        for data in _last_chunks(generation, head, streamed, with_usage):
            yield data
    finally:
        generation.subscribers.discard(subscriber)
        if not generation.settled.is_set():
            generations.cancel(generation)


def _last_chunks(
    generation: Generation, head: dict[str, Any], streamed: str, with_usage: bool
) -> list[bytes]:
    done = b"data: [DONE]\n\n"
    if generation.error is not None:
        return [_sse(_error_body(generation.error)), done]
    text = _text(generation)
    if not text.startswith(streamed):
        # What was sent cannot be taken back, and it is not the answer.
        message = f"The tokens are no beginning of the answer's text of {len(text)} characters."
        return [_sse(_error_body(error_record("model_error", "stream-differs", message))), done]
    # A model that streams nothing, or less than it answers, still delivers its whole answer.
    rest = text[len(streamed) :]
    chunks = [_chunk(head, {"content": rest}, None)] if rest else []
    chunks.append(_chunk(head, {}, "stop"))
    usage = _usage(generation)
    if with_usage and usage:
        chunks.append(_sse({**head, "choices": [], "usage": usage}))
    return [*chunks, done]


def _chunk(head: dict[str, Any], delta: dict[str, str], finish_reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _sse({**head, "choices": [choice]})


def _sse(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()
