"""What an evaluator's worker does with one `evaluate` or `aggregate` command. Called by worker_main.py.

Answers with one final message and never raises: an exception of the evaluator's code is that sample's
failure, the worker lives on.
"""

from __future__ import annotations

import hashlib
import math
import threading
import traceback
from pathlib import Path
from typing import Any

from .evaluator import Evaluator, Sample, SampleFile, Score, State, StateFile, Unscored
from .failures import failure_of
from .generate_task import Emit, RunTask
from .output_files import check_digest


def evaluator_tasks(evaluator: Evaluator) -> RunTask:
    """The runner of `evaluate` and `aggregate` commands."""

    def run(command: dict[str, Any], cancel: threading.Event, emit: Emit) -> dict[str, Any]:
        try:
            done = {"event": "succeeded", "id": command["id"]}
            if command["op"] == "aggregate":
                return {**done, "value": _aggregate(evaluator, command)}
            return {**done, "scores": _evaluate(evaluator, command)}
        except BaseException as error:
            traceback.print_exc()
            return {"event": "error", "id": command["id"], "error": failure_of(error)}

    return run


def _evaluate(evaluator: Evaluator, command: dict[str, Any]) -> dict[str, dict[str, Any]]:
    sample = command["sample"]
    files = [
        SampleFile(f["kind"], Path(f["path"]), f["sha256"], f["bytes"], f["contentType"])
        for f in sample["output"]["files"]
    ]
    for file in files:
        check_digest(file.path, file.sha256)
    scores = evaluator.evaluate(
        Sample(
            id=sample["sampleId"],
            item_id=sample["itemId"],
            input=sample["input"],
            reference=sample["reference"],
            text=sample["output"]["text"],
            value=sample["output"]["value"],
            files=files,
        ),
        command["scorers"],
    )
    state_dir = Path(command["stateDir"])
    return {
        scorer: {
            metric: _plain_score(score, state_dir, f"{sample['sampleId']}.{scorer}.{metric}")
            for metric, score in metrics.items()
        }
        for scorer, metrics in scores.items()
    }


def _plain_score(score: Score, state_dir: Path, name: str) -> dict[str, Any]:
    if isinstance(score, State):
        state_dir.mkdir(parents=True, exist_ok=True)
        path = state_dir / f"{name}.state"
        path.write_bytes(score.data)
        return {"state": {"path": str(path), "sha256": hashlib.sha256(score.data).hexdigest()}}
    if isinstance(score, Unscored):
        return {"unscored": {"code": score.code, "message": score.message}}
    number = float(score)
    return {"value": number} if math.isfinite(number) else {"notFinite": str(number)}


def _aggregate(evaluator: Evaluator, command: dict[str, Any]) -> float:
    states = [StateFile(state["sampleId"], Path(state["path"])) for state in command["states"]]
    for state, given in zip(states, command["states"], strict=True):
        check_digest(state.path, given["sha256"])
    states.sort(key=lambda state: state.sample_id)
    return float(evaluator.aggregate(command["scorer"], command["metric"], states))
