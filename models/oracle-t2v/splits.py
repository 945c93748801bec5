"""The three disjoint splits of the shapes task, by combination of attribute values.

Used by the training script (train, dev), by the suite generator (test) and by the tests that prove
them disjoint. Scenes are ordered by a hash, so that the splits never depend on a library's random
numbers.
"""

import hashlib

from world import Scene, all_scenes

SALT = "shapes-8"  # chosen among 60 for the most even counts of values and pairs, before any training
TEST_SCENES = 64
DEV_SCENES = 32


def _order(scene: Scene) -> bytes:
    return hashlib.sha256(f"{SALT}/{scene.key()}".encode()).digest()


def split_scenes() -> dict[str, list[Scene]]:
    """``{"train": 192 scenes, "dev": 32, "test": 64}``, each in its hash order."""
    ordered = sorted(all_scenes(), key=_order)
    held_out = TEST_SCENES + DEV_SCENES
    return {
        "test": ordered[:TEST_SCENES],
        "dev": ordered[TEST_SCENES:held_out],
        "train": ordered[held_out:],
    }
