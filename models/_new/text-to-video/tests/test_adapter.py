"""What the model answers, without a server."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from adapter import Starter, moving_square
from bakeoff_server import Context, InvalidInput, Request
from bakeoff_server.author import Input


def request(prompt: str, seed: int = 1) -> Request:
    return Request("a.0.1.1", "text-to-video", Input(prompt=prompt), {"frames": 4}, seed)


def test_the_same_seed_gives_the_same_clip_and_another_seed_another() -> None:
    assert np.array_equal(moving_square(1, 4), moving_square(1, 4))
    assert not np.array_equal(moving_square(1, 4), moving_square(2, 4))


def test_it_writes_the_clip_that_it_names(tmp_path: Path) -> None:
    context = Context(tmp_path, None, threading.Event(), lambda event: None)
    [clip] = Starter().generate(request("a ball"), context).files
    assert (tmp_path / clip.path).stat().st_size > 0
    assert (clip.kind, clip.frames) == ("video", 4)


def test_an_empty_prompt_is_an_invalid_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        Starter().generate(request(" "), Context(tmp_path, None, threading.Event(), lambda event: None))
