"""Which web pages may speak with this server; programs send no `Origin` and are not asked."""

from __future__ import annotations

from starlette.types import Scope

from engine.server.settings import ServerSettings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Raw = list[tuple[bytes, bytes]]


def origin_of(scope: Scope) -> str:
    """Return the page's origin; empty if there is none."""
    for name, value in scope["headers"]:
        if name == b"origin":
            return str(value.decode("latin-1"))
    return ""


def is_allowed(scope: Scope, origin: str, settings: ServerSettings) -> bool:
    """Whether a page of this origin may: it is listed, or this server sent the page itself."""
    if origin in settings.allowed_origins:
        return True
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return bool(host) and origin.partition("://")[2].lower() == host.lower()


def cors_headers(origin: str, settings: ServerSettings) -> Raw:
    """Return what lets a listed page read the answer."""
    if origin not in settings.allowed_origins:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"vary", b"Origin"),
        (
            b"access-control-expose-headers",
            b"X-Request-Id, X-Response-Time, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After",
        ),
    ]


def preflight_headers() -> Raw:
    """Return what a listed page may send."""
    return [
        (b"access-control-allow-methods", b"GET, POST, PATCH, PUT, DELETE"),
        (b"access-control-allow-headers", b"Authorization, Content-Type, Idempotency-Key"),
        (b"access-control-max-age", b"600"),
    ]
