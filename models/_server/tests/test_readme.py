"""The README's example is a package that runs."""

from __future__ import annotations

import re
from pathlib import Path

from server_process import running_server

README = Path(__file__).parents[1] / "README.md"


def test_the_example_serves_in_at_most_30_lines(tmp_path: Path) -> None:
    blocks = re.findall(
        r"```\w+ (model\.yaml|adapter\.py)\n(.*?)```", README.read_text(), re.DOTALL
    )
    for name, content in blocks:
        (tmp_path / name).write_text(content)
    body = {"task": "image-to-text", "input": {"prompt": "a b c d e"}, "seed": 7}

    with running_server(tmp_path, tmp_path, ["bakeoff_server", "adapter:Shuffle"]) as server:
        first = server.ask("PUT", "/generate/first", body).json
        again = server.ask("PUT", "/generate/again", body).json
        empty = server.ask("PUT", "/generate/empty", {**body, "input": {"prompt": ""}}).json

    assert [name for name, _ in blocks] == ["model.yaml", "adapter.py"]
    assert len(dict(blocks)["adapter.py"].splitlines()) <= 30
    assert first["output"] == again["output"]
    assert sorted(first["output"]["text"].split()) == list("abcde")
    assert first["output"]["text"].startswith("a ")
    assert empty["error"]["code"] == "no-words"
