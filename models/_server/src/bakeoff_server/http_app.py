"""The bare web application: error handlers that answer problem+json, no documentation routes.

Called by http_server.py, which mounts the routes of a protocol on it.
"""

from __future__ import annotations

import sys
import traceback

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from .problems import Problem, problem_response
from .settings import Settings


def make_app(settings: Settings) -> FastAPI:
    """An application without routes. Telemetry is off: a server sends nothing anywhere."""
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(error)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = {404: "route-unknown", 405: "method-not-allowed"}.get(error.status_code, "http")
        detail = f"{request.method} {request.url.path[:200]}: {error.detail}"
        remedy = "Use a route of the container contract v1."
        return problem_response(Problem(error.status_code, code, detail, remedy))

    async def on_bug(request: Request, error: Exception) -> Response:
        traceback.print_exception(error, file=sys.stderr)
        detail = f"The server failed with {type(error).__name__}."
        return problem_response(Problem(500, "internal", detail, "Read the server's log."))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_bug)
    return app
