"""Start and end of a server: drains, exit codes, and no process left behind."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from server_process import (
    INSTANCE,
    Answer,
    Server,
    is_alive,
    running_server,
    server_environment,
    wait_until,
)

PLAYGROUND = Path(__file__).parent / "playground"
COMMAND = ["bakeoff_server", "adapter:Playground"]


def in_background(server: Server, do: str, amount: int) -> tuple[threading.Thread, list[Any]]:
    """A synchronous PUT that is under way when this returns; its record arrives in the list."""
    records: list[Any] = []
    thread = threading.Thread(target=lambda: records.append(server.generate(do, amount)))
    thread.start()
    wait_until(lambda: server.health()["status"] == "busy")
    return thread, records


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "POST /shutdown"])
def test_a_drained_server_answers_what_runs_and_exits_0(tmp_path: Path, how: str) -> None:
    with running_server(PLAYGROUND, tmp_path, COMMAND) as server:
        worker_id = server.health()["device"]["pid"]
        thread, records = in_background(server, "wait", 300)

        if how == "POST /shutdown":
            assert server.ask("POST", "/shutdown").status == 202
        else:
            server.process.send_signal(getattr(signal, how))
        exit_code = server.process.wait(30)
        thread.join()

    assert exit_code == 0
    assert records[0]["status"] == "succeeded"
    assert not is_alive(worker_id)


def refusal(server: Server, headers: dict[str, str]) -> Answer | None:
    answer = server.ask("PUT", f"/generate/{server.new_id()}", server.order("value"), headers)
    return answer if answer.status != 202 else None


def test_a_draining_server_takes_nothing_new_and_gives_up_what_takes_too_long(
    tmp_path: Path,
) -> None:
    with running_server(PLAYGROUND, tmp_path, COMMAND) as server:
        thread, records = in_background(server, "wait", 600_000)

        server.process.send_signal(signal.SIGTERM)
        refused = wait_until(lambda: refusal(server, {"prefer": "respond-async"}))
        exit_code = server.process.wait(60)
        thread.join()

    assert (refused.status, refused.json["code"]) == (503, "shutting-down")
    assert exit_code == 0
    assert (records[0]["error"]["class"], records[0]["error"]["code"]) == (
        "transient",
        "shutting-down",
    )


def test_a_killed_server_leaves_no_worker(tmp_path: Path) -> None:
    with running_server(PLAYGROUND, tmp_path, COMMAND) as server:
        worker_id = server.health()["device"]["pid"]
        server.start("spin", 600_000)

        server.process.kill()
        server.process.wait()

        wait_until(lambda: not is_alive(worker_id))


def test_a_model_that_fails_to_load_is_failed_with_its_cause(tmp_path: Path) -> None:
    package = tmp_path / "package"
    shutil.copytree(PLAYGROUND, package)
    (package / "fail-setup").touch()

    with running_server(package, tmp_path, COMMAND, ready=False) as server:
        health = server.ask("GET", "/health")
        refused = server.ask("PUT", "/generate/x", server.order("value"))
        server.process.send_signal(signal.SIGTERM)
        exit_code = server.process.wait(30)

    assert (health.status, health.json["status"]) == (503, "failed")
    assert health.json["error"]["code"] == "weights-broken"
    assert health.json["instance"] == INSTANCE
    assert (refused.status, refused.json["code"]) == (503, "model-failed")
    assert exit_code == 0


def test_a_loading_server_says_starting_and_ends_at_once_when_asked(tmp_path: Path) -> None:
    package = tmp_path / "package"
    shutil.copytree(PLAYGROUND, package)
    with (package / "adapter.py").open("a") as adapter:
        adapter.write("\n    pass\nimport time\ntime.sleep(600)\n")

    with running_server(package, tmp_path, COMMAND, ready=None) as server:
        health = server.ask("GET", "/health")
        refused = server.ask("PUT", "/generate/x", server.order("value"))
        server.process.send_signal(signal.SIGTERM)
        exit_code = server.process.wait(30)

    assert (health.status, health.json["status"], health.json["setupSeconds"]) == (
        503,
        "starting",
        None,
    )
    assert (refused.status, refused.json["code"]) == (503, "not-ready")
    assert refused.headers["retry-after"] == "1"
    assert exit_code == 0


def test_a_worker_killed_while_it_loads_is_started_again(tmp_path: Path) -> None:
    package = tmp_path / "package"
    shutil.copytree(PLAYGROUND, package)
    adapter = (package / "adapter.py").read_text()
    kill_once = """
if not os.path.exists("killed"):
    open("killed", "w").close()
    os.kill(os.getpid(), 9)
"""
    (package / "adapter.py").write_text(adapter + kill_once)

    with running_server(package, tmp_path, COMMAND) as server:
        record = server.generate("value")

    assert record["status"] == "succeeded"


def test_two_workers_generate_at_the_same_time(tmp_path: Path) -> None:
    package = tmp_path / "package"
    shutil.copytree(PLAYGROUND, package)
    manifest = (package / "model.yaml").read_text()
    (package / "model.yaml").write_text(manifest.replace("maxConcurrency: 1", "maxConcurrency: 2"))

    with running_server(package, tmp_path, COMMAND) as server:
        first = server.start("wait", 600_000)
        second = server.generate("value")
        status = server.ask("GET", f"/generate/{first}").json["status"]

    assert (status, second["status"]) == ("running", "succeeded")


def test_an_adapter_run_as_a_module_serves_without_its_libraries(tmp_path: Path) -> None:
    with running_server(PLAYGROUND, tmp_path, ["adapter"]) as server:
        record = server.generate("value")
        maps = Path(f"/proc/{server.process.pid}/maps").read_text()

    assert record["status"] == "succeeded"
    assert "_sqlite3" not in maps


def start(package: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *COMMAND],
        cwd=package,
        env=server_environment(package, **environment),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = start(PLAYGROUND, PORT=str(port))

    assert done.returncode == 1
    assert done.stderr == f"Cannot listen on 127.0.0.1 port {port}: Address already in use.\n"


def test_all_faults_of_the_environment_are_named_at_once() -> None:
    done = start(PLAYGROUND, PORT="80x", BAKEOFF_OUTPUTS="relative", BAKEOFF_CPUS="0")

    assert done.returncode == 1
    assert [line.split(" ")[0] for line in done.stderr.splitlines()] == [
        "PORT",
        "BAKEOFF_OUTPUTS",
        "BAKEOFF_CPUS",
    ]


@pytest.mark.parametrize(
    ("manifest", "seen"),
    [
        (None, "No such file"),
        ("a: [", "model.yaml"),
        ("kind: model\n", "requirements"),
        (json.dumps({"kind": "sandwich"}), "kind"),
    ],
)
def test_a_broken_manifest_is_told_without_a_trace(
    tmp_path: Path, manifest: str | None, seen: str
) -> None:
    if manifest is not None:
        (tmp_path / "model.yaml").write_text(manifest)

    done = start(tmp_path, PORT="0")

    assert done.returncode == 1
    assert seen in done.stderr
    assert "Traceback" not in done.stderr
