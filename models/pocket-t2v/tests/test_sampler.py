"""The sampling loop on denoisers whose answer is known."""

import numpy as np
import pytest

from sampler import initial_noise, sample, time_grid, to_frames

SETTINGS = {"seed": 3, "steps": 4, "guidance": 2.0}


def always(value):
    """A denoiser that predicts the same level everywhere, and without text its negative."""

    def denoise(noisy, time, bags):
        level = np.where(bags.any(axis=1), value, -value).astype(np.float32)
        return np.broadcast_to(level[:, None, None, None, None], noisy.shape)

    return denoise


def test_times_go_from_one_to_zero_and_lean_towards_one():
    assert time_grid(2, 1.0) == pytest.approx([1, 0.5, 0])
    assert time_grid(4, 3.0) == pytest.approx([1, 0.9, 0.75, 0.5, 0])


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_denoiser_that_knows_the_clip_reaches_it_in_any_number_of_steps(steps):
    clip = sample(always(0.5), np.ones(16, np.float32), seed=1, steps=steps, guidance=1.0)
    assert np.unique(clip).tolist() == [191]


def test_guidance_goes_beyond_the_prediction_with_text():
    # with text 0.25, without -0.25: -0.25 + 2 * 0.5 = 0.75 -> (0.75 + 1) * 127.5 = 223.1
    clip = sample(always(0.25), np.ones(16, np.float32), **SETTINGS)
    assert np.unique(clip).tolist() == [223]


def test_guidance_needs_one_batch_of_two_per_step_and_none_needs_one_of_one():
    sizes = []

    def denoise(noisy, time, bags):
        sizes.append((len(noisy), len(time), len(bags)))
        return noisy * 0

    sample(denoise, np.ones(16, np.float32), **SETTINGS)
    sample(denoise, np.ones(16, np.float32), **{**SETTINGS, "guidance": 1.0})
    assert sizes == [(2, 2, 2)] * 4 + [(1, 1, 1)] * 4


def test_every_step_is_reported():
    done = []
    sample(always(0.1), np.ones(16, np.float32), **SETTINGS, on_step=done.append)
    assert done == [1, 2, 3, 4]


def test_noise_follows_the_seed():
    assert np.array_equal(initial_noise(5), initial_noise(5))
    assert not np.array_equal(initial_noise(5), initial_noise(6))
    assert abs(float(initial_noise(5).std()) - 1) < 0.02


def test_frames_are_channels_last_bytes():
    clip = np.full((3, 8, 32, 32), -1, np.float32)
    clip[1, 2, 3, 4] = 1
    frames = to_frames(clip)
    assert frames.shape == (8, 32, 32, 3) and frames.dtype == np.uint8
    assert frames[2, 3, 4].tolist() == [0, 255, 0] and frames.sum() == 255
