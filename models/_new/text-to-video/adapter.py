"""__NAME__: a square that moves to the right, whatever the prompt. Write your own in its place.

Started by `python -m bakeoff_server adapter:Starter`; runs in the SDK's worker.
"""

from __future__ import annotations

import numpy as np
from bakeoff_media.webm import CONTENT_TYPE, write_clip
from bakeoff_server import Context, InvalidInput, Model, Output, OutputFile, Request

SIDE_PX, SQUARE_PX, FPS = 32, 8, 8


def moving_square(seed: int, frames: int) -> np.ndarray:
    """uint8 (frames, SIDE_PX, SIDE_PX, 3): a square of the seed's colour on black."""
    colour = np.random.Generator(np.random.Philox(seed)).integers(64, 256, 3, dtype=np.uint8)
    clip = np.zeros((frames, SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    for number in range(frames):
        left = number * (SIDE_PX - SQUARE_PX) // (frames - 1)
        clip[number, SQUARE_PX : 2 * SQUARE_PX, left : left + SQUARE_PX] = colour
    return clip


class Starter(Model):
    def setup(self) -> None:
        """Load weights here: once per worker, before the server is ready."""

    def generate(self, request: Request, context: Context) -> Output:
        if not request.text.strip():
            raise InvalidInput("no-prompt", "The prompt is empty; expected words.")
        frames = request.params["frames"]
        clip = moving_square(request.seed or 0, frames)  # all that is random follows from the seed
        context.check_cancelled()
        with context.stage("encode"):
            write_clip(context.output_dir / "clip.webm", clip, FPS)
        return Output(files=[OutputFile("clip.webm", "video", CONTENT_TYPE, SIDE_PX, SIDE_PX, frames, FPS)])
