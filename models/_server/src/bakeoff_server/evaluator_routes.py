"""The evaluator protocol: /metrics-info, /evaluate, /aggregate (design: samples in, rows out).

Scoring runs in the worker, one sample at a time: a sample that kills it costs that sample alone.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from .errors import ErrorRecord, error_record
from .evaluation_rows import check_scorers, rows_of
from .evaluator_wire import AggregateBody, EvaluateBody
from .problems import Problem
from .request_body import parse_body
from .server_state import ServerState
from .settings import EVALUATE_BODY_LIMIT_BYTES


@dataclass(eq=False)
class Call:
    """One command for the worker and its answer: the pool's unit of work."""

    command: dict[str, Any]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    answer: dict[str, Any] = field(default_factory=dict)
    size_bytes: int = 0

    def begin(self, waited_for_load_ms: float) -> None:
        """Nothing to note: evaluation is not timed by sample."""

    def report(self, event: dict[str, Any]) -> None:
        """Evaluators report no progress."""

    def finish(self, answer: dict[str, Any]) -> None:
        if not self.settled.is_set():
            self.answer = answer
            self.settled.set()

    def fail(self, error: ErrorRecord) -> None:
        self.finish({"event": "error", "error": error})


def add_evaluator_routes(app: FastAPI, state: ServerState) -> None:
    """Mounts the three routes."""
    scorers = state.manifest.scorers
    info = {
        "evaluator": state.manifest.id,
        "version": state.manifest.version,
        "scorers": {name: scorer.model_dump() for name, scorer in scorers.items()},
    }
    state_dir = (state.settings.outputs or Path(gettempdir())) / "states"

    async def metrics_info(request: Request) -> Response:
        return _json(info)

    async def evaluate(request: Request) -> Response:
        body, _ = await parse_body(request, EvaluateBody, EVALUATE_BODY_LIMIT_BYTES)
        check_scorers(body.scorers, scorers)
        rows: list[dict[str, Any]] = []
        states: list[dict[str, Any]] = []
        for sample in body.samples:
            command = {
                "op": "evaluate",
                "scorers": body.scorers,
                "sample": sample.model_dump(),
                "stateDir": str(state_dir),
            }
            answer = await _call(state, request, command)
            sample_rows, sample_states = rows_of(sample.sampleId, body.scorers, scorers, answer)
            rows += sample_rows
            states += sample_states
        return _json({"rows": rows, "states": states})

    async def aggregate(request: Request) -> Response:
        body, _ = await parse_body(request, AggregateBody, EVALUATE_BODY_LIMIT_BYTES)
        check_scorers([body.scorer], scorers, body.metric)
        answer = await _call(state, request, {"op": "aggregate", **body.model_dump()})
        if answer["event"] == "succeeded":
            return _json({"value": answer["value"], "n": len(body.states)})
        return _json({"error": answer["error"]})

    app.add_route("/metrics-info", metrics_info, methods=["GET"])
    app.add_route("/evaluate", evaluate, methods=["POST"])
    app.add_route("/aggregate", aggregate, methods=["POST"])


def _json(body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), 200, media_type="application/json")


async def _call(state: ServerState, request: Request, command: dict[str, Any]) -> dict[str, Any]:
    """Runs one command; a caller that is gone stops it, and the worker is replaced if it must be."""
    state.refuse_unless_ready()
    call = Call({**command, "id": ""})
    call.command["id"] = call.id
    state.pool.submit(call)
    while not call.settled.is_set():
        try:
            await asyncio.wait_for(call.settled.wait(), 1.0)
        except TimeoutError:
            if await request.is_disconnected():
                state.pool.withdraw(call)
                call.fail(error_record("infra", "caller-gone", "The caller closed its connection."))
                raise Problem(408, "caller-gone", "The caller is gone.", "Call again.") from None
    return call.answer
