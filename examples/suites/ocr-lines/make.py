"""Makes the suite ocr-lines: 72 grayscale line images and their truth, byte for byte from one seed.

Run by hand with the packages of requirements.lock (see README.md): `python make.py [--out FOLDER]`. The test
beside it runs it into a scratch folder and compares. Knows nothing of the engines that will read the lines.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from line_text import CONTENTS, compose

SEED = 20261120
LINES_PER_CONTENT = 18
PROMPT = "Transcribe the text in this image. Answer with the text only."
LICENSE = "Apache-2.0"

# name -> (module of the font package, file in it). All Apache-2.0 or SIL OFL 1.1.
FONTS = {
    "roboto": ("font_roboto", "Roboto-Regular.ttf"),
    "roboto-light-italic": ("font_roboto", "Roboto-LightItalic.ttf"),
    "source-sans-bold": ("font_source_sans_pro", "SourceSansPro-Bold.ttf"),
    "source-serif": ("font_source_serif_pro", "SourceSerifPro-Regular.ttf"),
    "source-serif-italic": ("font_source_serif_pro", "SourceSerifPro-It.ttf"),
    "caladea": ("font_caladea", "Caladea-Regular.ttf"),
    "caladea-bold-italic": ("font_caladea", "Caladea-BoldItalic.ttf"),
}
SIZES_PX = (16, 22, 30)
ROTATIONS_DEG = (0.0, 0.6, -1.2)
NOISES = ("none", "low", "high")



@dataclass(frozen=True)
class Degradation:
    """What a noise level does to a clean line."""

    ink: int
    paper: int
    blur_px: float
    grain: int  # largest change of a pixel, of 255
    specks_per_10k: int  # black or white pixels
    grey_levels: int  # few levels keep noisy files small


NOISE_LEVELS = {
    "none": Degradation(ink=10, paper=255, blur_px=0.0, grain=0, specks_per_10k=0, grey_levels=16),
    "low": Degradation(ink=50, paper=235, blur_px=0.5, grain=26, specks_per_10k=8, grey_levels=16),
    "high": Degradation(ink=60, paper=215, blur_px=0.7, grain=40, specks_per_10k=20, grey_levels=8),
}


@dataclass(frozen=True)
class Line:
    """One line to draw, before it is drawn."""

    item_id: str
    content: str
    text: str
    font: str
    size_px: int
    rotation_deg: float
    noise: str


def plan_lines() -> list[Line]:
    """All lines in item order: every content meets every size, noise and rotation equally often."""
    lines = []
    for content_index, content in enumerate(CONTENTS):
        seen: set[str] = set()
        for index in range(LINES_PER_CONTENT):
            item_id = f"{content}-{index + 1:02d}"
            rng = random.Random(f"{SEED}/text/{item_id}")
            text = compose(content, rng)
            while text in seen:
                text = compose(content, rng)
            seen.add(text)
            lines.append(
                Line(
                    item_id=item_id,
                    content=content,
                    text=text,
                    font=list(FONTS)[(index + 3 * content_index) % len(FONTS)],
                    size_px=SIZES_PX[index % 3],
                    rotation_deg=ROTATIONS_DEG[(index + index // 3 + index // 9) % 3],
                    noise=NOISES[index // 3 % 3],
                )
            )
    return lines


def font_path(name: str) -> Path:
    """The font's file in its installed package; the module itself is never imported."""
    module, file = FONTS[name]
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"The font package {module} is not installed. Install requirements.lock first.")
    return Path(spec.submodule_search_locations[0]) / "files" / file


def draw(line: Line) -> Image.Image:
    """The line as an 8-bit grayscale image."""
    level = NOISE_LEVELS[line.noise]
    font = ImageFont.truetype(str(font_path(line.font)), line.size_px, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = font.getbbox(line.text)
    margin = max(6, line.size_px // 3)
    image = Image.new("L", (right - left + 2 * margin, bottom - top + 2 * margin), level.paper)
    ImageDraw.Draw(image).text((margin - left, margin - top), line.text, font=font, fill=level.ink)
    if line.rotation_deg:
        image = image.rotate(line.rotation_deg, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=level.paper)
    if level.blur_px:
        image = image.filter(ImageFilter.GaussianBlur(level.blur_px))
    pixels = _with_noise(image.tobytes(), random.Random(f"{SEED}/noise/{line.item_id}"), level)
    steps = level.grey_levels - 1
    return Image.frombytes("L", image.size, bytes((value * steps + 127) // 255 * 255 // steps for value in pixels))


def _with_noise(pixels: bytes, rng: random.Random, level: Degradation) -> bytes:
    """Adds triangular grain and black or white specks. Integers only: no libm, so no difference between machines."""
    if level.grain == 0:
        return pixels
    out = bytearray(pixels)
    for position, value in enumerate(out):
        grain = (rng.getrandbits(8) + rng.getrandbits(8) - 255) * level.grain // 255
        out[position] = min(255, max(0, value + grain))
    for _ in range(len(out) * level.specks_per_10k // 10_000):
        out[rng.randrange(len(out))] = 255 * rng.getrandbits(1)
    return bytes(out)


def write_suite(folder: Path) -> None:
    """Writes images/*.png and items.jsonl into the folder."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    rows = []
    for line in plan_lines():
        path = images / f"{line.item_id}.png"
        draw(line).save(path, format="PNG", compress_level=9)
        rows.append(json.dumps(item_of(line, hashlib.sha256(path.read_bytes()).hexdigest()), ensure_ascii=False))
    (folder / "items.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


def item_of(line: Line, sha256: str) -> dict[str, object]:
    """The item of a drawn line as it stands in items.jsonl."""
    return {
        "id": line.item_id,
        "input": {
            "prompt": PROMPT,
            "files": [{"path": f"images/{line.item_id}.png", "sha256": sha256, "contentType": "image/png"}],
        },
        "reference": {"text": line.text},
        "attributes": {
            "content": line.content,
            "font": line.font,
            "size": f"{line.size_px}px",
            "rotation": f"{line.rotation_deg:g}deg",
            "noise": line.noise,
        },
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write into (default: this one)")
    write_suite(parser.parse_args().out)
