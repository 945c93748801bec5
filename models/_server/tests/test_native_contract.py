"""The native protocol as the container contract v1 has it, against a real server."""

from __future__ import annotations

import hashlib
from pathlib import Path

from server_process import INSTANCE, Server


def test_health_names_the_instance_the_model_and_its_libraries(native: Server) -> None:
    answer = native.ask("GET", "/health")

    body = answer.json
    assert answer.status == 200
    assert (body["status"], body["model"], body["version"]) == ("ready", "playground", "1.2.3")
    assert body["instance"] == INSTANCE == answer.headers["x-bakeoff-instance"]
    assert body["setupSeconds"] > 0
    assert (body["device"]["kind"], body["device"]["cpus"]) == ("cpu", 1)
    assert set(body["libraries"]) == {"sqlite"}


def test_health_answers_busy_while_a_generation_holds_the_interpreter(native: Server) -> None:
    generation_id = native.start("spin", 2000)

    status = native.health()["status"]
    still = native.ask("GET", f"/generate/{generation_id}").json["status"]

    assert (status, still) == ("busy", "running")
    native.ask("DELETE", f"/generate/{generation_id}")


def test_requirements_are_those_of_the_manifest(native: Server) -> None:
    body = native.ask("GET", "/requirements").json

    assert body["schemaVersion"] == 1
    assert body["tasks"] == ["tabular-regression", "image-to-text"]
    assert body["accelerator"]["kind"] == "none"
    assert (body["cpu"], body["memoryMiB"], body["diskMiB"], body["maxConcurrency"]) == (
        1,
        256,
        10,
        1,
    )
    assert body["params"]["properties"]["do"]["default"] == "value"
    assert body["license"] == "Apache-2.0"


def test_a_generation_answers_with_its_whole_record(native: Server) -> None:
    record = native.generate("value")

    assert record["status"] == "succeeded"
    assert record["progress"] == 1.0
    assert set(record["output"]) == {"value"}
    assert record["effectiveParams"] == {"do": "value", "amount": 1}
    assert record["seed"] == 7
    assert record["error"] is None
    assert record["usage"] == {"promptTokens": 3}
    assert record["peakAcceleratorMemoryMiB"] is None
    assert record["timings"]["encodeMs"] == record["timings"]["stages"]["encode"] >= 0
    assert min(record["timings"][name] for name in ("queueMs", "loadMs", "generateMs")) >= 0


def test_params_are_completed_with_the_defaults_of_the_manifest(native: Server) -> None:
    record = native.generate("value", params={})

    assert record["effectiveParams"] == {"do": "value", "amount": 1}


def test_the_same_id_and_body_are_the_same_generation(native: Server) -> None:
    order = native.order("value")

    first = native.ask("PUT", "/generate/same.0.1.1", order).json
    second = native.ask("PUT", "/generate/same.0.1.1", order).json

    assert first == second


def test_a_put_joins_the_running_generation_of_its_id(native: Server) -> None:
    generation_id = native.start("wait", 300, seed=99)

    joined = native.ask("PUT", f"/generate/{generation_id}", native.order("wait", 300, seed=99))

    assert joined.json["status"] == "succeeded"
    assert joined.json == native.ask("GET", f"/generate/{generation_id}").json


def test_the_same_id_with_another_body_is_a_conflict(native: Server) -> None:
    native.ask("PUT", "/generate/other.0.1.1", native.order("value"))

    for change in ({"seed": 8}, {"input": {"row": {"a": 2}}}, {"params": {"do": "echo"}}):
        answer = native.ask("PUT", "/generate/other.0.1.1", {**native.order("value"), **change})
        assert (answer.status, answer.json["code"]) == (409, "generation-differs")


def test_the_output_folder_is_no_part_of_the_identity(native: Server) -> None:
    first = native.ask("PUT", "/generate/moved.0.1.1", native.order("value"))
    second = native.ask("PUT", "/generate/moved.0.1.1", native.order("value"))

    assert first.json == second.json


