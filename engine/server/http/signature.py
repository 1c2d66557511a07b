"""Requests of programs, signed with an API key instead of a session's token.

    X-CRS-Key: the key
    X-CRS-Timestamp: UTC milliseconds, within `WINDOW_MS` of the server's clock
    X-CRS-Signature: HMAC-SHA256, hex, by the key's secret over the lines
        timestamp, method, path with query as sent, body

The lines are joined by line feeds. A signature is good for its own request only; what may not be done twice carries an
order id or `Idempotency-Key`.
"""

from __future__ import annotations

from engine.ports.clock import Clock
from engine.server.refusal import bad_request, unauthorized

KEY, TIMESTAMP, SIGNATURE = "x-crs-key", "x-crs-timestamp", "x-crs-signature"

WINDOW_MS = 5_000


def checked_timestamp(text: str, clock: Clock) -> str:
    """Return the timestamp of a signed request.

    Raises:
        Refusal: it is none, or too far from the server's clock.
    """
    if not text.isascii() or not text.isdigit() or len(text) > 16:
        raise bad_request("X-CRS-Timestamp must be UTC milliseconds since 1970.")
    now_ms = clock.wall() // 1_000_000
    if abs(int(text) - now_ms) > WINDOW_MS:
        raise unauthorized(
            f"The request is {abs(int(text) - now_ms) / 1000:,.1f} s off the server's clock; "
            f"{WINDOW_MS // 1000} s are allowed. GET /v1/time tells it.",
            "timestamp",
        )
    return text


def signed_text(timestamp: str, method: str, target: bytes, body: bytes) -> bytes:
    """Return what is signed; `target` is the path with the query, as sent."""
    return b"\n".join((timestamp.encode(), method.encode(), target, body))
