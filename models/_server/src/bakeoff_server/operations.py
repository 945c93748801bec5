"""Routes that every server of ours has: /health, /requirements, /metrics, /shutdown."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from .prometheus import exposition
from .server_state import ServerState, processor_name


def add_operations(app: FastAPI, state: ServerState) -> None:
    """Mounts them; none waits for a worker, so all answer while a generation runs."""
    cpu_name = processor_name()

    async def health(request: Request) -> Response:
        body = health_body(state, cpu_name)
        status = 200 if body["status"] in ("ready", "busy") else 503
        return _json(body, status)

    async def requirements(request: Request) -> Response:
        return _json(requirements_body(state), 200)

    async def metrics(request: Request) -> Response:
        return Response(exposition(state), 200, media_type="text/plain; version=0.0.4")

    async def shutdown(request: Request) -> Response:
        state.stop.set()
        return _json({"status": "draining", "running": state.pool.running}, 202)

    app.add_route("/health", health, methods=["GET"])
    app.add_route("/requirements", requirements, methods=["GET"])
    app.add_route("/metrics", metrics, methods=["GET"])
    app.add_route("/shutdown", shutdown, methods=["POST"])


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


def health_body(state: ServerState, cpu_name: str) -> dict[str, Any]:
    """The body of GET /health. `busy` covers a running generation and a worker being replaced."""
    pool, manifest = state.pool, state.manifest
    facts = dict(pool.ready.get("facts", {}))
    libraries = facts.pop("libraries", {})
    body: dict[str, Any] = {
        "status": "busy" if pool.status == "ready" and pool.busy else pool.status,
        "model": manifest.id,
        "version": manifest.version,
        "instance": state.settings.instance,
        "setupSeconds": pool.ready.get("setupSeconds"),
        "device": {"kind": "cpu", "name": cpu_name, "cpus": state.settings.cpus, **facts},
        "libraries": libraries,
    }
    if pool.error is not None:
        body["error"] = pool.error
    return body


def requirements_body(state: ServerState) -> dict[str, Any]:
    """The body of GET /requirements: the manifest, overruled by the author's get_requirements."""
    manifest = state.manifest
    needs = manifest.requirements.model_dump()
    return {
        "schemaVersion": 1,
        "model": manifest.id,
        "version": manifest.version,
        "tasks": manifest.tasks,
        **needs,
        "params": manifest.params,
        "weights": manifest.weights,
        "license": manifest.license,
        **state.pool.ready.get("requirements", {}),
    }
