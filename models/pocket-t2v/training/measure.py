"""Scores a split with the evaluator: `python measure.py --model P --split dev --steps 1 16`.

Run by hand: on dev while training and tuning, on test once, after the weights are frozen. It uses the
sampler of the package and the scorer of models/eval-video on the frames, one seed per scene derived as
in a run (`<specSeed>/<itemId>/<repeat>`), so that every setting sees the same noise.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

PACKAGE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PACKAGE), str(PACKAGE.parent / "eval-video")]

from clips import bag_of_words, split_scenes_cached  # noqa: E402
from sampler import sample  # noqa: E402
from shapes import score_shapes  # noqa: E402


def sample_seed(spec_seed: int, item: str, repeat: int) -> int:
    """Top 31 bits of SHA-256 of `<specSeed>/<itemId>/<repeat>`."""
    digest = hashlib.sha256(f"{spec_seed}/{item}/{repeat}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--split", choices=["dev", "test"], default="dev")
    parser.add_argument("--steps", type=int, nargs="+", default=[16])
    parser.add_argument("--guidance", type=float, nargs="+", default=[1.5])
    parser.add_argument("--shift", type=float, nargs="+", default=[4.0])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rows", type=Path, help="append one JSON row per clip to this file")
    options = parser.parse_args()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(str(options.model), settings, providers=["CPUExecutionProvider"])

    def denoise(x: np.ndarray, t: np.ndarray, bags: np.ndarray) -> np.ndarray:
        return session.run(None, {"noisy": x, "time": t, "bag": bags})[0]

    for shift in options.shift:
        for guidance in options.guidance:
            for steps in options.steps:
                started, rows = time.monotonic(), []
                for scene in split_scenes_cached()[options.split]:
                    for repeat in range(options.repeats):
                        seed = sample_seed(options.seed, scene.key(), repeat)
                        clip = sample(
                            denoise, bag_of_words(scene), seed=seed, steps=steps, guidance=guidance, shift=shift
                        )
                        scores = score_shapes(clip, scene.attributes())
                        rows.append({"item": scene.key(), "repeat": repeat, "steps": steps, **scores})
                if options.rows:
                    with options.rows.open("a") as file:
                        file.writelines(json.dumps(row) + "\n" for row in rows)
                metrics = [name for name in rows[0] if name not in ("item", "repeat", "steps")]
                means = "  ".join(f"{name} {np.mean([row[name] for row in rows]):.3f}" for name in metrics)
                per_step_ms = 1000 * (time.monotonic() - started) / len(rows) / steps
                print(f"shift {shift} guidance {guidance} steps {steps} n {len(rows)}: {means}  {per_step_ms:.0f} ms/step")


if __name__ == "__main__":
    main()
