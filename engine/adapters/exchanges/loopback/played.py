"""A source that was written down: everything it tells is known in order, from a capture or a recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.told import PastBar, Recorded, Told
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import InvalidInput


class PlayedSource:
    """Tells rows in their order, as their instants come.

    Args:
        rows: oldest first; the first is a snapshot.
        listings: the pairs in them.
        venue: whose words `recorded` is, if rows have it.

    Raises:
        InvalidInput: there are no rows.
    """

    def __init__(self, rows: Iterable[Told], listings: Sequence[Listing], venue: str = "") -> None:
        self.listings, self.venue = listings, venue
        self._rows = iter(rows)
        self._next = next(self._rows, None)
        if self._next is None:
            raise InvalidInput("There is nothing in it that could be served.")
        self.start = self._next.at

    def next_at(self, _now: Nanos) -> Nanos | None:
        """Return when the next row comes."""
        return None if self._next is None else self._next.at

    def until(self, until: Nanos) -> Sequence[Told]:
        """Return the rows up to an instant."""
        told = []
        while self._next is not None and self._next.at <= until:
            told.append(self._next)
            self._next = next(self._rows, None)
        return told

    def rows(self) -> Iterator[Told]:
        """Return all that is left, for a source made of it; nothing is left here then."""
        first, self._next = self._next, None
        return iter(()) if first is None else chain((first,), self._rows)

    def past(self, _symbol: str, _timeframe: Timeframe, _end: Nanos, _count: int) -> Sequence[PastBar]:
        """Return nothing: what was before was not written down."""
        return ()


def moved(rows: Iterable[Told], by: int) -> Iterator[Told]:
    """Yield rows at other instants, `by` ns later; texts that were recorded do not fit them and go."""
    for told in rows:
        what = told.what
        if isinstance(what, BookHeard):
            what = what._replace(at=Nanos(what.at + by))
        elif isinstance(what, TradesHeard):
            prints = [each._replace(at=Nanos(each.at + by)) for each in what.prints]
            what = what._replace(prints=prints)
        elif isinstance(what, Recorded):
            continue
        yield Told(Nanos(told.at + by), what)
