"""RandomForest learns from its own rows alone, and answers the same for the same."""

from __future__ import annotations

from pathlib import Path

from adapter import RandomForest
from regression_tests import ITEMS, RegressionTests, mean_absolute_error


class TestRandomForest(RegressionTests):
    folder = Path(__file__).resolve().parents[1]
    make = RandomForest
    libraries = {"numpy": "2.4.6", "scikit-learn": "1.9.1"}

    def test_trees_do_not_extrapolate(self, model: RandomForest) -> None:
        targets = self.table.targets
        giant = {name: 1e6 for name in ITEMS[0]["input"]["row"]}

        assert min(targets) <= self.answer(model, giant) <= max(targets)

    def test_params_of_the_request_decide_what_is_fitted(self, model: RandomForest) -> None:
        stump = self.answers(model, 60, n_estimators=1, max_depth=1)

        assert len(set(stump)) <= 2
        assert mean_absolute_error(stump) > mean_absolute_error(self.answers(model, 60))
