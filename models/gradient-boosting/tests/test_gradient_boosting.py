"""GradientBoosting learns from its own rows alone, and answers the same for the same."""

from __future__ import annotations

from pathlib import Path

from adapter import GradientBoosting
from regression_tests import RegressionTests


class TestGradientBoosting(RegressionTests):
    folder = Path(__file__).resolve().parents[1]
    make = GradientBoosting
    libraries = {"numpy": "2.4.6", "scikit-learn": "1.9.1"}

    def test_more_trees_fit_the_training_rows_better(self, model: GradientBoosting) -> None:
        table = self.table

        def training_error(trees: int) -> float:
            boosting = model.fitted(tuple(sorted({**self.defaults, "n_estimators": trees}.items())))
            pairs = zip(boosting.predict(table.rows), table.targets, strict=True)
            return sum(abs(prediction - target) for prediction, target in pairs) / 300

        assert training_error(200) < training_error(50) < training_error(1)
