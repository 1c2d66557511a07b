"""The names of the streams, and how Redis is reached for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis.asyncio import Redis

EVENTS_KEPT = 20_000
"""Batches that stay in Redis, about: a gateway that is further behind starts over."""
REQUESTS_KEPT = 50_000
REPLIES_KEPT = 5_000

GROUP = "writer"
"""The consumer group of the requests."""

BLOCK_MS = 1_000
"""How long a reader waits before it looks whether it should stop."""

REPLIES_LIVE_S = 600
"""After this long without a reply, a gateway's stream is forgotten."""


def events_of(shard: str) -> str:
    """Return the stream of a shard's events."""
    return f"crs:{shard}:events"


def requests_of(shard: str) -> str:
    """Return the stream of what gateways ask a shard."""
    return f"crs:{shard}:requests"


def replies_of(shard: str, gateway: str) -> str:
    """Return the stream of a shard's replies to a gateway."""
    return f"crs:{shard}:replies:{gateway}"


def linked(url: str) -> Redis:
    """Return a connection for streams: a blocking read is no silence, so there is no timeout on reading."""
    from redis.asyncio import Redis

    found: Redis = Redis.from_url(url, socket_connect_timeout=2.0, socket_timeout=None, health_check_interval=15)
    return found


def entries_of(found: Any) -> Iterator[tuple[str, str, dict[bytes, bytes]]]:  # noqa: ANN401 - what the client returns
    """Yield stream, id and fields of what a read found, whichever protocol the client speaks; deleted ones are none."""
    for stream, entries in found.items() if isinstance(found, dict) else found or ():
        nested = entries and isinstance(entries[0], list) and entries[0] and isinstance(entries[0][0], tuple | list)
        for entry, fields in entries[0] if nested else entries:
            if fields:
                yield stream.decode(), entry.decode(), fields
