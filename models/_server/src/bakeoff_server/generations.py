"""Accepts orders for generations: identity, params, folders, deadline, queue.

Called by the native and the chat routes; must not know HTTP beyond raising Problem.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import error_record
from .generation import Generation
from .manifest import ParamsError
from .problems import Problem
from .remembered import Remembered
from .server_state import ServerState
from .settings import REMEMBERED_BYTES, REMEMBERED_GENERATIONS


@dataclass(frozen=True)
class Order:
    """A generation that somebody wants, whichever protocol brought it."""

    id: str
    task: str
    input: dict[str, Any]
    params: dict[str, Any]
    seed: int | None
    output_dir: Path | None = None
    put_url: str | None = None
    output_format: str | None = None
    deadline_s: float | None = None
    inline_text: bool = False
    images: list[str] = field(default_factory=list)
    size_bytes: int = 0


class Generations:
    """Every generation this server knows."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._remembered = Remembered(REMEMBERED_GENERATIONS, REMEMBERED_BYTES)
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def get(self, generation_id: str) -> Generation:
        generation = self._remembered.get(generation_id)
        if generation is None:
            raise Problem(
                404,
                "generation-unknown",
                f"No generation {generation_id!r} is known here.",
                "Start it with PUT /generate/{id}.",
            )
        return generation

    def accept(self, order: Order) -> Generation:
        """The known generation of this id, or a new one in the queue; 409 for another body."""
        digest = _digest_of(order)
        known = self._remembered.get(order.id)
        if known is not None:
            if known.digest == digest:
                return known
            raise Problem(
                409,
                "generation-differs",
                f"Generation {order.id!r} exists with task, input, params or seed of its own.",
                "Take a new id, or send the same body.",
            )
        self._state.refuse_unless_ready()
        generation = self._create(order, digest)
        self._remembered.add(generation)
        if order.deadline_s is not None:
            loop = asyncio.get_running_loop()
            self._timers[order.id] = loop.call_later(order.deadline_s, _expire, generation)
        self._state.pool.submit(generation)
        return generation

    def cancel(self, generation: Generation) -> None:
        """Settles it as cancelled; a worker that does not stop within the grace is replaced."""
        generation.settle("cancelled", {})

    def forget(self, generation: Generation) -> None:
        self._remembered.forget(generation.id)

    def _create(self, order: Order, digest: str) -> Generation:
        if order.task not in self._state.manifest.tasks:
            raise Problem(
                400,
                "task-unsupported",
                f"The task is {order.task!r}; expected one of {self._state.manifest.tasks}.",
                "Send a task that GET /requirements names.",
            )
        try:
            params = self._state.complete_params(order.params)
        except ParamsError as error:
            raise Problem(
                400, "params-invalid", str(error), "Read the params' schema in GET /requirements."
            ) from error
        command = {
            "op": "generate",
            "id": order.id,
            "task": order.task,
            "input": order.input,
            "params": params,
            "seed": order.seed,
            "outputDir": None if order.output_dir is None else str(order.output_dir),
            "putUrl": order.put_url,
            "format": order.output_format,
            "inlineText": order.inline_text,
            "images": order.images,
        }
        generation = Generation(
            id=order.id,
            digest=digest,
            command=command,
            deadline_s=order.deadline_s,
            seed=order.seed,
            size_bytes=order.size_bytes,
            effective_params=params,
        )
        generation.on_settled = self._note_settled
        return generation

    def _note_settled(self, generation: Generation) -> None:
        state = self._state
        if timer := self._timers.pop(generation.id, None):
            timer.cancel()
        state.pool.withdraw(generation)
        self._remembered.note_settled(generation)
        state.outcomes[generation.status] += 1
        if generation.error is not None:
            state.error_classes[generation.error["class"]] += 1
        timings = generation.record()["timings"]
        for phase in ("queue", "load", "generate", "encode"):
            state.seconds[phase] += (timings[f"{phase}Ms"] or 0.0) / 1000  # type: ignore[assignment]


def _expire(generation: Generation) -> None:
    message = f"The deadline of {generation.deadline_s} s passed in state {generation.status}."
    generation.fail(error_record("timeout", "deadline", message))


def _digest_of(order: Order) -> str:
    """Identity of the body: {task, input, params, seed}, and the images that stand for files."""
    identity = [order.task, order.input, order.params, order.seed, order.images]
    try:
        text = json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise Problem(
            400, "body-invalid", f"The body is not JSON: {error}.", "Send finite numbers only."
        ) from error
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
