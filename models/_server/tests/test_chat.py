"""The same Model class behind the openai-chat protocol."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any

import pytest
from server_process import INSTANCE, Answer, Server, wait_until

IMAGE = b"\x89PNG" + b"\0" * 60
IMAGE_URL = "data:image/png;base64," + base64.b64encode(IMAGE).decode()


def ask(server: Server, do: str = "echo", content: object = "read this", **members: Any) -> Answer:
    body = {
        "model": "playground",
        "messages": [{"role": "user", "content": content}],
        "do": do,
        "seed": 7,
        **members,
    }
    return server.ask("POST", "/v1/chat/completions", body)


def chunks(answer: Answer) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in answer.raw.decode().split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def text_of(streamed: list[dict[str, Any]]) -> str:
    return "".join(c["choices"][0]["delta"].get("content", "") for c in streamed if c["choices"])


def test_models_lists_the_one_model(chat: Server) -> None:
    body = chat.ask("GET", "/v1/models").json

    assert [entry["id"] for entry in body["data"]] == ["playground"]


def test_every_answer_names_the_instance(chat: Server) -> None:
    answers = [
        chat.ask("GET", "/health"),
        ask(chat),
        ask(chat, model="other"),
        chat.ask("GET", "/x"),
    ]

    assert [answer.status for answer in answers] == [200, 200, 404, 404]
    assert {answer.headers["x-bakeoff-instance"] for answer in answers} == {INSTANCE}


def test_a_completion_carries_text_images_and_seed_to_the_model(chat: Server) -> None:
    content = [
        {"type": "text", "text": "read"},
        {"type": "image_url", "image_url": {"url": IMAGE_URL, "detail": "high"}},
    ]

    body = ask(chat, content=content).json

    assert body["object"] == "chat.completion"
    assert body["choices"][0]["message"] == {"role": "assistant", "content": "read|64|7"}
    assert body["choices"][0]["finish_reason"] == "stop"
    assert "usage" not in body  # the model counts no tokens


def test_usage_is_told_where_the_model_counts(chat: Server) -> None:
    body = ask(chat, "usage").json

    assert body["usage"] == {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}


def test_long_text_stays_in_the_answer(chat: Server) -> None:
    body = ask(chat, "text", amount=200_000).json

    assert body["choices"][0]["message"]["content"] == "ä" * 200_000


def test_a_stream_delivers_the_tokens_then_the_reason_then_done(chat: Server) -> None:
    streamed = chunks(ask(chat, "tokens", amount=3, stream=True))

    assert streamed[0]["choices"][0]["delta"]["role"] == "assistant"
    pieces = [c["choices"][0]["delta"].get("content") for c in streamed[1:-1]]
    assert pieces == ["w0 ", "w1 ", "w2 "]
    assert streamed[-1]["choices"][0]["finish_reason"] == "stop"
    assert {c["object"] for c in streamed} == {"chat.completion.chunk"}


def test_a_model_that_does_not_stream_delivers_its_answer_in_one_piece(chat: Server) -> None:
    streamed = chunks(ask(chat, stream=True))

    assert text_of(streamed) == "read this||7"


def test_a_stream_ends_with_the_usage_when_asked(chat: Server) -> None:
    streamed = chunks(ask(chat, "usage", stream=True, stream_options={"include_usage": True}))

    assert streamed[-1]["choices"] == []
    assert streamed[-1]["usage"]["total_tokens"] == 6


def test_a_failure_in_a_stream_is_an_error_event(chat: Server) -> None:
    streamed = chunks(ask(chat, "raise", stream=True))

    assert streamed[-1]["error"]["class"] == "model_error"


def test_tokens_that_are_not_the_answer_are_an_error_of_the_model(chat: Server) -> None:
    streamed = chunks(ask(chat, "draft", stream=True))

    assert streamed[-1]["error"]["class"] == "model_error"
    assert streamed[-1]["error"]["code"] == "stream-differs"


@pytest.mark.parametrize(
    ("do", "status", "error_class"),
    [
        ("raise", 500, "model_error"),
        ("invalid", 400, "invalid_input"),
        ("transient", 503, "transient"),
        ("memory", 500, "oom_host"),
    ],
)
def test_a_failure_has_a_status_and_our_class(
    chat: Server, do: str, status: int, error_class: str
) -> None:
    answer = ask(chat, do)

    assert answer.status == status
    assert answer.json["error"]["class"] == error_class
    assert answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"messages": []}, 400, "body-invalid"),
        ({"messages": [{"role": "user"}]}, 400, "body-invalid"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, 400, "body-invalid"),
        ({"content": [{"type": "audio", "audio": "x"}]}, 400, "body-invalid"),
        ({"n": 2}, 400, "body-invalid"),
        ({"seed": "x"}, 400, "body-invalid"),
        ({"temperature": 0.5}, 400, "params-invalid"),
        ({"model": "other"}, 404, "model-unknown"),
    ],
)
def test_a_request_outside_the_protocol_is_refused(
    chat: Server, members: dict[str, Any], status: int, code: str
) -> None:
    answer = ask(chat, **members)

    assert (answer.status, answer.json["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/image.png",
        "file:///etc/passwd",
        "data:text/plain;base64,aGk=",
        "data:image/png,raw",
        "data:image/png;base64,***",
        "data:image/png;base64",
        "",
    ],
)
def test_only_images_in_data_links_are_taken(chat: Server, url: str) -> None:
    answer = ask(chat, content=[{"type": "image_url", "image_url": {"url": url}}])

    assert (answer.status, answer.json["error"]["code"]) == (400, "image-refused")


def test_garbage_is_refused(chat: Server) -> None:
    answer = chat.ask("POST", "/v1/chat/completions", b"\xff{")

    assert (answer.status, answer.json["error"]["code"]) == (400, "body-invalid")


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_goes_away_cancels_its_generation(chat: Server, stream: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", chat.port)
    message = {"role": "user", "content": "x"}
    body = {
        "model": "playground",
        "messages": [message],
        "do": "wait",
        "amount": 600_000,
        "stream": stream,
    }
    connection.request("POST", "/v1/chat/completions", json.dumps(body))
    wait_until(lambda: chat.health()["status"] == "busy")

    assert connection.sock is not None
    connection.sock.close()

    wait_until(lambda: chat.health()["status"] == "ready")
