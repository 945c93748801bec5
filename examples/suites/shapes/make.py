"""Writes items.jsonl of the suite `shapes`: `python make.py [FILE]`, standard library alone.

Run by hand and by the test that holds the committed file to it, byte for byte. The scenes are the test
split of models/oracle-t2v/splits.py, sorted by id; training never renders them.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "models" / "oracle-t2v"))

from splits import split_scenes  # noqa: E402


def suite_lines() -> str:
    """The whole file: one item per line, each ended by a line feed."""
    lines = []
    for scene in sorted(split_scenes()["test"], key=lambda scene: scene.key()):
        attributes = scene.attributes()
        item = {
            "id": scene.key(),
            "input": {"prompt": scene.prompt()},
            "reference": attributes,
            "attributes": attributes,
        }
        lines.append(json.dumps(item) + "\n")
    return "".join(lines)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "items.jsonl"
    target.write_text(suite_lines(), encoding="utf-8", newline="\n")
