"""The scorer `shapes` on the truth, on wrong clips and on clips that show nothing."""

import numpy as np
import pytest
from noise import noise_frames
from renderer import draw_take, render, to_bytes
from world import ATTRIBUTES, all_scenes

from shapes import READERS, area_stability, score_shapes, track_object


def oracle_clip(scene, seed=0):
    return to_bytes(render(scene, draw_take(np.random.Generator(np.random.Philox(seed)))))


def test_the_truth_has_every_attribute_right_on_all_combinations():
    for seed, scene in enumerate(all_scenes()):
        scores = score_shapes(oracle_clip(scene, seed), scene.attributes())
        assert all(scores[name] == 1.0 for name in (*READERS, "all-correct")), (scene, scores)
        assert scores["area-stability"] > 0.98


def test_a_clip_is_wrong_in_exactly_the_attributes_in_which_the_prompt_differs():
    for scene in all_scenes()[::7]:
        clip = oracle_clip(scene)
        for name, values in ATTRIBUTES.items():
            truth = scene.attributes()
            truth[name] = values[(values.index(truth[name]) + 1) % len(values)]
            scores = score_shapes(clip, truth)
            assert {key for key in READERS if scores[key] == 0.0} == {name}
            assert scores["all-correct"] == 0.0


def worthless_clips(scene):
    """Clips that are no video of a moving object, the best-looking frozen one included."""
    truth = oracle_clip(scene)
    yield "frozen", np.repeat(truth[3:4], 8, axis=0)
    yield "frozen with noise", np.clip(
        np.repeat(truth[3:4], 8, axis=0).astype(int) + noise_frames(4).astype(int) // 32 - 4, 0, 255
    ).astype(np.uint8)
    yield "noise", noise_frames(3)
    yield "still noise", np.repeat(noise_frames(3)[:1], 8, axis=0)
    yield "blank", np.full_like(truth, truth[0, 0, 0])
    yield "mean of all frames", np.repeat(truth.mean(axis=0, keepdims=True), 8, axis=0).astype(np.uint8)
    yield "one frame", truth[:1]
    yield "shuffled frames", truth[[3, 4, 2, 5, 5, 2, 4, 3]]


def test_a_frozen_noise_or_blank_clip_earns_nothing_at_all():
    for scene in all_scenes()[::5]:
        for name, clip in worthless_clips(scene):
            assert set(score_shapes(clip, scene.attributes()).values()) == {0.0}, (name, scene)


def test_two_objects_are_not_one_moving_object():
    scene = all_scenes()[0]
    clip = oracle_clip(scene)
    twice = np.concatenate([clip[:, ::2, ::2], clip[:, ::2, ::2]], axis=2)
    twice = np.concatenate([twice, np.full_like(twice, clip[0, 0, 0])], axis=1)
    assert track_object(twice) is None


def test_area_stability_is_one_minus_the_coefficient_of_variation():
    scene = all_scenes()[0]
    track = track_object(oracle_clip(scene))
    areas = [float(area) for area in track.areas]
    mean = sum(areas) / 8
    deviation = (sum((area - mean) ** 2 for area in areas) / 8) ** 0.5
    assert area_stability(track) == pytest.approx(1 - deviation / mean)


def test_a_pulsing_object_is_less_stable_than_a_steady_one_and_keeps_its_other_attributes():
    scene = next(s for s in all_scenes() if (s.shape, s.size) == ("square", "large"))
    steady = oracle_clip(scene)
    pulsing = steady.copy()
    for index in range(0, 8, 2):  # every other frame from a take that is 8 % smaller
        take = draw_take(np.random.Generator(np.random.Philox(0)))
        pulsing[index] = to_bytes(render(scene, take.__class__(take.lane_px, take.phase_px, take.travel_px, 0.88)))[index]
    scores = score_shapes(pulsing, scene.attributes())
    assert scores["all-correct"] == 1.0
    assert scores["area-stability"] < score_shapes(steady, scene.attributes())["area-stability"] - 0.03


def test_backwards_is_another_motion():
    for scene in all_scenes()[::31]:
        scores = score_shapes(oracle_clip(scene)[::-1], scene.attributes())
        assert scores["motion"] == scores["area-stability"] == scores["all-correct"] == 0.0
        assert scores["shape"] == scores["color"] == scores["size"] == scores["background"] == 1.0
