"""The busiest seconds of a recorded market as a source for the loopback: on several pairs at once, again and again.

Between two rounds one update brings each book back to where the stretch begins; numbers go on, so nothing breaks.
Nothing happens before `begin`: whoever wants to watch has the time to open a window.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import sin
from typing import NamedTuple

from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.played import PlayedSource
from engine.adapters.exchanges.loopback.recorded import of_recordings
from engine.adapters.exchanges.loopback.told import PastBar, Told
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard, WireLevel
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.market.recording import shipped

SYMBOLS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT", "DOGE/USDT")
"""The one recorded pair under five names."""
SECONDS = 5
"""Length of the stretch; the busiest second begins one second after its start."""
_ALL = 1 << 30


class Stretch(NamedTuple):
    """A piece of one pair's recording; `native` in it is not to be used."""

    listing: Listing
    bids: Sequence[WireLevel]
    asks: Sequence[WireLevel]
    rows: Sequence[Told]
    """From its start at 0; the last one brings the book back."""
    most_prints: int
    """In its busiest second."""


def stretch() -> Stretch:
    """Return the busiest seconds of the recording that comes with the program."""
    source = of_recordings([shipped()])
    rows = list(source.rows())
    at = [row.at for row in rows if isinstance(row.what, TradesHeard)]
    busiest = max(range(len(at)), key=lambda i: bisect_left(at, at[i] + NANOS_PER_SECOND) - i)
    most = bisect_left(at, at[busiest] + NANOS_PER_SECOND) - busiest
    begin, book = at[busiest] - NANOS_PER_SECOND, WireBook()
    number = bisect_left([row.at for row in rows], begin)
    for row in rows[:number]:
        _put(book, row)
    sides = book.top(Side.BUY, _ALL), book.top(Side.SELL, _ALL)
    end = bisect_left([row.at for row in rows], begin + SECONDS * NANOS_PER_SECOND)
    kept = [row._replace(at=Nanos(row.at - begin)) for row in rows[number:end]]
    for row in kept:
        _put(book, row)
    return Stretch(source.listings[0], *sides, [*kept, _back(book, *sides)], most)


def _put(book: WireBook, row: Told) -> None:
    if isinstance(row.what, BookHeard):
        (book.replace if row.what.is_snapshot else book.apply)(row.what.bids, row.what.asks)


def _back(book: WireBook, bids: Sequence[WireLevel], asks: Sequence[WireLevel]) -> Told:
    """Return the update that makes a book what it was."""
    changes = []
    for side, wanted in ((Side.BUY, dict(bids)), (Side.SELL, dict(asks))):
        there = dict(book.top(side, _ALL))
        gone = [(price, "0") for price in there if price not in wanted]
        changes.append([*gone, *((price, qty) for price, qty in wanted.items() if there.get(price) != qty)])
    return Told(Nanos(SECONDS * NANOS_PER_SECOND), BookHeard("", False, changes[0], changes[1]))


class BurstSource:
    """The stretch on all `SYMBOLS` at once; counts what it told of each."""

    venue = ""

    def __init__(self, piece: Stretch, start: Nanos) -> None:
        self._piece, self.start = piece, start
        listing = piece.listing
        self.listings = [
            Listing(each, each.partition("/")[0], "USDT", listing.tick, listing.lot, listing.min_notional)
            for each in SYMBOLS
        ]
        self.diffs, self.prints = dict.fromkeys(SYMBOLS, 1), dict.fromkeys(SYMBOLS, 0)
        self._inner = PlayedSource(self._pictures(), self.listings)

    def begin(self, at: Nanos, rounds: int) -> None:
        """Let it come, from an instant on."""
        self._inner = PlayedSource(self._rows(at, rounds), self.listings)

    def next_at(self, now: Nanos) -> Nanos | None:
        """Return when the next row comes."""
        return self._inner.next_at(now)

    def until(self, until: Nanos) -> Sequence[Told]:
        """Return the rows up to an instant."""
        return self._inner.until(until)

    def past(self, symbol: str, timeframe: Timeframe, end: Nanos, count: int) -> Sequence[PastBar]:
        """Return bars like waves around the price, so that charts are full."""
        price, length = int(float(self._piece.bids[0][0])), timeframe.nanos
        last = (end - 1) // length
        prices = [price + round(40 * sin(number / 9)) for number in range(last - count, last + 1)]
        return [
            PastBar(Nanos((last - count + i + 1) * length), f"{a}", f"{max(a, b) + 5}", f"{min(a, b) - 5}", f"{b}", "3")
            for i, (a, b) in enumerate(pairwise(prices))
            if (last - count + i + 2) * length <= end
        ]

    def _pictures(self) -> Iterator[Told]:
        for symbol in SYMBOLS:
            heard = BookHeard(symbol, True, self._piece.bids, self._piece.asks, last=1, at=self.start)
            yield Told(self.start, heard)

    def _rows(self, begin: Nanos, rounds: int) -> Iterator[Told]:
        for number in range(rounds):
            since = begin + number * SECONDS * NANOS_PER_SECOND
            for row in self._piece.rows:
                at = Nanos(since + row.at)
                for symbol in SYMBOLS:
                    yield Told(at, self._named(symbol, row.what, at))

    def _named(self, symbol: str, what: object, at: Nanos) -> BookHeard | TradesHeard:
        if isinstance(what, BookHeard):
            before = self.diffs[symbol]
            self.diffs[symbol] = number = before + 1
            return BookHeard(symbol, False, what.bids, what.asks, number, number, before, None, at)
        assert isinstance(what, TradesHeard), "nothing else is in a recording"  # noqa: S101 - as it says
        prints = []
        for each in what.prints:
            self.prints[symbol] += 1
            prints.append(each._replace(at=at, trade_id=self.prints[symbol]))
        return TradesHeard(symbol, prints)
