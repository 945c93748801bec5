"""The committed suite is what its script makes, and is as balanced as its README says.

Run with the packages of requirements.lock and pytest. Byte equality holds for those wheels on x86-64 Linux.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image, ImageFont

SUITE = Path(__file__).parent.parent
sys.path.insert(0, str(SUITE))

import make  # noqa: E402


@pytest.fixture(scope="module")
def items() -> list[dict]:
    return [json.loads(line) for line in (SUITE / "items.jsonl").read_text(encoding="utf-8").splitlines()]


def files_of(folder: Path) -> dict[str, bytes]:
    paths = [folder / "items.jsonl", *sorted((folder / "images").iterdir())]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_the_script_makes_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    make.write_suite(tmp_path)

    assert files_of(tmp_path) == files_of(SUITE)


def test_every_digest_is_that_of_its_file_and_files_are_small(items: list[dict]) -> None:
    for item in items:
        (file,) = item["input"]["files"]
        data = (SUITE / file["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        assert len(data) < 15_000
        assert Image.open(SUITE / file["path"]).mode == "L"


def test_every_content_meets_every_size_noise_and_rotation_equally_often(items: list[dict]) -> None:
    assert len({item["id"] for item in items}) == len(items) == 72
    for name in ("size", "noise", "rotation"):
        cells = Counter((item["attributes"]["content"], item["attributes"][name]) for item in items)
        assert set(cells.values()) == {6} and len(cells) == 12
    pairs = Counter(tuple(item["attributes"][name] for name in ("content", "size", "noise")) for item in items)
    assert set(pairs.values()) == {2} and len(pairs) == 36


def test_references_are_composed_unicode_with_single_spaces(items: list[dict]) -> None:
    for text in (item["reference"]["text"] for item in items):
        assert text == unicodedata.normalize("NFC", text) == " ".join(text.split())


def test_every_font_has_every_character_that_any_line_may_need() -> None:
    import line_text

    words = itertools.chain(line_text.GIVEN, line_text.FAMILY, line_text.CITIES)
    needed = set("".join(words)) | set("0123456789@%=/-.,:?()")
    for name in make.FONTS:
        font = ImageFont.truetype(str(make.font_path(name)), 40, layout_engine=ImageFont.Layout.BASIC)
        missing_glyph = bytes(font.getmask("\uffff"))
        assert [c for c in needed - {" "} if bytes(font.getmask(c)) == missing_glyph] == []
