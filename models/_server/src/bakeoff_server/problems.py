"""Refusals as `application/problem+json`: what happened, and what to do.

Raised anywhere below a route as Problem; rendered by the handlers of http_app.py.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from pydantic import ValidationError
from starlette.responses import Response

SHOWN_PROBLEMS = 8
DETAIL_LIMIT = 2000


class Problem(Exception):
    """An answer that refuses. `code` is kebab-case and stable; `remedy` is an imperative sentence."""

    def __init__(self, status: int, code: str, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.status, self.code = status, code
        self.detail, self.remedy = detail[:DETAIL_LIMIT], remedy

    def body(self) -> dict[str, object]:
        return {
            "type": f"urn:bakeoff:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "remedy": self.remedy,
        }


def problem_response(problem: Problem) -> Response:
    body, headers = json.dumps(problem.body()), headers_of(problem)
    return Response(body, problem.status, headers, "application/problem+json")


def headers_of(problem: Problem) -> dict[str, str]:
    """When to come back; and an end of the connection where the rest of a body is not wanted."""
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": "1"}
    if problem.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return {"connection": "close"}
    return {}


def body_problem(error: ValidationError) -> Problem:
    """All faults of a body in one detail; values are left out, they may be huge or private."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    shown = [
        f"{'.'.join(str(part) for part in fault['loc']) or 'body'}: {fault['msg']}"
        for fault in faults[:SHOWN_PROBLEMS]
    ]
    more = len(faults) - len(shown)
    detail = "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
    return Problem(400, "body-invalid", detail, "Send a body as the container contract v1 says.")
