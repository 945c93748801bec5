"""Renders the scene that the prompt names. Loaded by the worker of adapter.py."""

import numpy as np
from bakeoff_media.webm import CONTENT_TYPE, write_clip
from bakeoff_server import Context, InvalidInput, Model, Output, OutputFile, Request

from renderer import draw_take, render, to_bytes
from world import FPS, FRAMES, SIDE_PX, read_prompt


class Oracle(Model):
    """The truth as a model: the upper end of every scale. A reference, never ranked."""

    def generate(self, request: Request, context: Context) -> Output:
        try:
            scene = read_prompt(request.text)
        except ValueError as error:
            raise InvalidInput("prompt-unknown", f"{error}.") from error
        generator = np.random.Generator(np.random.Philox(request.seed or 0))
        frames = to_bytes(render(scene, draw_take(generator)))
        with context.stage("encode"):
            write_clip(context.output_dir / "clip.webm", frames, FPS)
        clip = OutputFile("clip.webm", "video", CONTENT_TYPE, SIDE_PX, SIDE_PX, FRAMES, FPS)
        return Output(files=[clip])
