"""Request bodies of /v1/chat/completions, as far as one turn with images needs it.

Top-level members beside these are params of the model and are checked by the manifest's schema.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .problems import Problem
from .wire import MAX_SEED, Body

IMAGE_LIMIT_BYTES = 16 * 1024 * 1024
IMAGE_COUNT_LIMIT = 64
# Members of the public API that change nothing here and that clients send anyway.
IGNORED_MEMBERS = frozenset({"user", "store", "metadata", "n"})


class TextPart(Body):
    type: Literal["text"]
    text: str


class ImageUrl(BaseModel):
    model_config = ConfigDict(strict=True)

    url: str


class ImagePart(Body):
    type: Literal["image_url"]
    image_url: ImageUrl


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class Message(BaseModel):
    model_config = ConfigDict(strict=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part]


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatBody(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)

    model: str
    messages: list[Message] = Field(min_length=1, max_length=256)
    seed: int | None = Field(default=None, ge=0, le=MAX_SEED)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, ge=1, le=1)

    @property
    def params(self) -> dict[str, Any]:
        extra = self.model_extra or {}
        return {name: value for name, value in extra.items() if name not in IGNORED_MEMBERS}


def inline_images(messages: list[Message]) -> list[str]:
    """The images in order as checked base64; anything but a `data:` URL is refused, never fetched."""
    urls = [
        part.image_url.url
        for message in messages
        if not isinstance(message.content, str)
        for part in message.content
        if isinstance(part, ImagePart)
    ]
    if len(urls) > IMAGE_COUNT_LIMIT:
        raise _refused(f"{len(urls)} images; expected at most {IMAGE_COUNT_LIMIT}")
    return [_image_data(url) for url in urls]


def _image_data(url: str) -> str:
    head, comma, data = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64") and comma):
        raise _refused(f"image_url begins with {url[:40]!r}; expected 'data:image/...;base64,'")
    if len(data) > IMAGE_LIMIT_BYTES * 4 // 3 + 4:
        raise _refused(f"an image has more than {IMAGE_LIMIT_BYTES} bytes")
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused(f"an image is not valid base64: {error}") from error
    return data


def _refused(detail: str) -> Problem:
    return Problem(400, "image-refused", detail, "Inline images as data: URLs in base64.")


def plain_messages(messages: list[Message]) -> list[dict[str, Any]]:
    """The messages for the author, without the images' bytes: those are `request.images`."""
    plain: list[dict[str, Any]] = []
    for message in messages:
        content: Any = message.content
        if not isinstance(content, str):
            content = [
                {"type": "text", "text": part.text}
                if isinstance(part, TextPart)
                else {"type": "image"}
                for part in content
            ]
        plain.append({"role": message.role, "content": content})
    return plain
