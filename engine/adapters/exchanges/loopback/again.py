"""A source that was written down, without an end: it begins again, later and with higher numbers.

Where it does, the books jump: the numbers of updates do not follow, new snapshots are told, and whoever reads must take
the books anew, as after a venue's restart. Prints go on counting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.adapters.exchanges.loopback.played import PlayedSource, moved
from engine.adapters.exchanges.loopback.told import PastBar, Told
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos

PAUSE = NANOS_PER_SECOND
"""Between the end and the next beginning."""
JUMP = 1_000
"""By how much the numbers of updates are ahead after it."""


class Again:
    """`make` returns the source from its beginning, every time."""

    def __init__(self, make: Callable[[], PlayedSource]) -> None:
        self._make, self._inner = make, make()
        self.venue, self.listings, self.start = self._inner.venue, self._inner.listings, self._inner.start
        self.rounds = 1
        self._late = 0
        """How much later the round is than the first, in ns."""
        self._last_at = self.start
        self._updates, self._prints = _Numbers(JUMP), _Numbers(1)

    def next_at(self, now: Nanos) -> Nanos:
        """Return when the next row comes."""
        following = self._inner.next_at(now)
        return Nanos(self._last_at + PAUSE if following is None else following + self._late)

    def until(self, until: Nanos) -> Sequence[Told]:
        """Return the rows up to an instant; the end of a round is the end of an answer, so this is finite."""
        if self._inner.next_at(until) is None and self._last_at + PAUSE <= until:
            self._begin()
        rows: Sequence[Told] = self._inner.until(Nanos(until - self._late))
        if self._late:
            rows = list(moved(rows, self._late))
        told = [self._raised(row) for row in rows]
        self._last_at = told[-1].at if told else self._last_at
        return told

    def _begin(self) -> None:
        self._inner = self._make()
        self.rounds += 1
        self._late = self._last_at + PAUSE - self._inner.start
        self._updates.begin()
        self._prints.begin()

    def _raised(self, told: Told) -> Told:
        what = told.what
        if isinstance(what, BookHeard):
            by = self._updates.raised(what.native, what.last)
            if by:
                first, previous = (each + by if each else 0 for each in (what.first, what.previous))
                return told._replace(what=what._replace(first=first, last=what.last + by, previous=previous))
        elif isinstance(what, TradesHeard):
            prints = [each._replace(trade_id=self._number(what.native, each.trade_id)) for each in what.prints]
            return told._replace(what=what._replace(prints=prints))
        return told

    def _number(self, symbol: str, number: int) -> int:
        return number + self._prints.raised(symbol, number)

    def past(self, symbol: str, timeframe: Timeframe, end: Nanos, count: int) -> Sequence[PastBar]:
        """Return nothing: what was before was not written down."""
        return self._inner.past(symbol, timeframe, end, count)


class _Numbers:
    """By how much the numbers of a round are raised, pair by pair: they go on `ahead` of those of the one before."""

    def __init__(self, ahead: int) -> None:
        self._ahead = ahead
        self._by: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def begin(self) -> None:
        """Begin a round."""
        self._by = {}

    def raised(self, symbol: str, number: int) -> int:
        """Return by how much a number is raised, and remember it."""
        if symbol not in self._by:
            self._by[symbol] = self._last[symbol] + self._ahead - number if symbol in self._last else 0
        self._last[symbol] = number + self._by[symbol]
        return self._by[symbol]
