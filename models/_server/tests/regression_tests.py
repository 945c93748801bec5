"""What is asked of every regression package, whatever its method; inherited by the tests of those packages.

Runs in the environment of the package under test. Must not name the packages nor import their libraries.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from bakeoff_server import Context, InvalidInput, Request
from bakeoff_server.author import Input
from bakeoff_tabular import Table, read_table
from server_process import running_server

SUITE = Path(__file__).resolve().parents[3] / "examples/suites/diabetes/items.jsonl"
ITEMS = [json.loads(line) for line in SUITE.read_text().splitlines()]


class RegressionTests:
    """A package's test class inherits it and says which package it is; `model` is one that is ready."""

    folder: Path
    make: Callable[[], Any]
    # Versions that the server must report: the proof of the environment that it runs in.
    libraries: dict[str, str]

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Any:
        return cls.load()

    @classmethod
    def load(cls) -> Any:
        model = cls.make()
        model.setup()
        return model

    @property
    def manifest(self) -> dict[str, Any]:
        return yaml.safe_load((self.folder / "model.yaml").read_text())

    @property
    def defaults(self) -> dict[str, Any]:
        return {name: schema["default"] for name, schema in self.manifest["params"]["properties"].items()}

    @property
    def table(self) -> Table:
        return read_table(self.folder / "data/train.csv")

    def answer(self, model: Any, row: dict[str, float], **params: Any) -> float:
        request = Request("x", "tabular-regression", Input(row=row), {**self.defaults, **params}, 1)
        return float(model.generate(request, Context(None, None, None, None)).value)  # type: ignore[arg-type]

    def answers(self, model: Any, count: int = len(ITEMS), **params: Any) -> list[float]:
        """Predictions for the first rows of the suite."""
        return [self.answer(model, item["input"]["row"], **params) for item in ITEMS[:count]]

    def test_it_is_far_better_than_the_mean_on_rows_it_has_not_seen(self, model: Any) -> None:
        targets = self.table.targets
        mean = sum(targets) / len(targets)

        assert mean_absolute_error(self.answers(model)) < 0.8 * mean_absolute_error([mean] * len(ITEMS))

    def test_two_loads_answer_bit_for_bit_the_same(self, model: Any) -> None:
        assert self.answers(self.load(), 20) == self.answers(model, 20)

    def test_the_fit_that_is_ready_is_that_of_the_manifest(self) -> None:
        model = self.load()
        fits = model.fitted.cache_info().misses

        self.answers(model, 1)

        assert model.fitted.cache_info().misses == fits

    def test_a_row_without_a_column_is_an_invalid_input(self, model: Any) -> None:
        row = {name: value for name, value in ITEMS[0]["input"]["row"].items() if name != "bmi"}

        with pytest.raises(InvalidInput):
            self.answer(model, row)

    def test_the_environment_does_not_hold_the_rows_of_the_suite(self) -> None:
        """The manifest prunes them from the library; an environment that was not pruned fails here."""
        from sklearn.datasets import load_diabetes

        with pytest.raises((FileNotFoundError, ModuleNotFoundError)):
            load_diabetes()

    def test_a_server_answers_as_the_model_does_and_names_its_libraries(self, model: Any, tmp_path: Path) -> None:
        body = {"task": "tabular-regression", "input": ITEMS[0]["input"], "params": {}, "seed": 1}

        with running_server(self.folder, tmp_path, self.manifest["runtime"]["command"][2:]) as server:
            libraries = server.health()["libraries"]
            record = server.ask("PUT", "/generate/row.0.1.1", body).json

        # Not to the bit: the kernel that the linear algebra library picks may differ between environments.
        assert record["output"]["value"] == pytest.approx(self.answers(model, 1)[0], rel=1e-12)
        assert record["effectiveParams"] == self.defaults
        assert {name: libraries[name] for name in self.libraries} == self.libraries


def mean_absolute_error(predictions: list[float]) -> float:
    truths = [item["reference"]["value"] for item in ITEMS[: len(predictions)]]
    return sum(abs(p - t) for p, t in zip(predictions, truths, strict=True)) / len(truths)
