"""Runs one server: bind, spawn workers, mount routes, wait for the end, drain, exit 0.

Called by entry.py with the routes of one protocol. Knows uvicorn; must not know what the routes do.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .manifest import Manifest, params_validator
from .server_state import ServerState
from .settings import CANCEL_GRACE_S, DRAIN_LIMIT_S, Settings
from .worker_pool import WorkerPool

if TYPE_CHECKING:
    from fastapi import FastAPI

AddRoutes = Callable[["FastAPI", ServerState], None]
KEEP_ALIVE_S = 75
BACKLOG = 2048
LINGER_S = 2


class PortError(Exception):
    """The port cannot be bound; the message says which and why."""


def bind(host: str, port: int) -> socket.socket:
    """Binds before anything is spawned, so that a taken port costs nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY; without, every answer waits 40 ms for an ACK.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)  # now, because two that are merely bound to a port do not collide
    except OSError as error:
        sock.close()
        raise PortError(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    return sock


async def run_server(
    target: str, settings: Settings, manifest: Manifest, load_routes: Callable[[], AddRoutes]
) -> int:
    """Serves until SIGTERM, SIGINT or POST /shutdown; answers with the exit code 0."""
    sock = bind(settings.host, settings.port)
    port = sock.getsockname()[1]
    pool = WorkerPool(target, manifest.requirements.maxConcurrency, CANCEL_GRACE_S)
    state = ServerState(settings, manifest, pool, params_validator(manifest.params))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, state.stop.set)
    name = f"{manifest.id} {manifest.version}"
    pool.start(lambda: _say(f"{name} is ready"))
    _say(f"{name} listens on {settings.host} port {port}")
    # The web framework takes longer to import than a small model to load: both at the same time.
    serving = asyncio.create_task(_serve(sock, state, load_routes))
    stopping = asyncio.create_task(state.stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    state.stop.set()
    await pool.drain(DRAIN_LIMIT_S)
    state.drained.set()
    await serving
    return 0


async def _serve(
    sock: socket.socket, state: ServerState, load_routes: Callable[[], AddRoutes]
) -> None:
    import uvicorn

    from .http_app import make_app

    class Server(uvicorn.Server):
        """Signals are ours: uvicorn would raise them again after its shutdown and exit by signal."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    app = make_app(state.settings)
    load_routes()(app, state)
    instance = state.settings.instance
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=LINGER_S,
        headers=[("x-bakeoff-instance", instance)] if instance else [],
    )
    server = Server(config)

    async def end_when_drained() -> None:
        await state.drained.wait()
        server.should_exit = True

    ending = asyncio.create_task(end_when_drained())
    try:
        await server.serve(sockets=[sock])
    finally:
        ending.cancel()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
