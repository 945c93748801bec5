"""Starts a server from a package folder: `serve(...)` in an adapter, or `python -m bakeoff_server`.

Imports nothing of the web framework before the workers are spawned, and never the author's module.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fastapi import FastAPI

    from .http_server import AddRoutes
    from .server_state import ServerState

Protocol = Literal["native", "openai-chat", "evaluator"]
ROUTES: dict[Protocol, tuple[str, str]] = {
    "native": (".native_routes", "add_native_routes"),
    "openai-chat": (".chat_routes", "add_chat_routes"),
    "evaluator": (".evaluator_routes", "add_evaluator_routes"),
}


def serve(target: str) -> None:
    """Serves a Model (`"adapter:Ridge"`) over the native protocol; returns never."""
    _start_clean(target, "native")


def serve_openai_chat(target: str) -> None:
    """Serves the same Model class behind /v1/chat/completions; returns never."""
    _start_clean(target, "openai-chat")


def serve_evaluator(target: str) -> None:
    """Serves an Evaluator; returns never."""
    _start_clean(target, "evaluator")


def _start_clean(target: str, protocol: Protocol) -> None:
    """Replaces this process by one that has not imported the adapter.

    The adapter's own `__main__` calls us: by then the model's libraries may be loaded already, and a
    server must not carry them. The process id stays, so that a supervisor notices nothing.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = ["-m", "bakeoff_server", target, "--protocol", protocol]
    os.execv(sys.executable, [sys.executable, *arguments])


def run(target: str, protocol: Protocol | None, package: Path) -> int:
    """Runs the server in this process; the exit code: 0 after a drain, 1 with one line of cause."""
    from .http_server import PortError, run_server
    from .manifest import ManifestError, load_manifest
    from .settings import SettingsError, load_settings

    try:
        settings = load_settings(package)
        manifest = load_manifest(package)
        return asyncio.run(
            run_server(target, settings, manifest, _loader(protocol or manifest.protocol))
        )
    except (SettingsError, ManifestError, PortError) as error:
        print(error, file=sys.stderr)
        return 1


def _loader(protocol: Protocol) -> Callable[[], AddRoutes]:
    """A function that imports the routes of the protocol when it is called, not before."""

    def load() -> AddRoutes:
        from .operations import add_operations

        module = importlib.import_module(ROUTES[protocol][0], __package__)
        add_protocol: AddRoutes = getattr(module, ROUTES[protocol][1])

        def add(app: FastAPI, state: ServerState) -> None:
            add_operations(app, state)
            add_protocol(app, state)

        return add

    return load
