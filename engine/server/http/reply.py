"""Problems as answers, and the headers that answers carry."""

from __future__ import annotations

import msgspec
from starlette.types import Send

from engine.server.limits.tier import Verdict
from engine.server.refusal import Refusal
from engine.wire.problem import MEDIA_TYPE

Raw = list[tuple[bytes, bytes]]

ENCODER = msgspec.json.Encoder()

SECURITY: Raw = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""With every answer."""

NO_STORE: Raw = [*SECURITY, (b"cache-control", b"no-store")]
"""With every answer that does not say itself how long it may be kept."""

HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
"""Only where TLS is."""


def limit_headers(verdict: Verdict) -> Raw:
    """Return the headers that every answer carries."""
    return [
        (b"x-ratelimit-limit", b"%d" % verdict.limit),
        (b"x-ratelimit-remaining", b"%d" % max(0, verdict.remaining)),
        (b"x-ratelimit-reset", b"%d" % max(0, round(verdict.reset_s + 0.5))),
    ]


def limits_told(verdict: Verdict) -> dict[str, str]:
    """Return the same as texts."""
    return {name.decode(): value.decode() for name, value in limit_headers(verdict)}


def raw(headers: dict[str, str]) -> Raw:
    """Return headers as ASGI wants them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def too_many(verdict: Verdict) -> Refusal:
    """Somebody asked more than his rate allows."""
    wait = max(1, round(verdict.retry_after_s + 0.5))
    text = f"Too many requests; the next one passes in {wait} s."
    return Refusal(429, "too_many", text, retry_after_s=verdict.retry_after_s)


def problem_parts(refusal: Refusal, request_id: str) -> tuple[int, Raw, bytes]:
    """Return status, headers and body of a refusal."""
    body = ENCODER.encode(refusal.problem(request_id))
    headers: Raw = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in refusal.headers.items()]
    if refusal.retry_after_s is not None and "Retry-After" not in refusal.headers:
        headers.append((b"retry-after", str(max(1, round(refusal.retry_after_s + 0.5))).encode()))
    return refusal.status, headers, body


async def send_problem(send: Send, refusal: Refusal, request_id: str) -> None:
    """Answer with a refusal."""
    status, headers, body = problem_parts(refusal, request_id)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
