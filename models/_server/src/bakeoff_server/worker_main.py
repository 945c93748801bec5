"""The worker process: loads the author's class, then does one task at a time for the server.

Started by worker.py as `python -m bakeoff_server.worker_main <fd> <server pid> <module:Class>`. Talks
frames over the inherited socket. Must not know HTTP; the server must not import what this imports.
"""

from __future__ import annotations

import importlib
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from typing import Any

from .author import Model
from .errors import error_record
from .evaluate_task import evaluator_tasks
from .evaluator import Evaluator
from .failures import failure_of
from .framing import encode_frame, receive_frame
from .generate_task import Emit, model_tasks
from .parent_death import die_with_parent

Task = tuple[dict[str, Any], threading.Event]


def load_target(target: str) -> Model | Evaluator:
    """Imports `module:Class` and makes the instance; raises with a message for the author."""
    module_name, _, class_name = target.partition(":")
    found = getattr(importlib.import_module(module_name), class_name, None)
    if not isinstance(found, type) or not issubclass(found, (Model, Evaluator)):
        raise TypeError(f"{target} is {found!r}; expected a subclass of Model or Evaluator.")
    return found()


class Channel:
    """The worker's end of the socket: a locked writer, and a thread that reads commands."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self.inbox: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._cancels: dict[str, threading.Event] = {}

    def emit(self, message: dict[str, Any]) -> None:
        frame = encode_frame(message)
        with self._lock:
            self._sock.sendall(frame)

    def read_forever(self) -> None:
        """Ends the process when the server is gone, also in the middle of a generation."""
        while (message := receive_frame(self._sock)) is not None:
            if message["op"] == "cancel":
                if event := self._cancels.get(message["id"]):
                    event.set()
                continue
            cancel = threading.Event()
            self._cancels = {message["id"]: cancel}
            self.inbox.put((message, cancel))
        os._exit(0)


def _take_signals() -> None:
    """The server decides when a worker ends: a signal to the whole group must not cut a drain short.

    A function and not SIG_IGN, because ignored signals would stay ignored in programs a model starts.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)


def _load(target: str, emit: Emit) -> Model | Evaluator | None:
    started = time.perf_counter()
    try:
        author = load_target(target)
        author.setup()
        facts = author.health_check()
        requirements = author.get_requirements()
        ready = {"event": "ready", "facts": facts, "requirements": requirements}
        emit({**ready, "setupSeconds": round(time.perf_counter() - started, 6)})
        return author
    except BaseException as error:
        traceback.print_exc()
        emit({"event": "failed", "error": failure_of(error)})
        return None


def main(arguments: list[str]) -> int:
    """Serves until the server closes the channel; 3 when the model could not be loaded."""
    descriptor, parent_id, target = int(arguments[0]), int(arguments[1]), arguments[2]
    os.set_inheritable(descriptor, False)
    die_with_parent(parent_id)
    _take_signals()
    channel = Channel(socket.socket(fileno=descriptor))
    threading.Thread(target=channel.read_forever, daemon=True).start()
    author = _load(target, channel.emit)
    if author is None:
        return 3
    tasks = model_tasks(author) if isinstance(author, Model) else evaluator_tasks(author)
    while True:
        command, cancel = channel.inbox.get()
        answer = tasks(command, cancel, channel.emit)
        try:
            channel.emit(answer)
        except (
            TypeError,
            ValueError,
        ) as error:  # the author put something into it that is not JSON
            problem = error_record("model_error", "answer-not-json", str(error))
            channel.emit({"event": "error", "id": command["id"], "error": problem})


if __name__ == "__main__":
    # `-m` runs this file as __main__; go through the importable module so that its classes are one.
    from bakeoff_server.worker_main import main as run

    sys.exit(run(sys.argv[1:]))
