"""A tiny predictor of text: says what it was given, or does what the prompt names. Run by Cog's own HTTP server."""

import hashlib
import time

from cog import BasePredictor, Input, Path


class Predictor(BasePredictor):
    def predict(
        self,
        prompt: str = Input(description="What to say."),
        seed: int = Input(default=0),
        volume: float = Input(default=1.0),
        picture: Path = Input(default=None),
    ) -> str:
        if prompt == "fail":
            raise ValueError("no words for this")
        if prompt == "slow":
            time.sleep(3)
        if prompt == "long":
            return "é" * 40_000
        seen = "none" if picture is None else hashlib.sha256(picture.read_bytes()).hexdigest()
        return f"{prompt}|{seed}|{volume}|{seen}"
