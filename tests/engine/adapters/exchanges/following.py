"""What the tests of feeds share: a feed over a venue on this machine, everything it says checked as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from engine.adapters.exchanges.feed import healing
from engine.adapters.exchanges.feed.feed import PublicFeed
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.net import line
from engine.adapters.exchanges.venue import connection
from engine.adapters.exchanges.venues import open_feed, spec_of
from engine.bus import Bus
from engine.domain.market import BookDiff, FeedState, Level, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.market.l2 import L2Book
from engine.ports.exchange import PairStateChanged, PastPrints, VenueStateChanged
from engine.ports.feed import FeedStateChanged, TradesPrinted

PATIENCE_S = 8.0
STEP = Nanos(NANOS_PER_SECOND // 10)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what waits for a real network wait less."""
    monkeypatch.setattr(healing, "SETTLE_S", 0.05)
    monkeypatch.setattr(healing, "FIRST_S", 0.2)
    monkeypatch.setattr(line, "OVERLAP_S", 0.1)
    monkeypatch.setattr(line, "SETTLE_S", 0.5)
    monkeypatch.setattr(connection, "LOOKS", 0)  # the first look is enough here


class Watched:
    """A feed, and what it published, held against its promises."""

    def __init__(self, feed: PublicFeed, bus: Bus) -> None:
        self.feed = feed
        self.books: dict[str, L2Book] = {}
        self.prints: dict[str, list[TradeTick]] = {}
        self.past: dict[str, PastPrints] = {}
        self.states: list[FeedState] = []
        self.venue_states: list[FeedState] = []
        self.pair_states: list[tuple[str, FeedState]] = []
        self.wrong: list[str] = []
        bus.subscribe(BookDiff, self._on_diff)
        bus.subscribe(TradesPrinted, self._on_trades)
        bus.subscribe(PastPrints, self._on_past)
        bus.subscribe(FeedStateChanged, lambda event: self.states.append(event.state))
        bus.subscribe(VenueStateChanged, lambda event: self.venue_states.append(event.state))
        bus.subscribe(PairStateChanged, lambda event: self.pair_states.append((event.symbol, event.state)))

    async def follow(self, *symbols: str) -> None:
        """Follow pairs, and keep their books as a service does."""
        for symbol in symbols:
            await self.feed.follow(symbol)
            self.books[symbol] = L2Book(symbol)
            self.books[symbol].apply_snapshot(self.feed.snapshot(symbol))

    def top(self, symbol: str, count: int = 20) -> tuple[list[Level], list[Level]]:
        """Return the best levels of both sides, as of the diffs."""
        book = self.books[symbol]
        return book.top(Side.BUY, count), book.top(Side.SELL, count)

    def ids(self, symbol: str) -> list[int]:
        """Return the numbers of all prints, those of the past first."""
        past = self.past[symbol].ticks if symbol in self.past else ()
        return [tick.trade_id for tick in (*past, *self.prints.get(symbol, ()))]

    async def synced(self, *symbols: str) -> None:
        """Wait until pairs are synced, and prints are not held."""
        await until(
            lambda: (
                all(self.feed.state_of(each) is FeedState.SYNCED for each in symbols) and not self.feed.is_catching_up
            )
        )

    def _on_diff(self, diff: BookDiff) -> None:
        book = self.books[diff.symbol]
        if not book.apply_diff(diff):
            self.wrong.append(f"diff {diff.first_seq} does not follow {book.seq}")
        if book.is_crossed:
            self.wrong.append(f"crossed at {diff.seq}")

    def _on_trades(self, event: TradesPrinted) -> None:
        self.prints.setdefault(event.symbol, []).extend(event.ticks)

    def _on_past(self, event: PastPrints) -> None:
        self.past[event.symbol] = event
        self.prints.pop(event.symbol, None)


@asynccontextmanager
async def watched(venue: Loopback, name: str = "") -> AsyncIterator[Watched]:
    """Lend a feed over a venue on this machine."""
    bus = Bus(on_error=_raise)
    name = name or venue.venue
    feed = await open_feed(name, bus, spec=spec_of(name).at(venue.rest_url, venue.socket_url))
    assert isinstance(feed, PublicFeed)
    try:
        yield Watched(feed, bus)
    finally:
        await feed.close()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something, for a while."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)


async def play(venue: Loopback, steps: int, *others: Loopback) -> None:
    """Let some tenths of a second of the market happen, at a pace that everybody can follow."""
    for _ in range(steps):
        venue.stage.play(Nanos(venue.stage.now + STEP))
        for each in (venue, *others):
            await each.drained()
        await asyncio.sleep(0.003)


def _raise(error: BaseException, _event: object) -> None:
    raise error
