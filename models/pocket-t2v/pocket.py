"""Samples clips with the trained denoiser. Loaded by the worker of adapter.py."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from bakeoff_media.webm import CONTENT_TYPE, write_clip
from bakeoff_server import Context, InvalidInput, Model, Output, OutputFile, Request, library_versions

from prompt_words import bag_of_prompt
from sampler import sample

WEIGHTS = Path(__file__).parent / "weights" / "pocket-t2v.onnx"
FPS = 8


def load_denoiser(threads: int) -> onnxruntime.InferenceSession:
    """The denoiser on the CPU, with so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A waiting thread sleeps: spinning costs CPU-seconds, and on a busy machine far more time than it saves.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(WEIGHTS), options, providers=["CPUExecutionProvider"])


class Pocket(Model):
    """A small text-to-video diffusion model."""

    def setup(self) -> None:
        self._session = load_denoiser(int(os.environ.get("BAKEOFF_CPUS", "1")))

    def health_check(self) -> dict[str, Any]:
        return {"libraries": library_versions("onnxruntime", "numpy", "av")}

    def denoise(self, noisy: np.ndarray, time: np.ndarray, bag: np.ndarray) -> np.ndarray:
        """The predicted clean clips of a batch."""
        return self._session.run(None, {"noisy": noisy, "time": time, "bag": bag})[0]

    def generate(self, request: Request, context: Context) -> Output:
        try:
            bag = bag_of_prompt(request.text)
        except ValueError as error:
            raise InvalidInput("prompt-unknown", f"{error}.") from error
        steps = int(request.params["steps"])

        def on_step(done: int) -> None:
            context.check_cancelled()
            context.progress(done / steps)

        frames = sample(
            self.denoise,
            bag,
            seed=request.seed or 0,
            steps=steps,
            guidance=float(request.params["guidance"]),
            on_step=on_step,
        )
        with context.stage("encode"):
            write_clip(context.output_dir / "clip.webm", frames, FPS)
        count, height, width = frames.shape[:3]
        return Output(files=[OutputFile("clip.webm", "video", CONTENT_TYPE, width, height, count, FPS)])