def test_an_asynchronous_put_answers_at_once_and_is_followed_by_get(native: Server) -> None:
    generation_id = native.new_id()
    order = native.order("wait", 200)

    answer = native.ask("PUT", f"/generate/{generation_id}", order, {"prefer": "respond-async"})

    assert answer.status == 202
    assert answer.headers["location"] == f"/generate/{generation_id}"
    assert answer.json["status"] in ("queued", "running")
    native.wait_for(generation_id, lambda record: record["status"] == "succeeded")


def test_a_stream_tells_progress_and_tokens_and_ends_with_the_record(native: Server) -> None:
    answer = native.ask(
        "PUT", "/generate/stream.0.1.1", native.order("tokens", 5), {"accept": "text/event-stream"}
    )

    assert answer.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in answer.events]
    assert names == ["progress", "token"] * 5 + ["completed"]
    tokens = "".join(data["text"] for name, data in answer.events if name == "token")
    record = answer.events[-1][1]
    assert tokens == record["output"]["text"] == "w0 w1 w2 w3 w4 "
    assert 0 <= record["timings"]["firstTokenMs"] <= record["timings"]["generateMs"]


def test_a_stream_of_a_settled_generation_is_its_record(native: Server) -> None:
    order = native.order("tokens", 2)
    native.ask("PUT", "/generate/late.0.1.1", order)

    answer = native.ask("PUT", "/generate/late.0.1.1", order, {"accept": "text/event-stream"})

    assert [name for name, _ in answer.events] == ["completed"]


def test_delete_forgets_a_settled_generation(native: Server) -> None:
    record = native.generate("value")

    deleted = native.ask("DELETE", f"/generate/{record['id']}")
    asked = native.ask("GET", f"/generate/{record['id']}")

    assert (deleted.status, deleted.raw) == (204, b"")
    assert (asked.status, asked.json["code"]) == (404, "generation-unknown")


def test_a_forgotten_id_can_be_generated_again(native: Server) -> None:
    first = native.generate("value")
    native.ask("DELETE", f"/generate/{first['id']}")

    second = native.ask("PUT", f"/generate/{first['id']}", native.order("value")).json

    assert second["output"]["value"] > first["output"]["value"]


def test_generations_wait_for_their_turn_and_tell_how_long(native: Server) -> None:
    running = native.start("wait", 200)

    waiting = native.generate("value")

    assert native.ask("GET", f"/generate/{running}").json["status"] == "succeeded"
    assert waiting["timings"]["queueMs"] > 50


def test_input_files_reach_the_model_checked(native: Server) -> None:
    image = native.inputs / "line.png"
    image.write_bytes(b"\x89PNG....")
    reference = {
        "path": str(image),
        "sha256": hashlib.sha256(image.read_bytes()).hexdigest(),
        "contentType": "image/png",
    }

    record = native.generate("echo", input={"prompt": "read", "files": [reference]})

    assert record["output"]["text"] == "read|8|7"


def test_metrics_are_prometheus_text_that_counts(native: Server) -> None:
    native.generate("value")
    native.generate("raise")

    answer = native.ask("GET", "/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = {
        line.split(" ")[0]: float(line.split(" ")[1])
        for line in answer.raw.decode().splitlines()
        if not line.startswith("#")
    }
    assert samples['bakeoff_generations_total{status="succeeded"}'] >= 1
    assert samples['bakeoff_errors_total{class="model_error"}'] >= 1
    assert samples["bakeoff_running"] == 0
    assert samples['bakeoff_resident_memory_bytes{process="workers"}'] > 1_000_000


def test_the_server_never_loads_the_libraries_of_the_model(native: Server) -> None:
    worker_id = native.health()["device"]["pid"]

    server_maps = Path(f"/proc/{native.process.pid}/maps").read_text()
    worker_maps = Path(f"/proc/{worker_id}/maps").read_text()

    assert "_sqlite3" in worker_maps
    assert "_sqlite3" not in server_maps
