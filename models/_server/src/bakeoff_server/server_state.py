"""What all routes of one server share. Made once by http_server.py; lives in the event loop."""

from __future__ import annotations

import asyncio
import platform
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .manifest import Manifest
from .problems import Problem
from .settings import QUEUE_LIMIT, QUEUE_LIMIT_BYTES, Settings
from .worker_pool import WorkerPool


@dataclass
class ServerState:
    settings: Settings
    manifest: Manifest
    pool: WorkerPool
    complete_params: Callable[[dict[str, Any]], dict[str, Any]]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    drained: asyncio.Event = field(default_factory=asyncio.Event)
    outcomes: Counter[str] = field(default_factory=Counter)
    error_classes: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)

    def refuse_unless_ready(self) -> None:
        """503 for everything that would need a worker while there is none, or no room."""
        if self.stop.is_set():
            raise Problem(
                503, "shutting-down", "The server is shutting down.", "Ask another server."
            )
        if self.pool.status == "failed":
            message = self.pool.error["message"] if self.pool.error else "no cause known"
            raise Problem(
                503, "model-failed", f"The model failed to load: {message}", "Restart the server."
            )
        if self.pool.status == "starting":
            raise Problem(
                503, "not-ready", "The model is still loading.", "Wait until GET /health says 200."
            )
        waiting, waiting_bytes = self.pool.waiting, self.pool.waiting_bytes
        if waiting >= QUEUE_LIMIT or waiting_bytes >= QUEUE_LIMIT_BYTES:
            raise Problem(
                503,
                "queue-full",
                f"{waiting} generations with {waiting_bytes} bytes are waiting.",
                "Send fewer at a time.",
            )


def processor_name() -> str:
    """The CPU's name as the kernel tells it, else its architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
