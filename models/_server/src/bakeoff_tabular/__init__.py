"""Rows of a table for regression models: the training file, and one request's row as a vector.

Used by the adapters of the tabular packages. Standard library alone: the mean needs no numpy.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bakeoff_server import InvalidInput


@dataclass(frozen=True)
class Table:
    """A training file: feature names, one list of numbers per row, one target per row."""

    columns: list[str]
    rows: list[list[float]]
    targets: list[float]


def read_table(path: Path, target: str = "target") -> Table:
    """Reads a CSV file with a header; every column but `target` is a feature."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    columns = [name for name in lines[0] if name != target]
    return Table(
        columns=columns,
        rows=[[float(line[name]) for name in columns] for line in lines],
        targets=[float(line[target]) for line in lines],
    )


def row_vector(row: Mapping[str, float | str | None], columns: Sequence[str]) -> list[float]:
    """The row's numbers in the order of the columns; raises InvalidInput naming what is wrong."""
    missing = [name for name in columns if row.get(name) is None]
    unknown = [name for name in row if name not in columns]
    if missing or unknown:
        raise InvalidInput(
            "row-columns",
            f"The row lacks {missing} and has unknown {unknown}; expected numbers for {columns}.",
        )
    vector = []
    for name in columns:
        value = row[name]
        if not isinstance(value, (int, float)):
            raise InvalidInput("row-type", f"{name} is {value!r}; expected a number.")
        vector.append(float(value))
    return vector
