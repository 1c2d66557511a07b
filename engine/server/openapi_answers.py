"""Answers as OpenAPI describes them: the problem of each status, once, and the headers that come with them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from engine.server.http.route import Access, Route
from engine.wire.problem import MEDIA_TYPE

ALWAYS = (400, 403, 414, 429, 431, 500, 503)
"""Statuses of problems that any route may answer…"""
AUTHENTICATED = (401,)
"""…those of routes that want to know who asks…"""
WITH_BODY = (408, 413, 415)
"""…and of those that take a body."""

_WHOLE = {"type": "integer", "minimum": 0}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names the request; the server's log has it too.",
        "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    },
    "X-Response-Time": {
        "description": "How long the answer took; absent if the request was refused before it was whole.",
        "schema": {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}ms$"},
    },
    "X-RateLimit-Limit": {
        "description": "How many requests of this kind you may send at once.", "required": True, "schema": _WHOLE,
    },
    "X-RateLimit-Remaining": {
        "description": "How many of them are left.", "required": True, "schema": _WHOLE,
    },
    "X-RateLimit-Reset": {
        "description": "Seconds until all of them are there again.", "required": True, "schema": _WHOLE,
    },
    "Retry-After": {
        "description": "Seconds after which it is worth trying again.", "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string", "const": "Bearer"}},
    "Idempotent-Replay": {
        "description": "The request was carried out before; this is what came of it.",
        "schema": {"type": "string", "const": "true"},
    },
}  # fmt: skip
"""All that the server says about itself; what browsers obey (caching, content policy) is not repeated here."""

EVERYWHERE = ("X-Request-Id", "X-Response-Time", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
MORE = {401: ("WWW-Authenticate",), 403: ("Retry-After",), 429: ("Retry-After",), 503: ("Retry-After",)}

_PROBLEM = "Problem{status}"


def answers(route: Route, schema: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON schema; None = no content
    """Return what a route may answer, by status."""
    more = ("Idempotent-Replay",) if route.idempotent else ()
    good: dict[str, Any] = {
        "description": HTTPStatus(route.status).phrase,
        "headers": _headers((*EVERYWHERE, *more)),
    }
    if schema is not None:
        good["content"] = {"application/json": {"schema": schema}}
    refused = {
        *ALWAYS,
        *(() if route.access is Access.PUBLIC else AUTHENTICATED),
        *(() if route.body is None else WITH_BODY),
        *route.refuses,
    }
    problems = {
        str(status): {"$ref": f"#/components/responses/{_PROBLEM.format(status=status)}"} for status in sorted(refused)
    }
    return {str(route.status): good, **problems}


def problems(statuses: set[int], schema: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON schema
    """Return the answers that are problems, by the names under which `answers` refers to them."""
    return {
        _PROBLEM.format(status=status): {
            "description": HTTPStatus(status).phrase,
            "headers": _headers((*EVERYWHERE, *MORE.get(status, ()))),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in sorted(statuses)
    }


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
