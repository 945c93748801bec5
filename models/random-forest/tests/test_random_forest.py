"""RandomForest learns from its own rows alone, and answers the same for the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from adapter import RandomForest
from bakeoff_server import Context, InvalidInput, Request
from bakeoff_server.author import Input
from bakeoff_tabular import read_table
from server_process import running_server

PACKAGE = Path(__file__).resolve().parents[1]
SUITE = PACKAGE.parents[1] / "examples/suites/diabetes/items.jsonl"
ITEMS = [json.loads(line) for line in SUITE.read_text().splitlines()]
MANIFEST = yaml.safe_load((PACKAGE / "model.yaml").read_text())
DEFAULTS = {name: schema["default"] for name, schema in MANIFEST["params"]["properties"].items()}


@pytest.fixture(scope="module")
def model() -> RandomForest:
    model = RandomForest()
    model.setup()
    return model


def answers(model: RandomForest, count: int = 142, **params: Any) -> list[float]:
    """Predictions for the first rows of the suite."""

    def one(item: dict[str, Any]) -> float:
        asked = Input(row=item["input"]["row"])
        request = Request(item["id"], "tabular-regression", asked, {**DEFAULTS, **params}, 1)
        return float(model.generate(request, Context(None, None, None, None)).value)  # type: ignore

    return [one(item) for item in ITEMS[:count]]


def mean_absolute_error(predictions: list[float]) -> float:
    truths = [item["reference"]["value"] for item in ITEMS[: len(predictions)]]
    return sum(abs(p - t) for p, t in zip(predictions, truths, strict=True)) / len(truths)


def test_it_is_far_better_than_the_mean_on_rows_it_has_not_seen(model: RandomForest) -> None:
    targets = read_table(PACKAGE / "data/train.csv").targets
    mean = sum(targets) / len(targets)

    assert mean_absolute_error(answers(model)) < 0.8 * mean_absolute_error([mean] * 142)


def test_two_loads_answer_bit_for_bit_the_same(model: RandomForest) -> None:
    other = RandomForest()
    other.setup()

    assert answers(other, 20) == answers(model, 20)


def test_the_fit_that_is_ready_is_that_of_the_manifest(model: RandomForest) -> None:
    fits = model.fitted.cache_info().misses

    answers(model, 1)

    assert model.fitted.cache_info().misses == fits


def test_trees_do_not_extrapolate(model: RandomForest) -> None:
    targets = read_table(PACKAGE / "data/train.csv").targets
    giant = {name: 1e6 for name in ITEMS[0]["input"]["row"]}
    request = Request("x", "tabular-regression", Input(row=giant), DEFAULTS, 1)

    value = model.generate(request, Context(None, None, None, None)).value  # type: ignore[arg-type]

    assert min(targets) <= float(value) <= max(targets)  # type: ignore[arg-type]


def test_params_of_the_request_decide_what_is_fitted(model: RandomForest) -> None:
    stump = answers(model, 60, n_estimators=1, max_depth=1)

    assert len(set(stump)) <= 2
    assert mean_absolute_error(stump) > mean_absolute_error(answers(model, 60))


def test_a_row_without_a_column_is_an_invalid_input(model: RandomForest) -> None:
    row = {name: value for name, value in ITEMS[0]["input"]["row"].items() if name != "bmi"}
    request = Request("x", "tabular-regression", Input(row=row), DEFAULTS, 1)

    with pytest.raises(InvalidInput):
        model.generate(request, Context(None, None, None, None))  # type: ignore[arg-type]


def test_the_environment_does_not_hold_the_rows_of_the_suite() -> None:
    """The manifest prunes them from the library; an environment that was not pruned fails here."""
    from sklearn.datasets import load_diabetes

    with pytest.raises((FileNotFoundError, ModuleNotFoundError)):
        load_diabetes()


def test_a_server_answers_as_the_model_does_and_names_its_libraries(
    model: RandomForest, tmp_path: Path
) -> None:
    body = {"task": "tabular-regression", "input": ITEMS[0]["input"], "params": {}, "seed": 1}

    with running_server(PACKAGE, tmp_path, MANIFEST["runtime"]["command"][2:]) as server:
        libraries = server.health()["libraries"]
        record = server.ask("PUT", "/generate/row.0.1.1", body).json

    # Not to the bit: the kernel that the linear algebra library picks may differ between environments.
    assert record["output"]["value"] == pytest.approx(answers(model, 1)[0], rel=1e-12)
    assert record["effectiveParams"] == DEFAULTS
    assert (libraries["numpy"], libraries["scikit-learn"]) == ("2.4.6", "1.9.1")
