"""__NAME__: a regression that answers with the mean of the row's numbers. Write your own in its place.

Started by `python -m bakeoff_server adapter:Starter`; runs in the SDK's worker.
"""

from __future__ import annotations

from math import fsum

from bakeoff_server import Context, InvalidInput, Model, Output, Request


class Starter(Model):
    def setup(self) -> None:
        """Load or fit here: once per worker, before the server is ready. Take a constant seed for it."""

    def generate(self, request: Request, context: Context) -> Output:
        row = request.input.row  # {column: number, text or None}
        numbers = [value for value in row.values() if isinstance(value, (int, float))]
        if not numbers:
            raise InvalidInput("row-columns", "The row has no numbers; expected at least one.")
        return Output(value=fsum(numbers) / len(numbers) + request.params["offset"])
