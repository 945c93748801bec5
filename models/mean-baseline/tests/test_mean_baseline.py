"""The mean of the training targets, whatever it is asked; nothing else is accepted."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from adapter import MeanBaseline
from bakeoff_server import InvalidInput, Output, Request
from bakeoff_server.author import Input

ROW = {"age": 1, "sex": 1, "bmi": 1, "bp": 1, "s1": 1, "s2": 1, "s3": 1, "s4": 1, "s5": 1, "s6": 1}


def answer(row: dict[str, float | str | None]) -> Output:
    model = MeanBaseline()
    model.setup()
    request = Request("row.0.1.1", "tabular-regression", Input(row=row), {}, 1)
    return model.generate(request, None)  # type: ignore[arg-type]


def test_the_answer_is_the_mean_of_the_training_targets() -> None:
    with Path("data/train.csv").open(newline="") as file:
        targets = [float(line["target"]) for line in csv.DictReader(file)]

    assert answer(dict(ROW)).value == pytest.approx(sum(targets) / 300, rel=1e-12)


@pytest.mark.parametrize(
    "change", [{"age": None}, {"age": "old"}, {"target": 151}], ids=["missing", "text", "unknown"]
)
def test_a_row_with_other_columns_is_an_invalid_input(
    change: dict[str, float | str | None],
) -> None:
    with pytest.raises(InvalidInput):
        answer({**ROW, **change})
