"""The cache of what the markets show: book, tape, last price, 24-hour figures per pair.

Fed by the bus (`BookDiff`, `TradesPrinted`), read by view-models at the pace of the screen. A gap in
a book's sequence is healed by a new snapshot and counted; a crossed book is treated like a gap.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from engine.bus import Bus
from engine.domain.market import BookDiff, FeedState, Quote, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.market.l2 import L2Book
from engine.ports.exchange import PairsFollowed, PastPrints
from engine.ports.feed import FeedStateChanged, MarketFeed, TradesPrinted
from engine.services.task import TaskOwner

TAPE_LENGTH = 500
DAY = 86_400
SPARK_POINTS = 48
"""Points of the 24-hour spark line: one per half hour."""
BUCKET = Nanos(DAY // SPARK_POINTS * NANOS_PER_SECOND)


@dataclass(frozen=True, slots=True)
class DayStats:
    """The last 24 hours of a pair; prices in ticks, volume in lots, None before the first print."""

    last: int | None
    change_bps: int | None
    high: int | None
    low: int | None
    volume: int
    spark: tuple[float, ...]
    opened: int | None = None
    """The price 24 hours ago, from which the change follows."""


@dataclass(slots=True)
class _Bucket:
    """Half an hour of prints."""

    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int


@dataclass(slots=True)
class _Market:
    book: L2Book
    tape: deque[TradeTick] = field(default_factory=lambda: deque(maxlen=TAPE_LENGTH))
    last: TradeTick | None = None
    buckets: deque[_Bucket] = field(default_factory=lambda: deque(maxlen=SPARK_POINTS))


class MarketData:
    """Latest market data of every pair of a feed; `close` ends its subscriptions."""

    def __init__(self, bus: Bus, feed: MarketFeed) -> None:
        self._feed = feed
        self._markets: dict[str, _Market] = {}
        self._subscriptions = (
            bus.subscribe(BookDiff, self._on_diff),
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(FeedStateChanged, self._on_state),
            bus.subscribe(PairsFollowed, self._on_followed),
            bus.subscribe(PastPrints, self._on_past),
        )
        self._tasks = TaskOwner("market data")
        self.resyncs = 0
        self.prints_seen = 0

    async def start(self) -> None:
        """Take first snapshots and fill the last 24 hours from the feed's history."""
        for pair in self._feed.pairs():
            self._resync(pair.symbol)
        await self._load_days()

    def close(self) -> None:
        """End all subscriptions and what is still loading."""
        self._tasks.close()
        for subscription in self._subscriptions:
            subscription.close()

    def book(self, symbol: str) -> L2Book:
        """Return the live book of a pair (read only)."""
        return self._market(symbol).book

    def quote(self, symbol: str) -> Quote:
        """Return best bid and ask."""
        return self._market(symbol).book.quote()

    def last(self, symbol: str) -> TradeTick | None:
        """Return the newest print."""
        return self._market(symbol).last

    def last_price(self, symbol: str) -> int | None:
        """Return the newest price in ticks: the last print, else the last bar's close."""
        market = self._market(symbol)
        if market.last is not None:
            return market.last.price
        return market.buckets[-1].close if market.buckets else None

    def tape(self, symbol: str) -> deque[TradeTick]:
        """Return the newest prints, oldest left (read only)."""
        return self._market(symbol).tape

    def day(self, symbol: str) -> DayStats:
        """Return the figures of the last 24 hours."""
        market = self._market(symbol)
        buckets = market.buckets
        if not buckets:
            return DayStats(None, None, None, None, 0, ())
        last, first = buckets[-1].close, buckets[0].open
        return DayStats(
            last=last,
            change_bps=round((last - first) * 10_000 / first),
            high=max(each.high for each in buckets),
            low=min(each.low for each in buckets),
            volume=sum(each.volume for each in buckets),
            spark=tuple(float(each.close) for each in buckets),
            opened=first,
        )

    def _market(self, symbol: str) -> _Market:
        """Return what is known of a pair; nothing yet of one that the feed does not carry."""
        market = self._markets.get(symbol)
        if market is None:
            market = self._markets[symbol] = _Market(L2Book(symbol))
        return market

    def _on_diff(self, diff: BookDiff) -> None:
        book = self._market(diff.symbol).book
        if not book.apply_diff(diff) or book.is_crossed:
            self._resync(diff.symbol)

    def _on_trades(self, event: TradesPrinted) -> None:
        market = self._market(event.symbol)
        market.tape.extend(event.ticks)
        market.last = event.ticks[-1]
        self.prints_seen += len(event.ticks)
        for tick in event.ticks:
            _fold(market.buckets, tick.at, tick.price, tick.price, tick.price, tick.price, tick.qty)

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump, a restart: what was cached is of another time
            carried = [pair.symbol for pair in self._feed.pairs()]
            for symbol in dict.fromkeys((*self._markets, *carried)):
                market = self._market(symbol)
                market.tape.clear()
                market.buckets.clear()
                market.last = None
                if symbol in carried:
                    self._resync(symbol)
                else:  # of the market before
                    market.book = L2Book(symbol)
            self._tasks.start(self._load_days())

    def _on_followed(self, event: PairsFollowed) -> None:
        """Take up pairs that the feed carries from now on, and drop those that it does not any more."""
        for symbol in event.removed:
            self._markets.pop(symbol, None)
        carried = {pair.symbol for pair in self._feed.pairs()}
        for symbol in event.added:
            if symbol in carried:  # it may be gone again
                self._resync(symbol)
                self._tasks.start(self._load_day(symbol))

    def _on_past(self, event: PastPrints) -> None:
        """Show the prints before the first one; the day's figures have them from the bars."""
        market = self._market(event.symbol)
        if event.ticks and not market.tape:
            market.tape.extend(event.ticks)
            market.last = event.ticks[-1]

    async def _load_days(self) -> None:
        for pair in self._feed.pairs():
            await self._load_day(pair.symbol)

    def _resync(self, symbol: str) -> None:
        book = self._market(symbol).book
        if book.synced or book.seq:
            self.resyncs += 1
        book.apply_snapshot(self._feed.snapshot(symbol))

    async def _load_day(self, symbol: str) -> None:
        market = self._market(symbol)
        bars = await self._feed.bars(symbol, Timeframe.M15, end=self._feed.now, count=DAY // 900)
        if self._markets.get(symbol) is not market:  # not followed any more
            return
        live = tuple(market.buckets)
        market.buckets.clear()
        for i in range(len(bars)):
            opened, high, low, close = (int(each[i]) for each in (bars.open, bars.high, bars.low, bars.close))
            _fold(market.buckets, int(bars.start[i]), opened, high, low, close, int(bars.volume[i]))
        for each in live:
            _fold(market.buckets, each.start, each.open, each.high, each.low, each.close, each.volume)


def _fold(buckets: deque[_Bucket], at: int, opened: int, high: int, low: int, close: int, volume: int) -> None:
    start = at - at % BUCKET
    if buckets and buckets[-1].start == start:
        bucket = buckets[-1]
        bucket.high, bucket.low = max(bucket.high, high), min(bucket.low, low)
        bucket.close = close
        bucket.volume += volume
        return
    while buckets and buckets[0].start <= start - DAY * NANOS_PER_SECOND:
        buckets.popleft()
    buckets.append(_Bucket(start, opened, high, low, close, volume))
