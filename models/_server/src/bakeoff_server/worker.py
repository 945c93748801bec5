"""The server's side of one worker process: start, load, run one command at a time, cancel, kill.

Used by worker_pool.py. Must not import the author's module: that is what the worker is for.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .errors import ErrorRecord, error_record
from .framing import encode_frame, read_frame
from .memory_evidence import oom_kill_count

Report = Callable[[dict[str, Any]], None]
STREAMED = ("progress", "token")


class _NoticingReader(asyncio.StreamReader):
    """Tells when the other side hangs up, also while nobody reads: an idle worker's death."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._on_end = on_end

    def feed_eof(self) -> None:
        super().feed_eof()
        self._on_end()


class Worker:
    """One spawned process. At most one command is under way; the pool sees to that."""

    def __init__(self, target: str) -> None:
        self._ooms_before = oom_kill_count()
        ours, theirs = socket.socketpair()
        self._socket = ours
        descriptor = theirs.fileno()
        module = "bakeoff_server.worker_main"
        arguments = [str(descriptor), str(os.getpid()), target]
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._killed_by_us = False
        self.gone = False
        self.on_gone: Callable[[], None] = lambda: None

    def _note_gone(self) -> None:
        self.gone = True
        self.on_gone()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def load(self) -> dict[str, Any]:
        """Waits for the worker's setup: its `ready`, `failed` or `died` message."""
        loop = asyncio.get_running_loop()
        self._reader = _NoticingReader(self._note_gone)
        protocol = asyncio.StreamReaderProtocol(self._reader)
        transport, _ = await loop.create_unix_connection(lambda: protocol, sock=self._socket)
        self._writer = asyncio.StreamWriter(transport, protocol, self._reader, loop)
        return await self._next_message(lambda _: None)

    async def run(self, command: dict[str, Any], report: Report) -> dict[str, Any]:
        """Sends one command; answers with its final message, `died` included."""
        if self._writer is not None:
            self._writer.write(encode_frame(command))
        return await self._next_message(report)

    def cancel(self, task_id: str) -> None:
        """Asks; the author's code sees `context.cancelled`."""
        if self._writer is not None:
            self._writer.write(encode_frame({"op": "cancel", "id": task_id}))

    def kill(self) -> None:
        """Ends the worker and the programs it started, at once."""
        self._killed_by_us = True
        for process_id in [*descendants(self._process.pid), self._process.pid]:
            try:
                os.kill(process_id, signal.SIGKILL)
            except ProcessLookupError:
                continue

    async def close(self) -> None:
        """Kills and reaps."""
        if self._process.poll() is None:
            self.kill()
            await asyncio.to_thread(self._process.wait)
        if self._writer is not None:
            self._writer.close()

    async def _next_message(self, report: Report) -> dict[str, Any]:
        assert self._reader is not None
        while True:
            try:
                message = await read_frame(self._reader)
            except ValueError as error:
                self.kill()
                message = None
                print(f"worker {self.pid}: {error}", file=sys.stderr)
            if message is None:
                return {"event": "died", "error": await self._obituary()}
            if message["event"] not in STREAMED:
                return message
            report(message)

    async def _obituary(self) -> ErrorRecord:
        """Why it is gone. Out of memory only when the kernel's counter proves it."""
        try:
            await asyncio.wait_for(asyncio.to_thread(self._process.wait, 2), 3)
        except (subprocess.TimeoutExpired, TimeoutError):
            self.kill()  # it closed its channel but lives: of no use any more
            await asyncio.to_thread(self._process.wait)
        code = self._process.returncode
        before, after = self._ooms_before, oom_kill_count()
        if self._killed_by_us:
            return error_record("model_error", "worker-stopped", "The worker was stopped.")
        if code == -signal.SIGKILL and before is not None and after is not None and after > before:
            return error_record(
                "oom_host", "killed-for-memory", "The kernel killed the worker for memory."
            )
        if code == -signal.SIGKILL:
            return error_record(
                "infra", "worker-killed", "The worker was killed by SIGKILL from outside."
            )
        if code < 0:
            name = signal.Signals(-code).name
            return error_record("model_error", "worker-crashed", f"The worker died of {name}.")
        return error_record("model_error", "worker-exited", f"The worker exited with code {code}.")


def descendants(process_id: int) -> Iterator[int]:
    """Processes below one, deepest first; empty where the kernel does not list children."""
    for listing in Path(f"/proc/{process_id}/task").glob("*/children"):
        try:
            children = listing.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from descendants(int(child))
            yield int(child)
