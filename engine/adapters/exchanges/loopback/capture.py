"""Raw captures as a source: what a venue sent, in the words of the loopback, each book from its first whole snapshot.

The clock is the venue's: arrivals are moved by how far it was ahead of the machine that recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.adapters.exchanges.dialect import Dialect
from engine.adapters.exchanges.heard import UNKNOWN, BookHeard, Heard, TradesHeard
from engine.adapters.exchanges.loopback.listing import Listing, listed
from engine.adapters.exchanges.loopback.played import PlayedSource
from engine.adapters.exchanges.loopback.told import Recorded, Told
from engine.adapters.exchanges.sync import BookSync, Outcome
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput

_ALL = 1 << 30


class Line(NamedTuple):
    """One frame of a capture."""

    at: Nanos
    heard: Sequence[Heard]
    text: str = ""
    """The frame's data as the venue sent it."""
    other: Recorded | None = None
    """What it is if nothing was heard in it."""


class _Book:
    """One pair's way from the capture's numbers to a chain of our own."""

    def __init__(self, dialect: Dialect) -> None:
        self.sync = BookSync(dialect.rule())
        self.last = 0

    def told(self, symbol: str, heard: BookHeard) -> tuple[BookHeard, bool] | None:
        """Return what to tell, and whether it is the frame as it was recorded; None if nothing."""
        outcome, previous = self.sync.hear(heard), self.last
        newest = self.sync.last
        if newest is None or outcome not in (Outcome.APPLIED, Outcome.REPLACED):
            return None
        self.last = newest.last or previous + 1
        if outcome is Outcome.APPLIED:
            first = heard.first or self.last
            return BookHeard(symbol, False, heard.bids, heard.asks, first, self.last, previous, heard.checksum, heard.at), True
        book = self.sync.book
        sides = book.top(Side.BUY, _ALL), book.top(Side.SELL, _ALL)
        return BookHeard(symbol, True, *sides, last=self.last, at=newest.at or heard.at), False


def of_capture(lines: Iterable[Line], dialect: Dialect, symbols: dict[str, str]) -> PlayedSource:
    """Return a capture as a source.

    Args:
        lines: in order of arrival.
        dialect: the venue's wire.
        symbols: ours by the venue's, for the pairs that are wanted.

    Raises:
        InvalidInput: no pair has a whole book.
    """
    books: dict[str, _Book] = {}
    rows: list[Told] = []
    for line in lines:
        for heard in line.heard:
            if isinstance(heard, BookHeard | TradesHeard) and heard.native in symbols:
                _tell(line, heard, symbols[heard.native], books, dialect, rows)
        if line.other is not None and line.other.native in symbols:
            rows.append(Told(line.at, line.other._replace(native=symbols[line.other.native]), line.text))
    begun = next((number for number, row in enumerate(rows) if isinstance(row.what, BookHeard)), None)
    if begun is None:
        raise InvalidInput("The capture has no whole book of these pairs: a snapshot is missing.")
    rows = rows[begun:]
    ahead = _ahead(rows)
    moved = [row._replace(at=Nanos(row.at + ahead)) for row in rows]
    return PlayedSource(moved, _listings(rows), dialect.venue)


def _tell(
    line: Line, heard: BookHeard | TradesHeard, symbol: str, books: dict[str, _Book], dialect: Dialect, rows: list[Told]
) -> None:
    if isinstance(heard, TradesHeard):
        if not heard.is_past:
            prints = [each if each.at else each._replace(at=line.at) for each in heard.prints]
            rows.append(Told(line.at, heard._replace(native=symbol, prints=prints), line.text))
        return
    book = books.setdefault(heard.native, _Book(dialect))
    if (found := book.told(symbol, heard)) is not None:
        told, as_sent = found
        what = told if told.at else told._replace(at=line.at)
        rows.append(Told(line.at, what, line.text if as_sent else ""))


def _ahead(rows: Sequence[Told]) -> int:
    """Return how far the venue's clock was ahead at the first frame that says so."""
    for row in rows:
        if isinstance(row.what, BookHeard) and not row.what.is_snapshot and row.what.at != UNKNOWN:
            return row.what.at - row.at
    return 0


def _listings(rows: Sequence[Told]) -> list[Listing]:
    """Return the pairs on the grid of their first pictures."""
    found: dict[str, Listing] = {}
    for row in rows:
        what = row.what
        if isinstance(what, BookHeard) and what.is_snapshot and what.native not in found:
            sides = [*what.bids, *what.asks]
            found[what.native] = listed(what.native, (price for price, _ in sides), (qty for _, qty in sides))
    return list(found.values())
