"""What Starlette itself refuses, as problems: no such path, no such method, and what nobody expected."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from engine.server.http.reply import problem_parts
from engine.server.http.visit import KEY
from engine.server.refusal import Refusal

log = logging.getLogger(__name__)


async def refused(request: Request, error: Exception) -> Response:
    """Answer to a path or a method that is not there."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _answer(request, Refusal(404, "not_found", "There is nothing here."))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = _methods(request)
        text = f"That cannot be done here; {', '.join(allowed)} can."
        return _answer(request, Refusal(405, "method", text, headers={"Allow": ", ".join(allowed)}))
    return _answer(request, Refusal(error.status_code, "refused", HTTPStatus(error.status_code).phrase + "."))


async def broken(request: Request, error: Exception) -> Response:
    """Answer to what nobody expected; the edge logs it when it comes by."""
    return _answer(request, bug())


def bug() -> Refusal:
    """What is said of a mistake of ours: nothing of it."""
    return Refusal(500, "internal", "Something went wrong here; it is logged under this request's id.")


HANDLERS: Mapping[Any, Any] = {HTTPException: refused, Exception: broken}


def _answer(request: Request, refusal: Refusal) -> Response:
    visit = request.scope.get(KEY)
    if visit is not None:
        visit.word = refusal.word
    status, headers, body = problem_parts(refusal, visit.request_id if visit is not None else "")
    response = Response(body, status)
    response.raw_headers = headers
    return response


def _methods(request: Request) -> tuple[str, ...]:
    """Return the methods of every route with this path."""
    found: set[str] = set()
    for route in request.scope["router"].routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    return tuple(sorted(found))
