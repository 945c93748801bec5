"""The splits share no combination, and train shows every value and every pair of values."""

import itertools
import json
from collections import Counter
from pathlib import Path

from make import suite_lines
from splits import split_scenes
from world import all_scenes

SUITE = Path(__file__).resolve().parents[3] / "examples" / "suites" / "shapes"


def counted(scenes, size):
    """How often each set of `size` attribute values occurs."""
    return Counter(
        group for scene in scenes for group in itertools.combinations(scene.attributes().items(), size)
    )


def test_the_splits_are_a_partition_of_all_combinations():
    splits = split_scenes()
    together = [scene for scenes in splits.values() for scene in scenes]
    assert {name: len(scenes) for name, scenes in splits.items()} == {"test": 64, "dev": 32, "train": 192}
    assert sorted(together) == sorted(all_scenes())
    assert len(set(together)) == len(together) == 288


def test_train_shows_every_pair_of_values_at_least_nine_times():
    pairs = counted(split_scenes()["train"], 2)
    assert set(pairs) == set(counted(all_scenes(), 2))
    assert min(pairs.values()) >= 9


def test_every_split_shows_every_value():
    values = set(counted(all_scenes(), 1))
    for scenes in split_scenes().values():
        assert set(counted(scenes, 1)) == values


def test_the_committed_suite_is_the_test_split_byte_for_byte():
    committed = (SUITE / "items.jsonl").read_bytes()
    items = [json.loads(line) for line in committed.splitlines()]
    assert committed == suite_lines().encode()
    assert {item["id"] for item in items} == {scene.key() for scene in split_scenes()["test"]}


def test_no_train_or_dev_prompt_is_in_the_suite():
    prompts = {json.loads(line)["input"]["prompt"] for line in (SUITE / "items.jsonl").open()}
    seen = {scene.prompt() for name in ("train", "dev") for scene in split_scenes()[name]}
    assert len(prompts) == 64 and len(seen) == 224
    assert not prompts & seen
