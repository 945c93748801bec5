"""How the defaults in model.yaml were chosen: cross-validation on the training rows alone.

Run by hand in the package's environment: `python tune.py`. Prints the mean absolute error of every
combination, best last; five folds, four times, seeded. The suite's rows are never read.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from bakeoff_tabular import read_table
from sklearn.linear_model import Ridge
from sklearn.model_selection import RepeatedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

GRID: dict[str, list[Any]] = {
    "alpha": [0.1, 1.0, 3.0, 10.0, 30.0, 100.0],
}


def main() -> None:
    """Prints one line per combination."""
    table = read_table(Path(__file__).parent / "data/train.csv")
    folds = RepeatedKFold(n_splits=5, n_repeats=4, random_state=0)
    results = []
    for values in product(*GRID.values()):
        params = dict(zip(GRID, values, strict=True))
        estimator = make_pipeline(StandardScaler(), Ridge(**params))
        scores = cross_val_score(
            estimator, table.rows, table.targets, cv=folds, scoring="neg_mean_absolute_error"
        )
        results.append((-scores.mean(), params))
    for error, params in sorted(results, key=lambda result: -result[0]):
        print(f"{error:.3f} {params}")


if __name__ == "__main__":
    main()
