"""What goes wrong in a generation gets the right class, and the server goes on."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from server_process import Server, is_alive, wait_until

FAILURES = [
    ("raise", 1, "model_error", "exception", False),
    ("invalid", 1, "invalid_input", "too-dark", False),
    ("transient", 1, "transient", "later", True),
    ("accelerator", 1, "oom_accelerator", "cuda-memory", False),
    ("memory", 1, "oom_host", "memory-error", False),
    ("no_space", 1, "infra", "disk-full", True),
    ("sys_exit", 1, "model_error", "exception", False),
    ("nan", 1, "model_error", "value-not-finite", False),
    ("nothing", 1, "model_error", "output-empty", False),
    ("not_output", 1, "model_error", "output-type", False),
    ("surrogate", 1, "model_error", "text-not-unicode", False),
    ("odd_params", 1, "model_error", "answer-not-json", False),
    ("empty_file", 1, "model_error", "output-file-empty", False),
    ("missing_file", 1, "model_error", "output-unreadable", False),
    ("linked_file", 1, "model_error", "output-unreadable", False),
    ("linked_folder", 1, "model_error", "output-outside", False),
    ("outside_file", 1, "model_error", "output-outside", False),
    ("fifo", 1, "model_error", "output-unreadable", False),
    ("flood", 1, "model_error", "stream-too-long", False),
]
DEATHS = [
    ("signal", signal.SIGSEGV, "model_error", "worker-crashed"),
    ("signal", signal.SIGABRT, "model_error", "worker-crashed"),
    ("signal", signal.SIGKILL, "infra", "worker-killed"),
    ("exit", 0, "model_error", "worker-exited"),
    ("exit", 9, "model_error", "worker-exited"),
]


@pytest.mark.parametrize(("do", "amount", "error_class", "code", "retryable"), FAILURES)
def test_a_failure_has_its_class_and_leaves_the_worker_loaded(
    native: Server, do: str, amount: int, error_class: str, code: str, retryable: bool
) -> None:
    worker_id = native.health()["device"]["pid"]

    record = native.generate(do, amount)

    error: dict[str, Any] = record["error"]
    assert (record["status"], record["output"]) == ("failed", None)
    assert (error["class"], error["code"], error["retryable"]) == (error_class, code, retryable)
    assert error["message"]
    assert is_alive(worker_id)


@pytest.mark.parametrize(("do", "amount", "error_class", "code"), DEATHS)
def test_a_worker_that_dies_is_replaced_and_its_load_is_told(
    native: Server, do: str, amount: int, error_class: str, code: str
) -> None:
    died = native.generate(do, amount)
    next_one = native.generate("value")
    after = native.generate("value")

    assert (died["error"]["class"], died["error"]["code"]) == (error_class, code)
    assert next_one["status"] == "succeeded"
    assert next_one["output"]["value"] == 1.0  # the first of a new worker
    assert next_one["timings"]["loadMs"] > 0
    assert after["timings"]["loadMs"] == 0


def test_a_worker_that_dies_idle_is_replaced_before_anybody_asks(native: Server) -> None:
    worker_id = native.health()["device"]["pid"]

    os.kill(worker_id, signal.SIGKILL)
    wait_until(lambda: native.health()["device"]["pid"] != worker_id)
    record = native.generate("value")

    assert (record["status"], record["output"]["value"]) == ("succeeded", 1.0)


def test_an_input_file_that_changed_is_infrastructure(native: Server) -> None:
    (native.inputs / "changed").write_bytes(b"new")
    file = {"path": str(native.inputs / "changed"), "sha256": "0" * 64, "contentType": "image/png"}

    record = native.generate("echo", input={"prompt": "x", "files": [file]})

    assert (record["error"]["class"], record["error"]["code"]) == ("infra", "input-digest")


def test_a_failed_generation_keeps_its_times(native: Server) -> None:
    record = native.generate("raise")

    assert record["timings"]["generateMs"] >= 0
    assert record["effectiveParams"] == {"do": "raise", "amount": 1}
