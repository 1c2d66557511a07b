"""What happens on the loopback, in the words of `heard`: snapshots, diffs and prints with exact texts.

`native` in them is our own symbol here. Diffs are numbered, each the next: `previous` is `last` of the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard
from engine.domain.market import Timeframe
from engine.domain.number import Nanos


class Recorded(NamedTuple):
    """A frame of a capture that no book or print comes of (best prices, a candle): sent to who asked for its stream."""

    native: str
    stream: str
    """The venue's word for it, e.g. `bookTicker`."""


class Told(NamedTuple):
    """One thing that happens at an instant of the source's clock."""

    at: Nanos
    what: BookHeard | TradesHeard | Recorded
    recorded: str = ""
    """The very text that the recorded venue sent for it; empty if there is none."""


class PastBar(NamedTuple):
    """A closed bar from before the loopback began; texts as a venue writes them, volume in base."""

    start: Nanos
    open: str
    high: str
    low: str
    close: str
    volume: str


class Source(Protocol):
    """Where the market comes from. Synchronous: whoever plays it says how far."""

    @property
    def venue(self) -> str:
        """Whose words `recorded` texts are; empty if there are none."""
        ...

    @property
    def listings(self) -> Sequence[Listing]:
        """The pairs."""
        ...

    @property
    def start(self) -> Nanos:
        """The first instant: every pair that has a book then is told as a snapshot."""
        ...

    def next_at(self, now: Nanos) -> Nanos | None:
        """Return when there is something to tell after `now`; None at the end."""
        ...

    def until(self, until: Nanos) -> Sequence[Told]:
        """Return what happens up to an instant, that was not told before."""
        ...

    def past(self, symbol: str, timeframe: Timeframe, end: Nanos, count: int) -> Sequence[PastBar]:
        """Return up to `count` closed bars before `end`, oldest first; nothing if none are known."""
        ...
