"""From an evaluator's answer to rows: exactly one per sample and metric, a value or an error.

Pure; called by evaluator_routes.py. An evaluator that leaves a metric out, or gives one that is not a
number in its range, is infrastructure at fault, not the model under test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import ErrorRecord, error_record
from .manifest import Metric, Scorer
from .problems import Problem

Row = dict[str, Any]


def check_scorers(
    asked: Sequence[str], known: Mapping[str, Scorer], metric: str | None = None
) -> None:
    """Refuses scorers and metrics that the manifest does not name."""
    for name in asked:
        if name not in known:
            raise Problem(
                400,
                "scorer-unknown",
                f"The scorer is {name!r}; expected one of {sorted(known)}.",
                "Ask GET /metrics-info for the names.",
            )
        metrics = [m.name for m in known[name].metrics]
        if metric is not None and metric not in metrics:
            raise Problem(
                400,
                "metric-unknown",
                f"The metric is {metric!r}; expected one of {metrics}.",
                "Ask GET /metrics-info for the names.",
            )


def rows_of(
    sample_id: str, asked: Sequence[str], known: Mapping[str, Scorer], answer: Mapping[str, Any]
) -> tuple[list[Row], list[Row]]:
    """Rows and states of one sample. A failed sample has one row per scorer, with metric null."""
    rows: list[Row] = []
    states: list[Row] = []
    for scorer in asked:
        head = {"sampleId": sample_id, "scorer": scorer}
        if answer["event"] != "succeeded":
            error = answer.get("error") or error_record("infra", "no-answer", "No answer.")
            rows.append({**head, "metric": None, "error": error})
            continue
        scores = answer["scores"].get(scorer, {})
        for metric in known[scorer].metrics:
            score = scores.get(metric.name, {})
            if "state" in score:
                states.append({**head, "metric": metric.name, **score["state"]})
            else:
                rows.append({**head, "metric": metric.name, **_value_or_error(score, metric)})
    return rows, states


def _value_or_error(score: Mapping[str, Any], metric: Metric) -> Row:
    if "unscored" in score:
        unscored = score["unscored"]
        return {"error": error_record("model_error", unscored["code"], unscored["message"])}
    if "value" not in score:
        seen = score.get("notFinite", "nothing")
        return {"error": _fault("metric-missing", f"{metric.name} is {seen}; expected a number.")}
    value, (low, high) = score["value"], metric.range
    if (low is not None and value < low) or (high is not None and value > high):
        message = f"{metric.name} is {value}; expected {low} to {high}."
        return {"error": _fault("metric-out-of-range", message)}
    return {"value": value}


def _fault(code: str, message: str) -> ErrorRecord:
    return error_record("infra", code, message)
