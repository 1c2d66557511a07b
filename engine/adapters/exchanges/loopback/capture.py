"""Raw captures as a source: what a venue sent, in the words of the loopback, each book from its first whole snapshot.

The clock is the venue's: arrivals are moved by how far it was ahead of the machine that recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from engine.adapters.exchanges.captures.lines import CaptureLine, Kind, by_time, lines
from engine.adapters.exchanges.captures.names import book_of, ours
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.dialects import DIALECTS, answer_of, dialect_of
from engine.adapters.exchanges.loopback.chain import Chain
from engine.adapters.exchanges.loopback.listing import Listing, listed
from engine.adapters.exchanges.loopback.played import PlayedSource
from engine.adapters.exchanges.loopback.told import Recorded, Told
from engine.adapters.exchanges.wire.heard import UNKNOWN, BookHeard, Heard, TickerHeard, TradesHeard
from engine.domain.number import Nanos
from engine.errors import Garbled, InvalidInput

LOOK = 300
"""Lines that are looked at to tell what a capture is of."""

_DATA = re.compile(rb'\{"stream":"[^"]*","data":')
_BEST = b"@bookTicker"


def of_captures(paths: Sequence[Path], *, venue: str = "", most: int | None = None) -> PlayedSource:
    """Return captures of one venue as a source: frames, and answers to requests in files of their own.

    Args:
        paths: raw captures, plain or gzip.
        venue: whose frames they are, a name of `DIALECTS`; told by looking at them if empty.
        most: how many lines to read of each.

    Raises:
        InvalidInput: a file cannot be read, is of no known venue, or no pair has a whole book.
    """
    of = venue or venue_of(paths)
    reader = _Reader(dialect_of(of), of)
    for line in by_time(*(islice(lines(path), most) for path in paths)):
        reader.take(line)
    return reader.source()


def venue_of(paths: Iterable[Path]) -> str:
    """Return of which venue captures are, by which dialect hears books and prints in their first lines.

    Raises:
        InvalidInput: none does.
    """
    texts = [line.text for path in paths for line in islice(lines(path), LOOK) if line.kind is Kind.FRAME]
    if any(b'"pu":' in text for text in texts):
        return "binance_usdm"
    heard = {name: sum(_says(make(), text) for text in texts) for name, make in DIALECTS.items()}
    best = max(heard, key=lambda name: heard[name])
    if not heard[best]:
        raise InvalidInput("The files hold no frames of a venue that is known here.")
    return best


def _says(dialect: Dialect, text: bytes) -> int:
    try:
        return sum(isinstance(each, BookHeard | TradesHeard) for each in dialect.hear(text))
    except Garbled:
        return 0


class _Reader:
    """Takes lines in; what came of them is a source."""

    def __init__(self, dialect: Dialect, venue: str) -> None:
        self._dialect, self._venue = dialect, venue
        self._chains: dict[str, Chain] = {}
        self._rows: list[tuple[Told, bool]] = []
        """With whether it is a print that merges several."""
        self._plain: set[str] = set()
        """Pairs of which every print is there."""
        self._only = ""
        """The pair that was heard of last: whose book an answer without a name is."""

    def take(self, line: CaptureLine) -> None:
        """Take in a line; one that cannot be read is left out, and breaks books whose chain it was in."""
        try:
            if line.kind is Kind.ANSWER:
                native = book_of(line.url)
                said: Sequence[Heard] = (answer_of(self._dialect, native, line.text),) if native else ()
            elif line.kind in (Kind.FRAME, Kind.BARE):
                said = self._dialect.hear(line.text)
            else:
                return
        except Garbled:
            return
        for heard in said:
            self._hear(line, heard)

    def _hear(self, line: CaptureLine, heard: Heard) -> None:
        native = getattr(heard, "native", "")
        if native and isinstance(heard, BookHeard | TradesHeard | TickerHeard):
            self._only = native
        if isinstance(heard, BookHeard):
            self._book(line, heard._replace(native=heard.native or self._only))
        elif isinstance(heard, TradesHeard) and not heard.is_past:
            prints = [each if each.at else each._replace(at=line.at) for each in heard.prints]
            symbol = self._ours(native)
            told = Told(
                line.at, heard._replace(native=symbol, prints=prints), "" if heard.is_merged else data_of(line.text)
            )
            self._rows.append((told, heard.is_merged))
            if not heard.is_merged:
                self._plain.add(symbol)
        elif isinstance(heard, TickerHeard) and _BEST in line.text[:60]:
            self._rows.append((Told(line.at, Recorded(self._ours(native), "bookTicker"), data_of(line.text)), False))

    def _book(self, line: CaptureLine, heard: BookHeard) -> None:
        if not heard.native:
            return
        chain = self._chains.get(heard.native)
        if chain is None:
            chain = self._chains[heard.native] = Chain(self._ours(heard.native), self._dialect.rule())
        try:
            told = chain.hear(heard if heard.at else heard._replace(at=line.at))
        except Garbled:
            return
        if told is not None:
            self._rows.append((Told(line.at, told, "" if told.is_snapshot else data_of(line.text)), False))

    def _ours(self, native: str) -> str:
        symbol = ours(native)
        return f"{symbol}:{symbol.partition('/')[2]}" if self._venue == "binance_usdm" else symbol

    def source(self) -> PlayedSource:
        """Return what was read, from the first book on."""
        rows = [told for told, is_merged in self._rows if not (is_merged and told.what.native in self._plain)]
        listings = _listings(rows)
        symbols = {listing.symbol for listing in listings}
        kept = [row for row in rows if row.what.native in symbols]
        begun = next((number for number, row in enumerate(kept) if isinstance(row.what, BookHeard)), None)
        if begun is None:
            raise InvalidInput("The capture has no whole book: a snapshot is missing.")
        ahead = _ahead(kept[begun:])
        moved = [row._replace(at=Nanos(row.at + ahead)) for row in kept[begun:]]
        return PlayedSource(moved, listings, self._venue)


def data_of(frame: bytes) -> str:
    """Return the event of a frame, without the name of its stream around it."""
    found = _DATA.match(frame)
    return (frame[found.end() : -1] if found else frame).decode()


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
