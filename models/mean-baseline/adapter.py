"""The mean of the training targets behind the contract. A reference: shown, never ranked.

Started by `python -m bakeoff_server adapter:MeanBaseline`; runs in the SDK's worker.
"""

from __future__ import annotations

from math import fsum
from pathlib import Path

from bakeoff_server import Context, Model, Output, Request
from bakeoff_tabular import read_table, row_vector

TRAINING_FILE = Path(__file__).parent / "data/train.csv"


class MeanBaseline(Model):
    def setup(self) -> None:
        self.table = read_table(TRAINING_FILE)
        self.mean = fsum(self.table.targets) / len(self.table.targets)

    def generate(self, request: Request, context: Context) -> Output:
        row_vector(request.input.row, self.table.columns)  # refuses what the others refuse
        return Output(value=self.mean)
