"""One generation and its life: queued, running, then succeeded, failed or cancelled.

A record with its waiting clients; it knows neither HTTP nor the worker. Lives in the server's event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import ErrorRecord, error_record
from .settings import STREAMED_TEXT_LIMIT_BYTES

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]

# A reader that lags this far behind gets its tokens joined: memory stays bounded by the text itself.
PENDING_EVENTS = 256


class Subscriber:
    """One client that streams a generation: events wait here until it has taken them."""

    def __init__(self) -> None:
        self._pending: list[dict[str, Any]] = []
        self._wake = asyncio.Event()

    def push(self, event: dict[str, Any]) -> None:
        last = self._pending[-1] if self._pending else None
        if last and len(self._pending) >= PENDING_EVENTS and last["event"] == event["event"]:
            if event["event"] == "token":
                event = {**event, "text": last["text"] + event["text"]}
            self._pending[-1] = event
        else:
            self._pending.append(event)
        self._wake.set()

    def wake(self) -> None:
        """Ends a wait when nothing more will come."""
        self._wake.set()

    async def take(self) -> list[dict[str, Any]]:
        """Waits for an event, or for `wake`, and takes all there are."""
        await self._wake.wait()
        self._wake.clear()
        return self.left_over()

    def left_over(self) -> list[dict[str, Any]]:
        """What has arrived since, without waiting."""
        events, self._pending = self._pending, []
        return events


@dataclass(eq=False)
class Generation:
    """Times are readings of the monotonic clock in seconds; the record shows milliseconds."""

    id: str
    digest: str
    command: dict[str, Any]
    deadline_s: float | None
    seed: int | None
    size_bytes: int
    effective_params: dict[str, Any]
    accepted_at: float = field(default_factory=time.perf_counter)
    status: Status = "queued"
    progress: float | None = None
    queue_ms: float | None = None
    load_ms: float | None = None
    output: dict[str, Any] | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    error: ErrorRecord | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    subscribers: set[Subscriber] = field(default_factory=set)
    streamed_bytes: int = 0
    on_settled: Callable[[Generation], None] = lambda _: None

    def begin(self, waited_for_load_ms: float) -> None:
        """The worker takes it. Time spent waiting for a replaced worker is load, not queue."""
        waited_ms = (time.perf_counter() - self.accepted_at) * 1000
        self.status = "running"
        self.load_ms = round(waited_for_load_ms, 3)
        self.queue_ms = round(max(0.0, waited_ms - waited_for_load_ms), 3)

    def report(self, event: dict[str, Any]) -> None:
        """Progress or a token from the worker; ignored once settled."""
        if self.settled.is_set():
            return
        if event["event"] == "progress":
            self.progress = event["progress"]
        else:
            self.streamed_bytes += len(event["text"])
            if self.streamed_bytes > STREAMED_TEXT_LIMIT_BYTES:
                message = f"More than {STREAMED_TEXT_LIMIT_BYTES} characters were streamed."
                self.fail(error_record("model_error", "stream-too-long", message))
                return
        for subscriber in self.subscribers:
            subscriber.push(event)

    def finish(self, answer: dict[str, Any]) -> None:
        """The worker's last word on it."""
        if answer["event"] == "succeeded":
            self.settle("succeeded", answer)
        elif answer["event"] == "cancelled":
            message = "The model raised Cancelled, but nobody had cancelled the generation."
            self.settle("failed", {}, error_record("model_error", "cancelled-itself", message))
        else:
            self.settle("failed", answer, answer["error"])

    def fail(self, error: ErrorRecord) -> None:
        self.settle("failed", {}, error)

    def settle(
        self, status: Status, answer: dict[str, Any], error: ErrorRecord | None = None
    ) -> None:
        """Ends it, once: what comes later (an answer after a cancel) changes nothing."""
        if self.settled.is_set():
            return
        self.status, self.answer, self.error = status, answer, error
        self.output = answer.get("output") if status == "succeeded" else None
        if status == "succeeded":
            self.progress = 1.0
            self.effective_params = answer["effectiveParams"]
        self.command = {}
        self.settled.set()
        self.on_settled(self)
        for subscriber in self.subscribers:
            subscriber.wake()

    def record(self) -> dict[str, Any]:
        """The generation record of the contract."""
        timings: dict[str, Any] = {
            "queueMs": self.queue_ms,
            "loadMs": self.load_ms,
            "generateMs": None,
            "encodeMs": None,
        }
        timings.update(self.answer.get("timings", {}))
        return {
            "id": self.id,
            "status": self.status,
            "progress": self.progress,
            "output": self.output,
            "timings": timings,
            "usage": self.answer.get("usage"),
            "peakAcceleratorMemoryMiB": self.answer.get("peakAcceleratorMemoryMiB"),
            "effectiveParams": self.effective_params,
            "seed": self.seed,
            "error": self.error,
        }
