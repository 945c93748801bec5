"""What the model answers, without a server."""

from __future__ import annotations

import pytest
from adapter import Starter
from bakeoff_server import InvalidInput, Request
from bakeoff_server.author import Input


def answer(row: dict[str, float | str | None], offset: float = 0) -> float | str | None:
    model = Starter()
    model.setup()
    request = Request("a.0.1.1", "tabular-regression", Input(row=row), {"offset": offset}, 1)
    return model.generate(request, None).value  # type: ignore[arg-type]


def test_it_answers_with_the_mean_of_the_numbers() -> None:
    assert answer({"age": 30, "bmi": 20, "name": "x", "bp": None}) == 25


def test_the_offset_is_added() -> None:
    assert answer({"age": 30}, offset=-10) == 20


def test_a_row_without_numbers_is_an_invalid_input() -> None:
    with pytest.raises(InvalidInput):
        answer({"name": "x"})
