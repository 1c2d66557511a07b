"""Instants as RFC 3339 texts, as Kraken and Coinbase write them."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.domain.number import NANOS_PER_SECOND, Nanos


def rfc3339(at: Nanos) -> str:
    """Return an instant with microseconds, `2021-04-17T16:48:53.365913Z`."""
    return f"{_whole(at)}.{at % NANOS_PER_SECOND // 1_000:06d}Z"


def nine(at: Nanos) -> str:
    """Return an instant with nanoseconds."""
    return f"{_whole(at)}.{at % NANOS_PER_SECOND:09d}Z"


def _whole(at: Nanos) -> str:
    return datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")
