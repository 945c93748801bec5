"""Noise is seeded, and it is noise."""

import hashlib

import numpy as np

from noise import noise_frames


def test_the_same_seed_gives_the_same_frames_and_another_seed_others():
    assert np.array_equal(noise_frames(1), noise_frames(1))
    assert not np.array_equal(noise_frames(1), noise_frames(2))


def test_a_seed_gives_these_very_bytes():
    digest = hashlib.sha256(noise_frames(42).tobytes()).hexdigest()
    assert digest == "9e5f7d434ea9d50d2ca5a512d154a99a75042fe0a63356dd863bfeeb620a865f"


def test_every_level_is_about_equally_frequent():
    counts = np.bincount(noise_frames(0).ravel(), minlength=256)
    assert counts.min() > 0.6 * counts.mean() and counts.max() < 1.5 * counts.mean()
