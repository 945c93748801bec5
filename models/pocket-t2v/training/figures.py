"""Prints the model card's table from the rows of measure.py: `python figures.py ROWS.jsonl`.

Run by hand. Means with Wilson intervals, and paired differences between step counts with a seeded
percentile bootstrap over scenes (10,000 draws, 95 %).
"""

import json
import sys
from pathlib import Path

import numpy as np

DRAWS, LOW, HIGH, Z = 10_000, 2.5, 97.5, 1.959964


def wilson(successes: float, n: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a proportion."""
    p = successes / n
    centre = p + Z**2 / (2 * n)
    spread = Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return (centre - spread) / (1 + Z**2 / n), (centre + spread) / (1 + Z**2 / n)


def paired(values: np.ndarray, others: np.ndarray) -> tuple[float, float, float]:
    """Mean difference, and the interval of its bootstrap over pairs."""
    difference = values - others
    generator = np.random.Generator(np.random.Philox(1))
    picked = generator.integers(len(difference), size=(DRAWS, len(difference)))
    low, high = np.percentile(difference[picked].mean(axis=1), [LOW, HIGH])
    return difference.mean(), low, high


def main() -> None:
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    metrics = [name for name in rows[0] if name not in ("item", "repeat", "steps")]
    counts = sorted({row["steps"] for row in rows})
    table = {
        steps: {
            metric: np.array([r[metric] for r in sorted(rows, key=lambda r: (r["item"], r["repeat"])) if r["steps"] == steps])
            for metric in metrics
        }
        for steps in counts
    }
    print("| steps | " + " | ".join(metrics) + " | 95 % of all-correct |")
    print("|---" * (len(metrics) + 2) + "|")
    for steps in counts:
        values = table[steps]["all-correct"]
        low, high = wilson(values.sum(), len(values))
        means = " | ".join(f"{table[steps][metric].mean():.3f}" for metric in metrics)
        print(f"| {steps} | {means} | {low:.2f} to {high:.2f} |")
    pairs = [*zip(counts[1:], counts[:-1], strict=True), (counts[-1], counts[0])]
    for metric in ("all-correct", "area-stability"):
        for steps, fewer in pairs:
            mean, low, high = paired(table[steps][metric], table[fewer][metric])
            interval = f"{low:+.3f} to {high:+.3f}" if high > low else "all pairs equal, no interval"
            print(f"{metric}: {steps} against {fewer} steps: {mean:+.3f} ({interval})")


if __name__ == "__main__":
    main()
