"""A real server process on loopback, and a small client for it. Used by every test that speaks HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[1] / "src"
INSTANCE = "token-17"
START_LIMIT_S = 60


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.raw)
        return document

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Server-sent events as (name, data)."""
        found = []
        for block in self.raw.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines())
            if lines.get("data", "").startswith("{"):
                found.append((lines.get("event", ""), json.loads(lines["data"])))
        return found


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    outputs: Path
    inputs: Path
    log: Path
    count: int = field(default=0)

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own. `bytes` are sent as they are, all else as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection.request(method, path, raw, headers or {})
        response = connection.getresponse()
        answer = Answer(
            response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        )
        connection.close()
        return answer

    def new_id(self) -> str:
        self.count += 1
        return f"item-{self.count}.0.1.1"

    def order(self, do: str, amount: int = 1, **members: Any) -> dict[str, Any]:
        """The body of a generation that writes below the outputs folder."""
        self.count += 1
        return {
            "task": "tabular-regression",
            "input": {"row": {"a": 1}},
            "params": {"do": do, "amount": amount},
            "seed": 7,
            "output": {"dir": str(self.outputs / f"out-{self.count}")},
            **members,
        }

    def generate(self, do: str, amount: int = 1, **members: Any) -> dict[str, Any]:
        """The record of one synchronous generation."""
        answer = self.ask("PUT", f"/generate/{self.new_id()}", self.order(do, amount, **members))
        assert answer.status == 200, answer.raw
        return answer.json

    def start(self, do: str, amount: int = 1, **members: Any) -> str:
        """Starts a generation without waiting; answers with its id once it is running."""
        generation_id = self.new_id()
        order = self.order(do, amount, **members)
        answer = self.ask("PUT", f"/generate/{generation_id}", order, {"prefer": "respond-async"})
        assert answer.status == 202, answer.raw
        self.wait_for(generation_id, lambda record: record["status"] != "queued")
        return generation_id

    def wait_for(self, generation_id: str, condition: Any) -> dict[str, Any]:
        """Polls a record until it satisfies the condition."""
        end = time.monotonic() + START_LIMIT_S
        while time.monotonic() < end:
            record = self.ask("GET", f"/generate/{generation_id}").json
            if condition(record):
                return record
            time.sleep(0.01)
        raise AssertionError(f"{generation_id} never got there: {record}")

    def health(self) -> dict[str, Any]:
        return self.ask("GET", "/health").json


def server_environment(package: Path, **more: str) -> dict[str, str]:
    """What a driver gives a server, and nothing else."""
    return {
        "HOST": "127.0.0.1",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(
            [str(package), str(SOURCE), os.environ.get("PYTHONPATH", "")]
        ),
        **more,
    }


@contextmanager
def running_server(
    package: Path, scratch: Path, command: list[str], ready: bool | None = True
) -> Iterator[Server]:
    """Starts `python -m <command>` in the package's folder and ends it, whatever happened.

    `ready`: wait for ready (True), for failed (False), or for nothing (None).
    """
    outputs, inputs, log = scratch / "outputs", scratch / "inputs", scratch / "log"
    for folder in (outputs, inputs):
        folder.mkdir(parents=True, exist_ok=True)
    environment = server_environment(
        package,
        PORT="0",
        BAKEOFF_INSTANCE=INSTANCE,
        BAKEOFF_OUTPUTS=str(outputs),
        BAKEOFF_INPUTS=str(inputs),
        BAKEOFF_CPUS="1",
    )
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=package, env=environment, stderr=stream
        )
    server = Server(process, _port(process, log), outputs, inputs, log)
    try:
        if ready is not None:
            wait_for_status(server, "ready" if ready else "failed")
        yield server
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """The port it took, from the line it prints first."""
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text().splitlines():
            if "listens on" in line:
                return int(line.rsplit(" ", 1)[1])
        time.sleep(0.01)
    raise AssertionError(f"the server did not start: {log.read_text()}")


def wait_for_status(server: Server, status: str) -> None:
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end:
        try:
            if server.health()["status"] == status:
                return
        except OSError:
            assert server.process.poll() is None, server.log.read_text()
        time.sleep(0.01)
    raise AssertionError(f"never {status}: {server.health()}")


def is_alive(process_id: int) -> bool:
    """True unless the process is gone or only waits to be reaped."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return False


def wait_until(condition: Any) -> Any:
    """Asks until the answer is true, and gives it back."""
    end = time.monotonic() + START_LIMIT_S
    while not (answer := condition()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
    return answer
