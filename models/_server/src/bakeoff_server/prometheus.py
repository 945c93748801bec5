"""GET /metrics: the server's own counters in the Prometheus text format 0.0.4."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Mapping
from pathlib import Path

from .errors import ERROR_CLASSES
from .server_state import ServerState

OUTCOMES = ("succeeded", "failed", "cancelled")
PHASES = ("queue", "load", "generate", "encode")


def exposition(state: ServerState) -> str:
    """All families, each with HELP and TYPE; what cannot be known is left out."""
    pool = state.pool
    lines = [
        *_family(
            "generations_total",
            "counter",
            "Settled generations by outcome.",
            {f'status="{name}"': state.outcomes[name] for name in OUTCOMES},
        ),
        *_family(
            "errors_total",
            "counter",
            "Failed generations by error class.",
            {f'class="{name}"': state.error_classes[name] for name in ERROR_CLASSES},
        ),
        *_family(
            "phase_seconds_total",
            "counter",
            "Time of settled generations by phase.",
            {f'phase="{name}"': state.seconds[name] for name in PHASES},
        ),
        *_family("running", "gauge", "Generations in a worker.", {"": pool.running}),
        *_family("queued", "gauge", "Generations waiting.", {"": pool.waiting}),
        *_family("worker_restarts_total", "counter", "Workers replaced.", {"": pool.restarts}),
        *_family(
            "worker_load_seconds", "gauge", "Load time of the last worker.", {"": pool.last_load_s}
        ),
        *_family(
            "resident_memory_bytes",
            "gauge",
            "Resident memory by process.",
            {
                'process="server"': resident_bytes("self"),
                'process="workers"': _sum(resident_bytes(w.pid) for w in pool.workers),
            },
        ),
    ]
    return "\n".join(lines) + "\n"


def _family(
    name: str, kind: str, description: str, values: Mapping[str, float | None]
) -> Iterator[str]:
    yield f"# HELP bakeoff_{name} {description}"
    yield f"# TYPE bakeoff_{name} {kind}"
    for labels, value in values.items():
        if value is not None:
            yield f"bakeoff_{name}{{{labels}}} {value}" if labels else f"bakeoff_{name} {value}"


def _sum(values: Iterator[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def resident_bytes(process_id: int | str) -> int | None:
    """Resident memory of a process, from the kernel; None where it does not tell."""
    try:
        pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * resource.getpagesize()
