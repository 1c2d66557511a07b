"""What happened in the streams, for whoever exports it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Counts since the start; `clients` and `signed_in` are of now."""

    clients: int = 0
    signed_in: int = 0
    opened: int = 0
    refused: int = 0
    """Sockets that were not let in."""
    sent: int = 0
    """Messages, each counted for every client that got it."""
    conflated: int = 0
    """Messages that a newer one replaced before they were sent."""
    dropped: int = 0
    """Messages that waited for a client when it was closed."""
    asks: int = 0
    malformed: int = 0
    """Asks that could not be read."""
    closed: Counter[int] = field(default_factory=Counter)
    """Sockets that we closed, by code."""
