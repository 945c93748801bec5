"""Parts that are easier to corner alone than through a server."""

from __future__ import annotations

import asyncio
import hashlib
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from server_process import server_environment

from bakeoff_server.author import Context, Model, Output, Request
from bakeoff_server.failures import failure_of
from bakeoff_server.generate_task import model_tasks
from bakeoff_server.generation import PENDING_EVENTS, Generation, Subscriber
from bakeoff_server.manifest import ManifestError, ParamsError, params_validator
from bakeoff_server.memory_evidence import oom_kill_count
from bakeoff_server.remembered import Remembered

MODELS = Path(__file__).parents[2]
LOCKS = sorted(MODELS.glob("*/requirements.lock"))


def settled_generation(generation_id: str, text: str = "") -> Generation:
    generation = Generation(generation_id, "digest", {}, None, 1, 0, {})
    generation.settle("succeeded", {"output": {"text": text}, "effectiveParams": {}})
    return generation


def test_the_oldest_settled_generations_are_forgotten_first() -> None:
    remembered = Remembered(max_count=2, max_bytes=1_000_000)
    running = Generation("running", "digest", {}, None, 1, 0, {})
    remembered.add(running)

    for name in ("a", "b", "c"):
        generation = settled_generation(name)
        remembered.add(generation)
        remembered.note_settled(generation)

    assert [remembered.get(name) is not None for name in ("running", "a", "b", "c")] == [
        True,
        False,
        True,
        True,
    ]


def test_large_answers_push_others_out_but_never_themselves() -> None:
    remembered = Remembered(max_count=100, max_bytes=100_000)

    for name in ("a", "b"):
        generation = settled_generation(name, "x" * 60_000)
        remembered.add(generation)
        remembered.note_settled(generation)

    assert remembered.get("a") is None
    assert remembered.get("b") is not None


def test_a_slow_reader_gets_its_tokens_joined() -> None:
    async def read_late() -> list[dict[str, str]]:
        subscriber = Subscriber()
        for number in range(PENDING_EVENTS + 50):
            subscriber.push({"event": "token", "text": f"{number} "})
        return await subscriber.take()

    events = asyncio.run(read_late())

    assert len(events) == PENDING_EVENTS
    text = "".join(event["text"] for event in events)
    assert text == "".join(f"{number} " for number in range(PENDING_EVENTS + 50))


def test_a_settled_generation_stays_as_it_is() -> None:
    generation = settled_generation("a", "answer")

    generation.settle("cancelled", {})

    assert (generation.status, generation.output) == ("succeeded", {"text": "answer"})


def test_the_kernels_memory_kills_are_counted_in_both_kinds_of_cgroup(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    unified = tmp_path / "sys/job"
    unified.mkdir(parents=True)
    (unified / "memory.events").write_text("low 0\noom 3\noom_kill 2\n")
    legacy = tmp_path / "sys/memory/job"
    legacy.mkdir(parents=True)
    (legacy / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")

    own.write_text("0::/job\n")
    assert oom_kill_count(tmp_path / "sys", own) == 2
    own.write_text("4:memory:/job\n")
    assert oom_kill_count(tmp_path / "sys", own) == 5
    own.write_text("4:cpu:/job\n")
    assert oom_kill_count(tmp_path / "sys", own) is None


def test_an_accelerator_out_of_memory_is_known_by_its_name_alone() -> None:
    kind = type("OutOfMemoryError", (RuntimeError,), {"__module__": "torch.cuda"})
    impostor = type("OutOfMemoryError", (RuntimeError,), {"__module__": "database"})

    assert failure_of(kind("2 GiB"))["class"] == "oom_accelerator"
    assert failure_of(impostor("2 GiB"))["class"] == "model_error"


def test_params_schemas_refer_to_nothing_outside() -> None:
    with pytest.raises(ManifestError):
        params_validator({"properties": {"a": {"$ref": "http://127.0.0.1:1/schema.json"}}})


def test_params_errors_name_the_param_the_rule_and_the_value() -> None:
    complete = params_validator({"properties": {"steps": {"type": "integer", "maximum": 16}}})

    with pytest.raises(
        ParamsError, match=re.escape("params.steps must be smaller than or equal to 16, seen 99.")
    ):
        complete({"steps": 99})


def test_importing_the_sdk_costs_no_web_framework() -> None:
    code = "import bakeoff_server, sys; print({'fastapi', 'pydantic', 'yaml'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=server_environment(MODELS),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "set()"


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_every_package_pins_the_same_server(lock: Path) -> None:
    server, package = pins(MODELS / "_server/requirements.lock"), pins(lock)

    assert {name: package.get(name) for name in server} == server


class Talker(Model):
    """Says one word and is done."""

    def generate(self, request: Request, context: Context) -> Output:
        context.token("word")
        return Output(text="word")


def test_reading_the_inputs_is_no_part_of_the_time_to_the_first_token(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(64 * 1024 * 1024))
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    files = [{"path": str(large), "sha256": digest, "contentType": "image/png"}]
    command = {
        "id": "one",
        "task": "image-to-text",
        "input": {"prompt": None, "messages": None, "files": files, "row": None},
        "params": {},
        "seed": 1,
        "inlineText": True,
    }

    told = model_tasks(Talker())(command, threading.Event(), lambda message: None)

    timings = told["timings"]
    assert 0 <= timings["firstTokenMs"] <= timings["generateMs"]
