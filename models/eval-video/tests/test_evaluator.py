"""What becomes of a sample: its scores, metrics that it cannot have, or no decoding at all."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import yaml
from bakeoff_media.webm import read_clip, write_clip
from bakeoff_server import Sample, SampleFile, Undecodable, Unscored
from noise import noise_frames
from renderer import draw_take, render, to_bytes
from world import all_scenes

from evaluator import VideoEvaluator

SCENE = all_scenes()[100]
TRUTH = to_bytes(render(SCENE, draw_take(np.random.Generator(np.random.Philox(0)))))
BOTH = ["shapes", "video"]


def sample_of(path, reference=SCENE.attributes(), kind="video"):
    content = path.read_bytes()
    file = SampleFile(kind, path, hashlib.sha256(content).hexdigest(), len(content), "video/webm")
    return Sample("i.0", "i", {"prompt": SCENE.prompt()}, reference, files=[file])


@pytest.fixture
def clip_path(tmp_path):
    write_clip(tmp_path / "clip.webm", TRUTH, 8)
    return tmp_path / "clip.webm"


@pytest.mark.parametrize("frames", [TRUTH, noise_frames(7)], ids=["truth", "noise"])
def test_frames_come_back_from_a_file_bit_for_bit_and_its_bytes_are_reproducible(tmp_path, frames):
    for name in ("a.webm", "b.webm"):
        write_clip(tmp_path / name, frames, 8)
    assert np.array_equal(read_clip(tmp_path / "a.webm"), frames)
    assert (tmp_path / "a.webm").read_bytes() == (tmp_path / "b.webm").read_bytes()


def test_the_metrics_are_those_of_the_manifest(clip_path):
    manifest = yaml.safe_load((Path(__file__).parents[1] / "model.yaml").read_text())
    scores = VideoEvaluator().evaluate(sample_of(clip_path), BOTH)
    announced = {name: {m["name"] for m in scorer["metrics"]} for name, scorer in manifest["scorers"].items()}
    assert {name: set(metrics) for name, metrics in scores.items()} == announced
    assert scores["shapes"]["all-correct"] == 1.0


def test_only_the_scorers_asked_for_are_computed(clip_path):
    assert set(VideoEvaluator().evaluate(sample_of(clip_path), ["video"])) == {"video"}


def test_a_file_cut_anywhere_before_its_last_frame_is_undecodable(clip_path):
    whole = clip_path.read_bytes()
    for length in range(0, len(whole) - 40, 97):
        clip_path.write_bytes(whole[:length])
        with pytest.raises(Undecodable):
            VideoEvaluator().evaluate(sample_of(clip_path), BOTH)


@pytest.mark.parametrize("content", [b"", b"no video", b"\x00" * 5000, "ünïcode".encode() * 50])
def test_a_file_that_is_no_video_is_undecodable(clip_path, content):
    clip_path.write_bytes(content)
    with pytest.raises(Undecodable, match="clip.webm"):
        VideoEvaluator().evaluate(sample_of(clip_path), BOTH)


def test_an_answer_without_a_video_is_undecodable(clip_path):
    with pytest.raises(Undecodable, match="0 video files"):
        VideoEvaluator().evaluate(sample_of(clip_path, kind="file"), BOTH)


@pytest.mark.parametrize("reference", [None, {}, {"shape": "circle"}])
def test_an_item_without_the_attributes_has_no_shapes_metric_but_diagnostics(clip_path, reference):
    scores = VideoEvaluator().evaluate(sample_of(clip_path, reference), BOTH)
    assert all(isinstance(value, Unscored) for value in scores["shapes"].values())
    assert all(isinstance(value, float) for value in scores["video"].values())


def test_a_clip_of_another_size_has_no_shapes_metric(clip_path):
    write_clip(clip_path, np.repeat(np.repeat(TRUTH, 2, axis=1), 2, axis=2), 8)
    scores = VideoEvaluator().evaluate(sample_of(clip_path), BOTH)
    assert {value.code for value in scores["shapes"].values()} == {"frame-size"}


def test_a_clip_of_one_frame_has_no_diagnostics(clip_path):
    write_clip(clip_path, TRUTH[:1], 8)
    scores = VideoEvaluator().evaluate(sample_of(clip_path), BOTH)
    assert {value.code for value in scores["video"].values()} == {"clip-too-small"}
