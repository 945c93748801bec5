"""A predictor that never becomes ready."""

from cog import BasePredictor


class Predictor(BasePredictor):
    def setup(self) -> None:
        raise RuntimeError("no weights here")

    def predict(self, prompt: str) -> str:
        return prompt
