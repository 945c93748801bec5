"""The engine as the SDK's worker calls it: the real weights, real images, no server.

Run with the packages of requirements.lock and pytest.
"""

from __future__ import annotations

import io
import struct
import sys
import threading
import zlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent
sys.path[:0] = [str(PACKAGE), str(PACKAGE.parent / "_server" / "src")]

from bakeoff_server import Context, Input, InvalidInput, Request  # noqa: E402
from PIL import Image  # noqa: E402

from adapter import RapidOcr  # noqa: E402

LINE = (Path(__file__).parent / "line.png").read_bytes()
LINE_TEXT = "The quiet harbour, 14 March 2019"


@pytest.fixture(scope="module")
def engine() -> RapidOcr:
    engine = RapidOcr()
    engine.setup()
    return engine


def read(engine: RapidOcr, *images: bytes, detect: bool = False, scale: float = 1) -> str | None:
    request = Request("line.0", "image-to-text", Input(), {"detect": detect, "scale": scale}, 1, list(images))
    context = Context(None, None, threading.Event(), lambda event: None)
    return engine.generate(request, context).text


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def test_reads_the_text_of_a_line(engine: RapidOcr) -> None:
    assert read(engine, LINE) == LINE_TEXT


def test_a_small_scale_loses_the_text_and_does_not_affect_the_next_image(engine: RapidOcr) -> None:
    weak = read(engine, LINE, scale=0.15)

    assert weak != LINE_TEXT
    assert read(engine, LINE) == LINE_TEXT


def test_with_detection_two_lines_are_read_from_top_to_bottom(engine: RapidOcr) -> None:
    line = Image.open(io.BytesIO(LINE))
    page = Image.new("L", (line.width + 80, 4 * line.height), 235)
    page.paste(line, (40, line.height // 2))
    page.paste(line.crop((0, 0, line.width // 2, line.height)), (40, 5 * line.height // 2))

    words = (read(engine, png(page), detect=True) or "").replace(" ", "")

    assert words.startswith("Thequietharbour")
    assert words.count("Thequiet") == 2


def test_an_image_without_text_gives_an_empty_text(engine: RapidOcr) -> None:
    assert read(engine, png(Image.new("L", (300, 40), 255))) == ""
    assert read(engine, png(Image.new("L", (300, 40), 255)), detect=True) == ""


@pytest.mark.parametrize(
    ("images", "code"),
    [
        ([], "image-count"),
        ([LINE, LINE], "image-count"),
        ([b"GIF89a and so on"], "image-format"),
        ([b""], "image-format"),
        ([LINE[: len(LINE) // 2]], "image-undecodable"),
        ([png(Image.new("L", (2_000, 8), 255))], "image-shape"),
    ],
)
def test_refuses_what_is_not_one_image(engine: RapidOcr, images: list[bytes], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(engine, *images)

    assert refused.value.code == code


@pytest.mark.parametrize("side", [4_000, 12_000, 60_000])
def test_refuses_a_small_file_that_claims_a_huge_image(engine: RapidOcr, side: int) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    claiming = LINE[:12] + header + struct.pack(">I", zlib.crc32(header)) + LINE[33:]

    with pytest.raises(InvalidInput) as refused:
        read(engine, claiming)

    assert refused.value.code == "image-too-large"


def test_enlarging_beyond_the_limit_is_refused(engine: RapidOcr) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(engine, png(Image.new("L", (2_000, 2_000), 255)), scale=3)

    assert refused.value.code == "image-too-large"
