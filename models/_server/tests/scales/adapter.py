"""An evaluator that weighs text, and misbehaves for texts that ask for it. The tests' partner."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence

from bakeoff_server import Evaluator, Sample, State, StateFile, Undecodable, Unscored


class Scales(Evaluator):
    def evaluate(
        self, sample: Sample, scorers: Sequence[str]
    ) -> Mapping[str, Mapping[str, object]]:
        text = sample.files[0].path.read_text() if sample.files else sample.text or ""
        if text == "noise":
            raise Undecodable("not-text", "the text is noise")
        if text == "die":
            os.kill(os.getpid(), signal.SIGSEGV)
        vowels: object = (
            sum(letter in "aeiou" for letter in text) / len(text)
            if text
            else Unscored("no-text", "no letters")
        )
        scores = {
            "weight": {"length": float("nan") if text == "nan" else len(text), "vowels": vowels},
            "balance": {"mean-length": State(str(len(text)).encode())},
        }
        if text == "partial":
            del scores["weight"]["vowels"]
        return {name: scores[name] for name in scorers}

    def aggregate(self, scorer: str, metric: str, states: Sequence[StateFile]) -> float:
        if not states:
            raise ValueError("no states")
        # Order matters here on purpose: the server must hand states over in sample-id order.
        return sum((place + 1) * int(state.read()) for place, state in enumerate(states))
