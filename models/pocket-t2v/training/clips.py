"""Training batches: rendered clips, their words, noise and times, each a pure function of seed and step.

Used by train.py. It imports the renderer and the splits of models/oracle-t2v, and only its train and
dev scenes; the test scenes are never rendered here.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "oracle-t2v"))

from renderer import draw_take, render  # noqa: E402
from splits import split_scenes  # noqa: E402
from world import ATTRIBUTES, FRAMES, SIDE_PX, Scene  # noqa: E402

WORDS = [value for values in ATTRIBUTES.values() for value in values]
TIME_SHIFT = 3.0  # t = s*u / (1 + (s-1)*u): half of the times lie above 0.75
TEXT_DROPOUT = 0.1


def bag_of_words(scene: Scene) -> np.ndarray:
    """(16,) float32: 1 for each word of the scene."""
    named = scene.attributes().values()
    return np.array([word in named for word in WORDS], dtype=np.float32)


def training_batch(seed: int, step: int, size: int) -> dict[str, np.ndarray]:
    """clean, noise (size, 3, frames, side, side); t (size,); bag (size, 16)."""
    generator = np.random.Generator(np.random.Philox(key=[seed, step]))
    scenes = split_scenes_cached()["train"]
    picked = generator.integers(len(scenes), size=size)
    return _batch([scenes[i] for i in picked], generator, TEXT_DROPOUT)


def dev_batch(size: int) -> dict[str, np.ndarray]:
    """A fixed batch of dev scenes, for the loss curve."""
    generator = np.random.Generator(np.random.Philox(key=[12345, 0]))
    scenes = split_scenes_cached()["dev"]
    return _batch([scenes[i % len(scenes)] for i in range(size)], generator, 0.0)


_CACHE: dict[str, list[Scene]] = {}


def split_scenes_cached() -> dict[str, list[Scene]]:
    """split_scenes(), computed once."""
    if not _CACHE:
        _CACHE.update(split_scenes())
    return _CACHE


def _batch(scenes: list[Scene], generator: np.random.Generator, dropout: float) -> dict[str, np.ndarray]:
    size = len(scenes)
    clips = np.stack([render(scene, draw_take(generator)) for scene in scenes])
    u = (np.arange(size) + generator.random(size)) / size  # stratified: one time per slice of 0..1
    bags = np.stack([bag_of_words(scene) for scene in scenes])
    bags *= (generator.random(size) >= dropout)[:, None]
    return {
        "clean": np.ascontiguousarray(clips.transpose(0, 4, 1, 2, 3)) * 2 - 1,
        "noise": generator.standard_normal((size, 3, FRAMES, SIDE_PX, SIDE_PX), dtype=np.float32),
        "t": (TIME_SHIFT * u / (1 + (TIME_SHIFT - 1) * u)).astype(np.float32),
        "bag": bags,
    }
