"""The scorer `video` against sums written out in plain Python, and on clips with known answers."""

import numpy as np
import pytest
from noise import noise_frames
from renderer import draw_take, render, to_bytes
from world import all_scenes

from video import score_video


def luma_of(pixel):
    return 0.2126 * int(pixel[0]) + 0.7152 * int(pixel[1]) + 0.0722 * int(pixel[2])


def by_hand(frames):
    """The three metrics by loops over pixels, with no array arithmetic."""
    planes = [[[luma_of(pixel) for pixel in row] for row in frame] for frame in frames]
    height, width = len(planes[0]), len(planes[0][0])
    pixels = [(y, x) for y in range(height) for x in range(width)]
    means = [sum(plane[y][x] for y, x in pixels) / len(pixels) for plane in planes]
    pairs = range(len(planes) - 1)
    flicker = sum(abs(means[i + 1] - means[i]) for i in pairs) / len(pairs)
    motion = sum(abs(planes[i + 1][y][x] - planes[i][y][x]) for i in pairs for y, x in pixels)
    variances = []
    for plane in planes:
        inner = [
            plane[y - 1][x] + plane[y + 1][x] + plane[y][x - 1] + plane[y][x + 1] - 4 * plane[y][x]
            for y in range(1, height - 1)
            for x in range(1, width - 1)
        ]
        mean = sum(inner) / len(inner)
        variances.append(sum((value - mean) ** 2 for value in inner) / len(inner))
    return {
        "flicker": flicker,
        "motion-magnitude": motion / len(pairs) / len(pixels),
        "sharpness": sum(variances) / len(variances),
    }


@pytest.mark.parametrize("kind", ["noise", "truth"])
def test_the_metrics_equal_an_independent_computation(kind):
    take = draw_take(np.random.Generator(np.random.Philox(1)))
    clip = noise_frames(9)[:4] if kind == "noise" else to_bytes(render(all_scenes()[40], take))
    assert score_video(clip) == pytest.approx(by_hand(clip), rel=1e-9)


def test_a_frozen_clip_has_neither_flicker_nor_motion():
    frozen = np.repeat(noise_frames(1)[:1], 8, axis=0)
    scores = score_video(frozen)
    assert (scores["flicker"], scores["motion-magnitude"]) == (0.0, 0.0)


def test_a_blank_clip_that_brightens_by_ten_levels_a_frame_flickers_by_ten():
    brightening = np.stack([np.full((5, 4, 3), 10 * index, np.uint8) for index in range(6)])
    expected = {"flicker": 10.0, "motion-magnitude": 10.0, "sharpness": 0.0}
    assert score_video(brightening) == pytest.approx(expected, abs=1e-9)
