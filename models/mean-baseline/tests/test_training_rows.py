"""What the tabular packages learn from and what they are asked never meet, and both are the real data."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
SUITE = REPOSITORY / "examples/suites/diabetes"
PACKAGES = ("ridge", "random-forest", "gradient-boosting", "mean-baseline")

sys.path.insert(0, str(SUITE))
import make  # noqa: E402

Row = tuple[str, dict[str, float], float]


def training_lines() -> list[list[float]]:
    with (REPOSITORY / "models/mean-baseline/data/train.csv").open(newline="") as file:
        return [[float(cell) for cell in line] for line in list(csv.reader(file))[1:]]


def suite_rows() -> list[Row]:
    items = [json.loads(line) for line in (SUITE / "items.jsonl").read_text().splitlines()]
    return [(item["id"], item["input"]["row"], float(item["reference"]["value"])) for item in items]


def all_rows() -> list[Row]:
    """The source again: the suite's ids are places in it, the training rows fill the gaps in order."""
    names = list(suite_rows()[0][1])
    tested = {row[0]: row for row in suite_rows()}
    training = iter(training_lines())
    rows = []
    for number in range(len(tested) + len(training_lines())):
        row_id = f"row-{number:03}"
        if row_id in tested:
            rows.append(tested[row_id])
        else:
            *features, target = next(training)
            rows.append((row_id, dict(zip(names, features, strict=True)), target))
    return rows


def test_no_training_row_is_in_the_suite() -> None:
    training = {tuple(line) for line in training_lines()}
    tested = {(*features.values(), target) for _, features, target in suite_rows()}

    assert (len(training), len(tested)) == (300, 142)
    assert not training & tested
    assert not {line[:-1] for line in training} & {row[:-1] for row in tested}


def test_training_rows_and_suite_together_are_the_442_rows_of_the_source() -> None:
    rows = all_rows()

    assert len(rows) == 442
    assert make.source_digest(rows) == make.SOURCE_SHA256
    # Facts that scikit-learn's own description of the data gives.
    assert sum(target for _, _, target in rows) / 442 == pytest.approx(152.133, abs=0.001)
    assert (min(row[2] for row in rows), max(row[2] for row in rows)) == (25, 346)


def test_the_split_is_that_of_the_seed_byte_for_byte() -> None:
    training, tested = make.split(all_rows())

    assert make.training_csv(training) == (REPOSITORY / "models/ridge/data/train.csv").read_bytes()
    assert make.items_jsonl(training, tested) == (SUITE / "items.jsonl").read_bytes()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_ships_the_training_file_that_its_manifest_pins(package: str) -> None:
    folder = REPOSITORY / "models" / package
    manifest = yaml.safe_load((folder / "model.yaml").read_text())
    data = (folder / "data/train.csv").read_bytes()

    assert manifest["files"] == [
        {"path": "data/train.csv", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    ]
    assert data == (REPOSITORY / "models/ridge/data/train.csv").read_bytes()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_file_of_a_package_holds_rows_of_the_suite(package: str) -> None:
    """A row is known by its values of s2, s4 and s5, which have decimals enough to be its own."""
    folder = REPOSITORY / "models" / package
    texts = [
        path.read_text(errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]

    for row_id, features, _ in suite_rows():
        middle = ",".join(str(features[name]) for name in ("s1", "s2", "s3", "s4", "s5"))
        assert not any(middle in text for text in texts), row_id
