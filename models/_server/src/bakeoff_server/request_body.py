"""Reads request bodies within a limit and parses them. Called by every route that takes a body."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from .problems import Problem, body_problem

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """The raw body; refused as soon as the limit is passed, whatever Content-Length says."""
    announced = request.headers.get("content-length", "")
    too_large = Problem(
        413,
        "body-too-large",
        f"The body has more than {limit_bytes} bytes.",
        "Send large inputs as files under the inputs folder.",
    )
    if announced.isdigit() and int(announced) > limit_bytes:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise too_large
    return bytes(body)


async def parse_body(request: Request, shape: type[M], limit_bytes: int) -> tuple[M, int]:
    """The parsed body and its size in bytes; a Problem with every fault otherwise."""
    raw = await read_body(request, limit_bytes)
    try:
        return shape.model_validate_json(raw), len(raw)
    except ValidationError as error:
        raise body_problem(error) from error
