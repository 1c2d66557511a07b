"""The market that the loopback shows: books, prints and bars as they are now, in our own symbols."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.loopback.bars import OpenBar, Tape, filled, fold, joined, of_past
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.told import Source, Told
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard, TradesHeard, WireLevel
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side

PRINTS = 10_000
"""Prints kept per pair."""
PICTURES = 200
"""Diffs between two pictures that are kept to be shown as stale ones."""
KEPT = 200
"""Rows of bars from before that are remembered."""
DAY = 86_400
_ALL = 1 << 30


class Picture:
    """A book as it was: `last` is the number of the last update in it; best levels first."""

    def __init__(self, book: WireBook, last: int, at: Nanos) -> None:
        self.bids: Sequence[WireLevel] = book.top(Side.BUY, _ALL)
        self.asks: Sequence[WireLevel] = book.top(Side.SELL, _ALL)
        self.last, self.at = last, at


class Shown:
    """One pair."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.book = WireBook()
        self.last = 0
        """Number of the last update in the book; 0 before there is one."""
        self.previous = 0
        """Number of the last one before that."""
        self.prints: deque[PrintHeard] = deque(maxlen=PRINTS)
        self.tape = Tape()
        self.at = Nanos(0)
        self.old: Picture | None = None
        """A picture that is some time old…"""
        self._newer: Picture | None = None
        """…and the one that will be it next."""
        self._since = 0

    def picture(self) -> Picture:
        """Return the book as it is."""
        return Picture(self.book, self.last, self.at)

    def apply(self, what: BookHeard) -> None:
        """Take over a snapshot or diff."""
        if what.is_snapshot:
            self.book.replace(what.bids, what.asks)
        else:
            self.book.apply(what.bids, what.asks)
        self.last, self.previous, self.at = what.last, what.previous, what.at
        self._since += 1
        if what.is_snapshot or self._since >= PICTURES:
            self.old, self._newer, self._since = self._newer or self.picture(), self.picture(), 0

    def top(self, count: int) -> tuple[Sequence[WireLevel], Sequence[WireLevel]]:
        """Return the best levels of both sides."""
        return self.book.top(Side.BUY, count), self.book.top(Side.SELL, count)

    def best(self, side: Side) -> WireLevel | None:
        """Return the best level of a side."""
        return next(iter(self.book.top(side, 1)), None)


class Market:
    """All pairs of a source, by our symbols."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.pairs = {listing.symbol: Shown(listing) for listing in source.listings}
        self.now = source.start
        self._kept: dict[tuple[str, int, Nanos, int], list[OpenBar]] = {}
        """Bars from before that were asked for; they do not change."""
        self._yesterdays: dict[str, tuple[int, int, list[OpenBar]]] = {}
        self.with_best: set[str] = set()
        """Pairs of which the capture has frames of best prices."""

    def apply(self, told: Told) -> None:
        """Let something have happened."""
        self.now = max(self.now, told.at)
        what = told.what
        if isinstance(what, BookHeard):
            self.pairs[what.native].apply(what)
        elif isinstance(what, TradesHeard):
            shown = self.pairs[what.native]
            for each in what.prints:
                shown.prints.append(each)
                shown.tape.add(each, each.at)
        elif what.stream == "bookTicker":
            self.with_best.add(what.native)

    def bars(self, symbol: str, seconds: int, *, end: Nanos | None = None, count: int = 500) -> list[OpenBar]:
        """Return up to `count` bars that begin before `end`, the open one included; no interval is left out."""
        shown, now = self.pairs[symbol], self.now
        own = shown.tape.bars(seconds)
        own[:1] = [self._whole(symbol, bar, seconds) for bar in own[:1]]
        before = own[0].start if own else now - now % (seconds * NANOS_PER_SECOND)
        limit, length = now + 1 if end is None else min(end, now + 1), seconds * NANOS_PER_SECOND
        until = min(before, -(-limit // length) * length)  # the last bar begins before the limit, and closes after it
        past = self._past(symbol, seconds, Nanos(until), count) if before > 0 else []
        return filled([*(each for each in past if each.start < before), *own], seconds, limit, count)

    def _whole(self, symbol: str, first: OpenBar, seconds: int) -> OpenBar:
        """Return our first bar with what was before our first print in its interval, as far as that is known."""
        tape = self.pairs[symbol].tape
        minute, second = tape.minutes[0].start, tape.seconds[0].start
        spans = ((first.start, minute, 60), (max(first.start, minute), second, 1)) if seconds % 60 == 0 else ()
        head: list[OpenBar] = []
        for begin, end, step in spans:
            count = (end - begin) // (step * NANOS_PER_SECOND)
            if 0 < count <= DAY // 60:
                head += [bar for bar in self._past(symbol, step, Nanos(end), count) if bar.start >= begin]
        one, *_ = joined([*head, first])
        one.start = first.start
        return one

    def _past(self, symbol: str, seconds: int, end: Nanos, count: int) -> list[OpenBar]:
        """Return bars from before, folded from the longest that the source has."""
        asked = symbol, seconds, end, count
        if asked not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            timeframe = [each for each in Timeframe if seconds % each.seconds == 0][-1]
            bars = self._source.past(symbol, timeframe, end, count * (seconds // timeframe.seconds))
            self._kept[asked] = fold((of_past(each) for each in bars), seconds)
        return self._kept[asked]

    def day(self, symbol: str) -> OpenBar | None:
        """Return the last 24 hours, to the minute, as one bar; None before the first print."""
        shown, since = self.pairs[symbol], self.now - DAY * NANOS_PER_SECOND
        own = [bar for bar in shown.tape.minutes if bar.start >= since]
        earlier = self._yesterday(symbol, own[0].start if own else self.now)
        parts = joined([*earlier, *own])
        if parts:
            return parts[0]
        return shown.tape.minutes[-1].flat() if shown.tape.minutes else None

    def _yesterday(self, symbol: str, end: int) -> list[OpenBar]:
        """Return what of the last 24 hours was before our first print, as one bar if there is any."""
        minute = 60 * NANOS_PER_SECOND
        until = end - end % minute
        since = self.now - self.now % minute - DAY * NANOS_PER_SECOND
        if self._yesterdays.get(symbol, (0, 0))[:2] != (since, until):
            found = self._past(symbol, 60, Nanos(until), DAY // 60) if since < until and until > 0 else []
            within = [bar for bar in found if bar.start >= since]
            self._yesterdays[symbol] = since, until, joined(within)
        return self._yesterdays[symbol][2]
