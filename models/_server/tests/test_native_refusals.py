"""Bodies, ids and paths that the native protocol refuses: a status, a code and a remedy, never a trace."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from server_process import Server

SHA = "0" * 64
GOOD: dict[str, Any] = {"task": "tabular-regression", "input": {"row": {"a": 1}}, "seed": 1}


def changed(**members: Any) -> dict[str, Any]:
    return {**GOOD, **members}


GARBAGE = {
    "nothing": b"",
    "not JSON": b"{",
    "not UTF-8": b'{"task": "\xff"}',
    "a list": b"[]",
    "a number": b"7",
    "no task": {"input": {}},
    "no input": {"task": "tabular-regression"},
    "task is a number": changed(task=1),
    "unknown member": changed(extra=1),
    "unknown input": changed(input={"video": "x"}),
    "seed is text": changed(seed="1"),
    "seed is negative": changed(seed=-1),
    "seed is huge": changed(seed=2**63),
    "seed is a fraction": changed(seed=0.5),
    "deadline is zero": changed(deadlineSeconds=0),
    "deadline is a year": changed(deadlineSeconds=31_536_000),
    "row value is a list": changed(input={"row": {"a": [1]}}),
    "row value is NaN": b'{"task": "tabular-regression", "input": {"row": {"a": NaN}}}',
    "param is NaN": b'{"task": "tabular-regression", "input": {}, "params": {"amount": NaN}}',
    "params are a list": changed(params=[]),
    "output dir is relative": changed(output={"dir": "here"}),
    "put link is a file": changed(output={"putUrl": "file:///etc/passwd"}),
    "file without a digest": changed(input={"files": [{"path": "/a", "contentType": "image/png"}]}),
    "digest is no digest": changed(
        input={"files": [{"path": "/a", "sha256": "x", "contentType": "image/png"}]}
    ),
    "half a surrogate": b'{"task": "tabular-regression", "input": {"prompt": "\\ud800"}}',
    "nested too deeply": b'{"task": "t", "input": {"row": ' + b'{"a":' * 5000 + b"1" + b"}" * 5002,
}


def assert_problem(server: Server, answer: Any, status: int, code: str) -> None:
    assert (answer.status, answer.json.get("code")) == (status, code), answer.raw
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "remedy"}
    assert answer.json["remedy"].endswith(".")
    assert "Traceback" not in answer.json["detail"]


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_garbage_body_is_refused(native: Server, body: object) -> None:
    answer = native.ask("PUT", f"/generate/{native.new_id()}", body)

    assert_problem(native, answer, 400, "body-invalid")


def test_all_faults_of_a_body_are_named_at_once(native: Server) -> None:
    answer = native.ask("PUT", "/generate/faults", {"task": 1, "seed": "x", "extra": True})

    assert all(name in answer.json["detail"] for name in ("task", "input", "seed", "extra"))


@pytest.mark.parametrize(
    ("params", "seen"),
    [
        ({"unknown": 1}, "unknown"),
        ({"amount": "many"}, "params.amount"),
        ({"amount": -1}, "params.amount"),
        ({"do": 5}, "params.do"),
    ],
)
def test_params_outside_the_schema_are_refused(
    native: Server, params: dict[str, Any], seen: str
) -> None:
    answer = native.ask("PUT", f"/generate/{native.new_id()}", changed(params=params))

    assert_problem(native, answer, 400, "params-invalid")
    assert seen in answer.json["detail"]


def test_a_task_the_model_does_not_do_is_refused(native: Server) -> None:
    answer = native.ask("PUT", "/generate/task", changed(task="text-to-video"))

    assert_problem(native, answer, 400, "task-unsupported")


@pytest.mark.parametrize("generation_id", ["-x", "a%20b", "a%2F..%2Fb", "x" * 129, "%00"])
def test_an_id_outside_the_grammar_is_refused(native: Server, generation_id: str) -> None:
    answer = native.ask("PUT", f"/generate/{generation_id}", GOOD)

    assert answer.status in (400, 404)
    assert answer.json["code"] in ("id-invalid", "route-unknown")


def test_output_folders_outside_the_outputs_are_refused(native: Server, tmp_path: Path) -> None:
    link = native.outputs / "sideways"
    link.symlink_to(tmp_path)
    outside = [
        "/etc",
        str(tmp_path),
        f"{native.outputs}/../x",
        f"{link}/deep",
        f"{native.outputs}x",
    ]

    answers = [
        native.ask("PUT", f"/generate/{native.new_id()}", changed(output={"dir": folder}))
        for folder in outside
    ]

    for answer in answers:
        assert_problem(native, answer, 400, "output-dir-refused")


def test_input_files_outside_the_inputs_are_refused(native: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s")
    (native.inputs / "link").symlink_to(secret)
    paths = [str(secret), str(native.inputs / "link"), str(native.inputs), f"{native.inputs}/none"]

    for path in paths:
        file = {"path": path, "sha256": SHA, "contentType": "image/png"}
        answer = native.ask("PUT", f"/generate/{native.new_id()}", changed(input={"files": [file]}))
        assert_problem(native, answer, 400, "input-file-refused")


def test_a_body_over_the_limit_is_refused_while_it_arrives(native: Server) -> None:
    head = b'{"task": "tabular-regression", "input": {"prompt": "'
    with socket.create_connection(("127.0.0.1", native.port)) as connection:
        connection.sendall(
            b"PUT /generate/large HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(b"%x\r\n%s\r\n" % (len(head), head))
        piece = b"%x\r\n%s\r\n" % (1 << 20, b"x" * (1 << 20))
        try:
            for _ in range(64):
                connection.sendall(piece)
        except OSError:
            pass  # it has hung up already: the answer is what counts
        status_line = connection.recv(65536).split(b"\r\n")[0]

    assert b" 413 " in status_line


def test_an_announced_body_over_the_limit_is_refused_before_it_arrives(native: Server) -> None:
    with socket.create_connection(("127.0.0.1", native.port)) as connection:
        connection.sendall(
            b"PUT /generate/huge HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000000\r\n\r\n{"
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert b" 413 " in answer.split(b"\r\n")[0]
    assert b"connection: close" in answer.lower()  # nobody waits for the other 2 GB
    assert json.loads(answer.split(b"\r\n\r\n")[1])["code"] == "body-too-large"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "route-unknown"),
        ("GET", "/docs", 404, "route-unknown"),
        ("POST", "/generate/x", 405, "method-not-allowed"),
        ("GET", "/generate/unknown", 404, "generation-unknown"),
        ("DELETE", "/generate/unknown", 404, "generation-unknown"),
    ],
)
def test_unknown_routes_methods_and_ids_are_problems(
    native: Server, method: str, path: str, status: int, code: str
) -> None:
    assert_problem(native, native.ask(method, path), status, code)
