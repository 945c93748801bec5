"""Ending a generation early: by DELETE, by its deadline, by force."""

from __future__ import annotations

from server_process import Server, is_alive, wait_until


def test_delete_cancels_a_running_generation_and_keeps_the_worker(native: Server) -> None:
    worker_id = native.health()["device"]["pid"]
    generation_id = native.start("wait", 60_000)

    deleted = native.ask("DELETE", f"/generate/{generation_id}")
    following = native.generate("value")

    assert (deleted.status, deleted.json["status"]) == (202, "cancelled")
    assert following["timings"]["loadMs"] == 0
    assert is_alive(worker_id)


def test_delete_cancels_a_waiting_generation_before_it_starts(native: Server) -> None:
    running = native.start("wait", 60_000)
    waiting = native.new_id()
    native.ask("PUT", f"/generate/{waiting}", native.order("value"), {"prefer": "respond-async"})

    deleted = native.ask("DELETE", f"/generate/{waiting}").json
    native.ask("DELETE", f"/generate/{running}")

    assert deleted["status"] == "cancelled"
    assert deleted["timings"]["queueMs"] is None


def test_a_deadline_is_a_timeout(native: Server) -> None:
    record = native.generate("wait", 60_000, deadlineSeconds=0.2)

    assert (record["status"], record["error"]["class"]) == ("failed", "timeout")
    assert not record["error"]["retryable"]
    assert record["output"] is None


def test_the_deadline_counts_the_time_in_the_queue(native: Server) -> None:
    running = native.start("wait", 60_000)

    waiting = native.generate("value", deadlineSeconds=0.1)
    native.ask("DELETE", f"/generate/{running}")

    assert waiting["error"]["class"] == "timeout"
    assert waiting["timings"]["generateMs"] is None


def test_a_worker_that_ignores_cancel_is_killed_with_its_programs(native: Server) -> None:
    order = native.order("hang", deadlineSeconds=0.5)
    pids = native.outputs / f"out-{native.count}" / "pids"

    hung = native.ask("PUT", f"/generate/{native.new_id()}", order).json
    worker_id, program_id = map(int, pids.read_text().split())
    following = native.generate("value")

    assert hung["error"]["class"] == "timeout"
    assert following["output"]["value"] == 1.0  # the first of a new worker
    assert following["timings"]["loadMs"] > 0
    wait_until(lambda: not is_alive(worker_id) and not is_alive(program_id))
