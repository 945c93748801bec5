"""The shipped weights through the class that the server runs, on dev scenes only."""

import hashlib
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import yaml
from bakeoff_media.webm import read_clip
from bakeoff_server import InvalidInput, Request
from bakeoff_server.author import Context, Input

import pocket
from clips import WORDS, bag_of_words, split_scenes_cached
from prompt_words import bag_of_prompt
from shapes import score_shapes

PACKAGE = Path(__file__).resolve().parents[1]
MANIFEST = yaml.safe_load((PACKAGE / "model.yaml").read_text())
DEV = split_scenes_cached()["dev"]


@pytest.fixture(scope="module")
def model():
    os.environ["BAKEOFF_CPUS"] = "1"
    loaded = pocket.Pocket()
    loaded.setup()
    return loaded


def generate(model, folder, scene, seed=1, **params):
    defaults = {name: param["default"] for name, param in MANIFEST["params"]["properties"].items()}
    prompt = scene if isinstance(scene, str) else scene.prompt()
    request = Request("g", "text-to-video", Input(prompt=prompt), {**defaults, **params}, seed)
    events = []
    context = Context(folder, None, threading.Event(), events.append)
    output = model.generate(request, context)
    return output.files[0], read_clip(folder / output.files[0].path), events


def test_the_weights_are_those_of_the_manifest_and_at_most_ten_megabytes():
    (entry,) = MANIFEST["weights"]
    content = (PACKAGE / entry["path"]).read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (entry["sha256"], entry["bytes"])
    assert len(content) <= 10_000_000


def test_the_prompt_becomes_the_bag_that_the_training_used():
    assert [float(value) for value in bag_of_prompt(DEV[0].prompt())].count(1.0) == 5
    for scene in DEV:
        assert np.array_equal(bag_of_prompt(scene.prompt()), bag_of_words(scene))
    assert len(WORDS) == 16


@pytest.mark.parametrize("prompt", ["", "a cat on a mat", f"{DEV[0].prompt()} and a circle, a square"])
def test_a_prompt_outside_the_vocabulary_is_invalid_input(model, tmp_path, prompt):
    with pytest.raises(InvalidInput, match="expected one of"):
        generate(model, tmp_path, prompt)


def test_the_same_seed_gives_the_same_file_and_another_seed_another(model, tmp_path):
    digests = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        folder = tmp_path / name
        folder.mkdir()
        file, _, _ = generate(model, folder, DEV[0], seed=seed, steps=2)
        digests.append(hashlib.sha256((folder / file.path).read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_the_file_is_what_the_answer_says_and_progress_is_told(model, tmp_path):
    file, frames, events = generate(model, tmp_path, DEV[0], steps=2)
    assert frames.shape == (file.frames, file.height, file.width, 3) == (8, 32, 32, 3)
    assert (file.kind, file.content_type, file.fps) == ("video", "video/webm", 8)
    assert [event["progress"] for event in events] == [0.5, 1.0]


def test_the_text_decides_the_motion(model, tmp_path):
    for motion in ("left", "right", "up", "down"):
        scene = f"a large red circle moving {motion} on a black background"
        _, frames, _ = generate(model, tmp_path, scene, steps=4)
        mass = frames[..., 0].astype(float) - 15
        y, x = np.indices((32, 32))
        travel = [((f * x).sum() / f.sum(), (f * y).sum() / f.sum()) for f in (mass[0], mass[-1])]
        across, down = travel[1][0] - travel[0][0], travel[1][1] - travel[0][1]
        expected = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[motion]
        assert across * expected[0] + down * expected[1] > 5, (motion, across, down)


def test_most_dev_prompts_come_out_right_at_the_default_steps(model, tmp_path):
    scores = [
        score_shapes(generate(model, tmp_path, scene, seed=11)[1], scene.attributes()) for scene in DEV[:6]
    ]
    assert sum(score["all-correct"] for score in scores) >= 5
