"""What the renderer draws, against numbers worked out by hand."""

import numpy as np
import pytest

from renderer import Take, draw_take, render, to_bytes
from world import BACKGROUNDS, COLORS, Scene, all_scenes, read_prompt

STILL_LANE = Take(lane_px=0.0, phase_px=0.0, travel_px=11.0, radius_factor=1.0)


def coverage(clip, scene):
    """The share of each pixel that the object covers, solved from the blended colours."""
    ground = BACKGROUNDS[scene.background]
    toward = np.array(COLORS[scene.color]) - ground
    return (clip - ground) @ toward / (toward @ toward)


@pytest.mark.parametrize("shape", ["circle", "square", "triangle"])
@pytest.mark.parametrize(("size", "radius_px"), [("small", 4.5), ("large", 6.8)])
def test_all_shapes_of_a_size_cover_the_area_of_one_disc(shape, size, radius_px):
    scene = Scene(shape, "red", size, "right", "black")
    areas = coverage(render(scene, STILL_LANE), scene).sum(axis=(1, 2))
    assert areas == pytest.approx(np.full(8, np.pi * radius_px**2), rel=0.02)


def test_a_disc_moves_along_its_lane_at_constant_speed():
    scene = Scene("circle", "blue", "small", "up", "white")
    cover = coverage(render(scene, Take(3.0, 0.5, 10.5, 1.0)), scene)
    y, x = np.indices((32, 32)) + 0.5
    centres = [((frame * x).sum() / frame.sum(), (frame * y).sum() / frame.sum()) for frame in cover]
    # Upwards: across is (-1, 0) for up, so a lane of 3 px lies left of the centre.
    expected = [(13.0, 16 - 0.5 + 5.25 - 1.5 * frame) for frame in range(8)]
    assert np.array(centres) == pytest.approx(np.array(expected), abs=0.05)


def test_no_object_leaves_the_frame_whatever_the_take():
    generator = np.random.Generator(np.random.Philox(5))
    for scene in all_scenes():
        clip = render(scene, draw_take(generator))
        border = np.concatenate([clip[:, 0], clip[:, -1], clip[:, :, 0], clip[:, :, -1]])
        assert np.median(np.abs(border - BACKGROUNDS[scene.background])) < 1e-6
        areas = coverage(clip, scene).sum(axis=(1, 2))
        assert areas.min() / areas.max() > 0.97


def test_the_same_seed_draws_the_same_bytes_and_another_seed_others():
    scene = all_scenes()[0]
    clips = [
        to_bytes(render(scene, draw_take(np.random.Generator(np.random.Philox(seed))))) for seed in (1, 1, 2)
    ]
    assert np.array_equal(clips[0], clips[1])
    assert not np.array_equal(clips[0], clips[2])


def test_every_prompt_reads_back_as_its_scene():
    for scene in all_scenes():
        assert read_prompt(scene.prompt()) == scene


@pytest.mark.parametrize(
    "prompt", ["", "a cat", "a small red circle moving left", "a small red blue circle moving left on a black background"]
)
def test_a_prompt_that_does_not_name_one_value_of_each_attribute_is_refused(prompt):
    with pytest.raises(ValueError, match="expected one of"):
        read_prompt(prompt)
