"""A random forest behind the contract: fits on data/train.csv, answers one row at a time.

Started by `python -m bakeoff_server adapter:RandomForest`; runs in the SDK's worker.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from bakeoff_server import Context, Model, Output, Request, library_versions
from bakeoff_tabular import read_table, row_vector
from sklearn.ensemble import RandomForestRegressor

TRAINING_FILE = Path(__file__).parent / "data/train.csv"
TRAINING_SEED = 20040407
# As in model.yaml: the fit that is ready before the first request.
DEFAULTS = {"n_estimators": 100, "max_depth": 6, "min_samples_leaf": 3, "max_features": 0.5}
REMEMBERED_FITS = 8


class RandomForest(Model):
    def setup(self) -> None:
        self.table = read_table(TRAINING_FILE)
        self.fitted = lru_cache(REMEMBERED_FITS)(self.fit)
        self.fitted(tuple(sorted(DEFAULTS.items())))

    def fit(self, params: tuple[tuple[str, Any], ...]) -> RandomForestRegressor:
        """The training's seed is fixed: a sample's seed must not change what was learned."""
        forest = RandomForestRegressor(**dict(params), random_state=TRAINING_SEED, n_jobs=1)
        return forest.fit(self.table.rows, self.table.targets)

    def generate(self, request: Request, context: Context) -> Output:
        vector = row_vector(request.input.row, self.table.columns)
        with context.stage("fit"):
            forest = self.fitted(tuple(sorted(request.params.items())))
        return Output(value=forest.predict([vector])[0])

    def health_check(self) -> dict[str, Any]:
        return {"libraries": library_versions("numpy", "scikit-learn", "scipy")}
