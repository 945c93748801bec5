"""Frames between the server and its worker: four bytes of length (big-endian), then JSON in UTF-8.

JSON and not pickle, so that neither side can make the other run code. Used by worker.py (asyncio) and
worker_main.py (blocking).
"""

from __future__ import annotations

import asyncio
import json
import struct
from socket import socket
from typing import Any

HEAD = struct.Struct(">I")
FRAME_LIMIT_BYTES = 256 * 1024 * 1024


def encode_frame(message: dict[str, Any]) -> bytes:
    """Encodes one message; NaN and infinities are refused, they are not JSON."""
    body = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return HEAD.pack(len(body)) + body


def _length(head: bytes) -> int:
    length: int = HEAD.unpack(head)[0]
    if length > FRAME_LIMIT_BYTES:
        raise ValueError(f"frame of {length} bytes; expected at most {FRAME_LIMIT_BYTES}")
    return length


async def read_frame(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message, or None when the other side is gone."""
    try:
        body = await reader.readexactly(_length(await reader.readexactly(HEAD.size)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def receive_frame(channel: socket) -> dict[str, Any] | None:
    """Blocking form of read_frame, for the worker."""
    head = _receive_exactly(channel, HEAD.size)
    body = None if head is None else _receive_exactly(channel, _length(head))
    if body is None:
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def _receive_exactly(channel: socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        try:
            piece = channel.recv(min(count - len(parts), 1 << 20))
        except ConnectionError:
            return None
        if not piece:
            return None
        parts += piece
    return bytes(parts)
