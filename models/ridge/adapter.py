"""Ridge regression behind the contract: fits on data/train.csv, answers one row at a time.

Started by `python -m bakeoff_server adapter:RidgeModel`; runs in the SDK's worker.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from bakeoff_server import Context, Model, Output, Request, library_versions
from bakeoff_tabular import read_table, row_vector
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

TRAINING_FILE = Path(__file__).parent / "data/train.csv"
DEFAULT_ALPHA = 10.0  # as in model.yaml: the fit that is ready before the first request
REMEMBERED_FITS = 8


class RidgeModel(Model):
    def setup(self) -> None:
        self.table = read_table(TRAINING_FILE)
        self.fitted = lru_cache(REMEMBERED_FITS)(self.fit)
        self.fitted(DEFAULT_ALPHA)

    def fit(self, alpha: float) -> Pipeline:
        """Standardises, then fits; a closed form, so there is nothing random in it."""
        pipeline = make_pipeline(StandardScaler(), Ridge(alpha=alpha))
        return pipeline.fit(self.table.rows, self.table.targets)

    def generate(self, request: Request, context: Context) -> Output:
        vector = row_vector(request.input.row, self.table.columns)
        with context.stage("fit"):
            pipeline = self.fitted(float(request.params["alpha"]))
        return Output(value=pipeline.predict([vector])[0])

    def health_check(self) -> dict[str, Any]:
        return {"libraries": library_versions("numpy", "scikit-learn", "scipy")}
