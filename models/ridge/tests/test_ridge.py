"""RidgeModel learns from its own rows alone, and answers the same for the same."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
from adapter import RidgeModel
from regression_tests import ITEMS, RegressionTests


class TestRidge(RegressionTests):
    folder = Path(__file__).resolve().parents[1]
    make = RidgeModel
    libraries = {"numpy": "1.26.4", "scikit-learn": "1.5.2"}

    def test_the_answers_are_those_of_the_normal_equations(self, model: RidgeModel) -> None:
        table = self.table
        rows, targets = numpy.array(table.rows), numpy.array(table.targets)
        mean, deviation = rows.mean(axis=0), rows.std(axis=0)
        scaled = (rows - mean) / deviation
        gram = scaled.T @ scaled + self.defaults["alpha"] * numpy.eye(10)
        weights = numpy.linalg.solve(gram, scaled.T @ (targets - targets.mean()))
        asked = numpy.array([list(item["input"]["row"].values()) for item in ITEMS])

        expected = (asked - mean) / deviation @ weights + targets.mean()

        assert self.answers(model) == pytest.approx(expected.tolist(), rel=1e-9)

    def test_a_huge_penalty_leaves_only_the_mean(self, model: RidgeModel) -> None:
        targets = self.table.targets

        predictions = self.answers(model, 5, alpha=1e6)

        assert predictions == pytest.approx([sum(targets) / 300] * 5, abs=1.0)
