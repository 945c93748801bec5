"""What the model answers, without a server."""

from __future__ import annotations

import threading

import pytest
from adapter import Starter
from bakeoff_server import Context, InvalidInput, Request
from bakeoff_server.author import Input


def answer(text: str, max_words: int = 50) -> str | None:
    model = Starter()
    model.setup()
    messages = [{"role": "user", "content": text}]
    request = Request("a.0.1.1", "chat", Input(messages=messages), {"max_words": max_words}, 1)
    context = Context(None, None, threading.Event(), lambda event: None)
    return model.generate(request, context).text


def test_it_repeats_what_it_was_asked() -> None:
    assert answer("one two three") == "one two three"


def test_it_says_no_more_than_it_may() -> None:
    assert answer("one two three", max_words=2) == "one two"


def test_a_message_without_words_is_an_invalid_input() -> None:
    with pytest.raises(InvalidInput):
        answer(" ")
