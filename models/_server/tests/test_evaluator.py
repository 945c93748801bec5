"""The evaluator protocol: samples in, exactly one row per sample and metric out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from server_process import Answer, Server


def sample(sample_id: str, text: str | None, **output: Any) -> dict[str, Any]:
    return {
        "sampleId": sample_id,
        "itemId": sample_id.split(".")[0],
        "input": {"prompt": "p"},
        "reference": None,
        "output": {"text": text, **output},
    }


def evaluate(server: Server, scorers: list[str], *samples: dict[str, Any]) -> Answer:
    return server.ask("POST", "/evaluate", {"scorers": scorers, "samples": list(samples)})


def test_metrics_info_is_that_of_the_manifest(scales: Server) -> None:
    body = scales.ask("GET", "/metrics-info").json

    assert (body["evaluator"], body["version"]) == ("scales", "1.0.0")
    assert body["scorers"]["weight"]["version"] == "1.0.0"
    assert body["scorers"]["weight"]["metrics"][0] == {
        "name": "length",
        "unit": "characters",
        "direction": "none",
        "range": [0, 10],
        "minN": 1,
        "title": "Length",
        "description": "Characters.",
    }
    assert body["scorers"]["balance"]["metrics"][0]["range"] == [None, None]


def test_each_sample_and_metric_has_one_row(scales: Server) -> None:
    body = evaluate(scales, ["weight"], sample("a.0", "area"), sample("b.0", "bcd")).json

    assert body == {
        "rows": [
            {"sampleId": "a.0", "scorer": "weight", "metric": "length", "value": 4},
            {"sampleId": "a.0", "scorer": "weight", "metric": "vowels", "value": 0.75},
            {"sampleId": "b.0", "scorer": "weight", "metric": "length", "value": 3},
            {"sampleId": "b.0", "scorer": "weight", "metric": "vowels", "value": 0},
        ],
        "states": [],
    }


def test_a_sample_that_does_not_decode_has_one_row_per_scorer_and_no_metric(scales: Server) -> None:
    body = evaluate(scales, ["weight", "balance"], sample("a.0", "noise"), sample("b.0", "ab")).json

    undecoded = [row for row in body["rows"] if row["sampleId"] == "a.0"]
    assert [(row["scorer"], row["metric"]) for row in undecoded] == [
        ("weight", None),
        ("balance", None),
    ]
    assert undecoded[0]["error"]["class"] == "model_error"
    assert undecoded[0]["error"]["code"] == "not-text"
    assert [row["metric"] for row in body["rows"] if row["sampleId"] == "b.0"] == [
        "length",
        "vowels",
    ]
    assert [state["sampleId"] for state in body["states"]] == ["b.0"]


@pytest.mark.parametrize(
    ("text", "metric", "error_class", "code"),
    [
        ("", "vowels", "model_error", "no-text"),
        ("partial", "vowels", "infra", "metric-missing"),
        ("nan", "length", "infra", "metric-missing"),
        ("more than ten letters", "length", "infra", "metric-out-of-range"),
    ],
)
def test_a_metric_without_a_number_in_its_range_is_an_error_row(
    scales: Server, text: str, metric: str, error_class: str, code: str
) -> None:
    rows = evaluate(scales, ["weight"], sample("a.0", text)).json["rows"]

    (row,) = [row for row in rows if row["metric"] == metric]
    assert "value" not in row
    assert (row["error"]["class"], row["error"]["code"]) == (error_class, code)
    assert len(rows) == 2


def test_a_sample_that_kills_the_worker_costs_that_sample_alone(scales: Server) -> None:
    body = evaluate(scales, ["weight"], sample("a.0", "die"), sample("b.0", "ab")).json

    died, *rest = body["rows"]
    assert (died["metric"], died["error"]["code"]) == (None, "worker-crashed")
    assert [row["value"] for row in rest] == [2, 0.5]


def test_files_are_checked_against_their_digest(scales: Server, tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    path.write_text("abc")
    file = {"kind": "text", "path": str(path), "bytes": 3, "contentType": "text/plain"}
    right = hashlib.sha256(b"abc").hexdigest()

    good = evaluate(scales, ["weight"], sample("a.0", None, files=[{**file, "sha256": right}])).json
    bad = evaluate(
        scales, ["weight"], sample("a.0", None, files=[{**file, "sha256": "0" * 64}])
    ).json

    assert good["rows"][0]["value"] == 3
    assert (bad["rows"][0]["metric"], bad["rows"][0]["error"]["class"]) == (None, "infra")


def test_a_set_level_metric_aggregates_states_in_sample_order(scales: Server) -> None:
    states = evaluate(
        scales, ["balance"], sample("b.0", "12"), sample("a.0", "1"), sample("c.0", "123")
    ).json["states"]
    references = [
        {name: state[name] for name in ("sampleId", "path", "sha256")} for state in states
    ]
    body = {"scorer": "balance", "metric": "mean-length", "states": references}

    forwards = scales.ask("POST", "/aggregate", body).json
    backwards = scales.ask("POST", "/aggregate", {**body, "states": references[::-1]}).json

    assert forwards == backwards == {"value": 1 * 1 + 2 * 2 + 3 * 3, "n": 3}
    for state in states:
        assert hashlib.sha256(Path(state["path"]).read_bytes()).hexdigest() == state["sha256"]


def test_an_aggregate_that_fails_is_an_error(scales: Server) -> None:
    body = {"scorer": "balance", "metric": "mean-length", "states": []}

    answer = scales.ask("POST", "/aggregate", body)

    assert answer.json["error"]["message"] == "ValueError: no states"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "body-invalid"),
        ({"scorers": [], "samples": []}, "body-invalid"),
        ({"scorers": ["mass"], "samples": []}, "scorer-unknown"),
        ({"scorers": ["weight"], "samples": [{"sampleId": "../x"}]}, "body-invalid"),
    ],
)
def test_a_request_outside_the_protocol_is_refused(scales: Server, body: object, code: str) -> None:
    answer = scales.ask("POST", "/evaluate", body)

    assert (answer.status, answer.json["code"]) == (400, code)
