"""Makes the diabetes suite and the training file of the packages that are measured on it.

Run by hand, never by a run: `python make.py [--into FOLDER]` in an environment with scikit-learn (any
version has the same 442 rows; a model's own environment has them pruned). Same seed, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import random
from pathlib import Path

SEED = 42
TRAINING_ROWS = 300
REPOSITORY = Path(__file__).resolve().parents[3]
# Of all rows in the order of the source: features, then target. Another source makes another suite.
SOURCE_SHA256 = "7e3f4efad2f2c33224bfadb84047fdf4789d8b4f9c6839d078ddec8f2bb0aef3"
TRAINED_PACKAGES = ("ridge", "random-forest", "gradient-boosting", "mean-baseline")

Row = dict[str, float]


def load_rows() -> list[tuple[str, Row, float]]:
    """(id, features, target) of all 442 rows in the order of the source, unscaled.

    The source has at most four decimals; old versions read some values one bit away from that.
    """
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    return [
        (
            f"row-{number:03}",
            {
                name: round(float(value), 4)
                for name, value in zip(data.feature_names, features, strict=True)
            },
            float(target),
        )
        for number, (features, target) in enumerate(zip(data.data, data.target, strict=True))
    ]


def source_digest(rows: list[tuple[str, Row, float]]) -> str:
    """SHA-256 (hex) of all rows as JSON."""
    values = [[*features.values(), target] for _, features, target in rows]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def split(rows: list[tuple[str, Row, float]]) -> tuple[list, list]:
    """A seeded shuffle; both halves in the order of the source again."""
    order = list(range(len(rows)))
    random.Random(SEED).shuffle(order)
    training = set(order[:TRAINING_ROWS])
    return (
        [row for number, row in enumerate(rows) if number in training],
        [row for number, row in enumerate(rows) if number not in training],
    )


def training_csv(training: list[tuple[str, Row, float]]) -> bytes:
    """One line per row: the ten features, then the target."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*training[0][1], "target"])
    writer.writerows([*features.values(), target] for _, features, target in training)
    return text.getvalue().encode()


def tertiles(values: list[float]) -> tuple[float, float]:
    """The two bounds between the lower, middle and upper third."""
    ordered = sorted(values)
    return ordered[len(ordered) // 3], ordered[2 * len(ordered) // 3]


def items_jsonl(training: list, test: list) -> bytes:
    """The suite's items. Thirds of the body mass index are those of the training rows."""
    low, high = tertiles([features["bmi"] for _, features, _ in training])

    def item(row_id: str, features: Row, target: float) -> dict:
        bmi = features["bmi"]
        third = "lower-third" if bmi < low else "upper-third" if bmi >= high else "middle-third"
        sex = {1.0: "coded-1", 2.0: "coded-2"}[features["sex"]]
        return {
            "id": row_id,
            "input": {"row": features},
            "reference": {"value": target},
            "attributes": {"bmi": third, "sex": sex},
        }

    lines = [json.dumps(item(*row), separators=(",", ":")) for row in test]
    return ("\n".join(lines) + "\n").encode()


def main() -> None:
    """Writes the files and prints what the manifests have to say about the training file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=REPOSITORY, help="root to write below")
    root = parser.parse_args().into
    rows = load_rows()
    if source_digest(rows) != SOURCE_SHA256:
        raise SystemExit(f"The source has digest {source_digest(rows)}; expected {SOURCE_SHA256}.")
    training, test = split(rows)
    data = training_csv(training)
    targets = {root / "models" / name / "data/train.csv": data for name in TRAINED_PACKAGES}
    targets[root / "examples/suites/diabetes/items.jsonl"] = items_jsonl(training, test)
    for path, content in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    digest = hashlib.sha256(data).hexdigest()
    print(f"train.csv: {len(training)} rows, {len(data)} bytes, sha256 {digest}")
    print(f"items.jsonl: {len(test)} items")


if __name__ == "__main__":
    main()
