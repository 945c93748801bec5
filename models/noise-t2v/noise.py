"""Uniform noise as a clip, whatever the prompt. Loaded by the worker of adapter.py."""

import numpy as np
from bakeoff_media.webm import CONTENT_TYPE, write_clip
from bakeoff_server import Context, Model, Output, OutputFile, Request

FRAMES, SIDE_PX, FPS = 8, 32, 8


def noise_frames(seed: int) -> np.ndarray:
    """Uniform noise, uint8 (FRAMES, SIDE_PX, SIDE_PX, 3), from numpy's Philox generator."""
    generator = np.random.Generator(np.random.Philox(seed))
    return generator.integers(0, 256, (FRAMES, SIDE_PX, SIDE_PX, 3), dtype=np.uint8)


class Noise(Model):
    """The lower end of every scale: what no measure may reward. A reference, never ranked."""

    def generate(self, request: Request, context: Context) -> Output:
        frames = noise_frames(request.seed or 0)
        with context.stage("encode"):
            write_clip(context.output_dir / "clip.webm", frames, FPS)
        clip = OutputFile("clip.webm", "video", CONTENT_TYPE, SIDE_PX, SIDE_PX, FRAMES, FPS)
        return Output(files=[clip])
