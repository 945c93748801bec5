"""Workers and the queue before them: dispatch, cancel with grace, replace what died.

One lane per unit of `maxConcurrency`; every lane has a worker process of its own, with its own copy of
the weights. Used by the routes through `submit`; must not know HTTP.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

from .errors import ErrorRecord, error_record
from .worker import Worker

# Killed from outside while loading: tried again so often before the server is failed.
LOAD_ATTEMPTS = 3

PoolStatus = Literal["starting", "ready", "failed"]


class Work(Protocol):
    """What can stand in the queue: a generation, or one call of an evaluator."""

    id: str
    command: dict[str, Any]
    settled: asyncio.Event
    size_bytes: int

    def begin(self, waited_for_load_ms: float) -> None: ...
    def report(self, event: dict[str, Any]) -> None: ...
    def finish(self, answer: dict[str, Any]) -> None: ...
    def fail(self, error: ErrorRecord) -> None: ...


class WorkerPool:
    """All lanes of one server. Lives in the event loop; not safe for threads."""

    def __init__(self, target: str, size: int, cancel_grace_s: float) -> None:
        self._target, self._size, self._grace_s = target, size, cancel_grace_s
        self._waiting: dict[str, Work] = {}
        self._running: dict[str, Work] = {}
        self._arrived = asyncio.Event()
        self._emptied = asyncio.Event()
        self._lanes: list[asyncio.Task[None]] = []
        self._loaded = 0
        self.status: PoolStatus = "starting"
        self.ready: dict[str, Any] = {}
        self.error: ErrorRecord | None = None
        self.restarts = 0
        self.last_load_s: float | None = None
        self.workers: set[Worker] = set()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def waiting_bytes(self) -> int:
        """What the waiting work's bodies hold in memory."""
        return sum(work.size_bytes for work in self._waiting.values())

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def busy(self) -> bool:
        """True while something runs, waits, or a dead worker is being replaced."""
        return bool(self._running or self._waiting) or self._loaded < self._size

    def start(self, on_ready: Callable[[], None]) -> None:
        """Spawns the workers; they load while the caller goes on."""
        first = [self._spawn() for _ in range(self._size)]
        self._lanes = [asyncio.create_task(self._lane(worker, on_ready)) for worker in first]

    def submit(self, work: Work) -> None:
        """Queues it. The caller has checked status and bounds."""
        self._waiting[work.id] = work
        self._arrived.set()

    def withdraw(self, work: Work) -> None:
        """Takes settled work out of the queue; running work is cancelled by its lane."""
        self._waiting.pop(work.id, None)

    async def drain(self, limit_s: float) -> None:
        """Waits for all work, at most so long, then ends every worker."""
        deadline = time.perf_counter() + limit_s
        while self._waiting or self._running:
            self._emptied.clear()
            try:
                await asyncio.wait_for(self._emptied.wait(), deadline - time.perf_counter())
            except TimeoutError:
                break
        for lane in self._lanes:
            lane.cancel()
        self._fail_all(error_record("transient", "shutting-down", "The server is shutting down."))
        for worker in list(self.workers):
            await worker.close()

    def _spawn(self) -> Worker:
        worker = Worker(self._target)
        self.workers.add(worker)
        return worker

    async def _lane(self, worker: Worker, on_ready: Callable[[], None]) -> None:
        died_at: float | None = None
        while True:
            loaded = await self._load(worker)
            if loaded is None:
                return
            now = time.perf_counter()
            self._note_loaded(loaded[1], now - loaded[2], on_ready)
            await self._serve(loaded[0], 0.0 if died_at is None else (now - died_at) * 1000)
            died_at = time.perf_counter()
            self._loaded -= 1
            self.restarts += 1
            await self._discard(loaded[0])
            worker = self._spawn()

    async def _load(self, worker: Worker) -> tuple[Worker, dict[str, Any], float] | None:
        """(the loaded worker, its message, when it began); None when the model does not load."""
        for attempt in range(LOAD_ATTEMPTS):
            started = time.perf_counter()
            loaded = await worker.load()
            if loaded["event"] == "ready":
                return worker, loaded, started
            await self._discard(worker)
            if not loaded["error"]["retryable"] or attempt + 1 == LOAD_ATTEMPTS:
                self._give_up(loaded["error"])
                break
            worker = self._spawn()
        return None

    def _note_loaded(
        self, loaded: dict[str, Any], load_s: float, on_ready: Callable[[], None]
    ) -> None:
        self.last_load_s = load_s
        self._loaded += 1
        self.ready = loaded
        if self.status == "starting" and self._loaded == self._size:
            self.status = "ready"
            on_ready()

    async def _serve(self, worker: Worker, reload_ms: float) -> None:
        """Runs work until the worker is gone. The first one after a reload bears its time."""
        while True:
            work = await self._next(worker)
            if work is None:
                return
            self._running[work.id] = work
            work.begin(reload_ms)
            reload_ms = 0.0
            alive = await self._execute(worker, work)
            del self._running[work.id]
            self._emptied.set()
            if not alive:
                return

    async def _next(self, worker: Worker) -> Work | None:
        """The work that waits longest; None when the worker dies idle, so that no sample pays."""
        worker.on_gone = self._arrived.set
        while not self._waiting and not worker.gone:
            self._arrived.clear()
            await self._arrived.wait()
        return None if worker.gone else self._waiting.pop(next(iter(self._waiting)))

    async def _execute(self, worker: Worker, work: Work) -> bool:
        """False when the worker has to be replaced."""
        answering = asyncio.create_task(worker.run(work.command, work.report))
        settled = asyncio.create_task(work.settled.wait())
        await asyncio.wait({answering, settled}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            worker.cancel(work.id)
            await asyncio.wait({answering}, timeout=self._grace_s)
            if not answering.done():
                worker.kill()
        settled.cancel()
        answer = await answering
        work.finish(answer)
        return bool(answer["event"] != "died")

    async def _discard(self, worker: Worker) -> None:
        self.workers.discard(worker)
        await worker.close()

    def _give_up(self, error: ErrorRecord) -> None:
        """The model does not load: the server stays to say so, and runs nothing more."""
        self.status, self.error = "failed", error
        self._fail_all(error)

    def _fail_all(self, error: ErrorRecord) -> None:
        for work in [*self._waiting.values(), *self._running.values()]:
            work.fail(error)
        self._waiting.clear()
        self._emptied.set()
