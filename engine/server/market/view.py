"""The markets as this process sees them; every gateway answers market data from here.

Fed by the bus of the core (`BookDiff`, `TradesPrinted`, `FeedStateChanged`); it publishes `BarClosed` there. Prices
are ticks and quantities lots where the domain's values are returned, decimals where those of `engine.wire` are.
"""

from __future__ import annotations

import logging
from collections import deque

import numpy as np

from engine.bus import Bus
from engine.domain.market import Bar, BookSnapshot, DataLabel, FeedState, Quote, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput, VenueUnavailable
from engine.market.bars import empty, part
from engine.ports.exchange import PairsFollowed, PastPrints
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from engine.server.core.port import Core
from engine.server.market import shape
from engine.server.market.day import DAY, MINUTE, Day
from engine.services.bars import Bars
from engine.services.market_data import MarketData
from engine.services.pastminutes import minutes_since
from engine.services.task import TaskOwner
from engine.wire import market as wire

PRINTS = 1_000
"""Kept of each pair."""

SECOND = NANOS_PER_SECOND

log = logging.getLogger(__name__)


class MarketView:
    """Books, prints, tickers and bars of all pairs; `start` once events flow, `close` in the end."""

    def __init__(self, bus: Bus, core: Core) -> None:
        self._core = core
        self._feed = _CoreFeed(core)
        self._data = MarketData(bus, self._feed)
        self._bars = Bars(bus, self._feed, self._data)
        self._pairs = {pair.symbol: pair for pair in core.pairs()}
        self._prints: dict[str, deque[TradeTick]] = {symbol: deque(maxlen=PRINTS) for symbol in self._pairs}
        self._days = {symbol: Day() for symbol in self._pairs}
        self._tasks = TaskOwner("market view")
        self._subscriptions = (
            bus.subscribe(PairsFollowed, self._on_followed),
            bus.subscribe(PastPrints, self._on_past),
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(FeedStateChanged, self._on_state),
        )

    async def start(self) -> None:
        """Take first books and the last 24 hours, and watch the bars of every pair and timeframe."""
        await self._data.start()
        for symbol in tuple(self._pairs):
            await self._take_up(symbol)

    def close(self) -> None:
        """Take in nothing more."""
        self._tasks.close()
        self._bars.close()
        self._data.close()
        for subscription in self._subscriptions:
            subscription.close()

    @property
    def now(self) -> Nanos:
        """The market's time."""
        return self._core.now

    @property
    def state(self) -> FeedState:
        """Whether the market is alive."""
        return self._core.state

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what can be traded, in the order of listing."""
        return tuple(self._pairs.values())

    def state_of(self, symbol: str) -> FeedState:
        """Return how far the data of one pair can be trusted now."""
        return self._core.state_of(symbol)

    def pair(self, symbol: str) -> TradingPair:
        """Return a pair.

        Raises:
            InvalidInput: it is not traded here; so do all methods that take a symbol.
        """
        pair = self._pairs.get(symbol)
        if pair is None:
            raise InvalidInput(f"{symbol} is not traded here.")
        return pair

    # As it travels

    def book(self, symbol: str, depth: int = 100) -> wire.Book:
        """Return the displayed book after its last diff, up to `depth` levels a side."""
        return shape.book_of(self.snapshot(symbol, depth), self.pair(symbol))

    def trades(self, symbol: str, limit: int = PRINTS, before_id: int | None = None) -> wire.Trades:
        """Return the last prints, oldest first; of those before a trade id if one is given."""
        pair = self.pair(symbol)
        return wire.Trades(tuple(shape.trade_of(tick, pair) for tick in self.prints(symbol, limit, before_id)))

    def ticker(self, symbol: str) -> wire.Ticker:
        """Return a pair over its last 24 hours."""
        pair = self.pair(symbol)
        return shape.ticker_of(self.quote(symbol), self._days[symbol].total(self.now), pair, self.now)

    def tickers(self) -> wire.Tickers:
        """Return all of them, in the order of listing."""
        return wire.Tickers(tuple(self.ticker(symbol) for symbol in self._pairs))

    # As the domain has it

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        """Return the displayed book after its last diff: the next `BookDiff` of the bus follows it."""
        self.pair(symbol)
        book = self._data.book(symbol)
        bids, asks = tuple(book.top(Side.BUY, depth)), tuple(book.top(Side.SELL, depth))
        return BookSnapshot(symbol, bids, asks, book.seq, book.at)

    def quote(self, symbol: str) -> Quote:
        """Return best bid and ask."""
        self.pair(symbol)
        return self._data.quote(symbol)

    def last_price(self, symbol: str) -> int | None:
        """Return the newest price in ticks."""
        self.pair(symbol)
        return self._data.last_price(symbol)

    def prints(self, symbol: str, limit: int = PRINTS, before_id: int | None = None) -> tuple[TradeTick, ...]:
        """Return the last prints, oldest first; of those before a trade id if one is given."""
        self.pair(symbol)
        kept = self._prints[symbol]
        chosen = list(kept) if before_id is None else [tick for tick in kept if tick.trade_id < before_id]
        return tuple(chosen[max(0, len(chosen) - limit) :])

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos | None = None, count: int = 500) -> BarArrays:
        """Return up to `count` closed bars before `end` (now, if None), oldest first."""
        self.pair(symbol)
        return await self._core.bars(symbol, timeframe, end=self.now if end is None else end, count=count)

    def forming(self, symbol: str, timeframe: Timeframe) -> Bar | None:
        """Return the open bar, None until the first price is known."""
        self.pair(symbol)
        return self._bars.forming(symbol, timeframe)

    # Events

    def _on_trades(self, event: TradesPrinted) -> None:
        self._prints[event.symbol].extend(event.ticks)
        day = self._days[event.symbol]
        for tick in event.ticks:
            day.add(tick)

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # the market goes on at another instant
            self._tasks.start(self._go_on())

    def _on_followed(self, event: PairsFollowed) -> None:
        """Take up pairs that the core has from now on; none is ever let go, for its orders stay."""
        known = {pair.symbol: pair for pair in self._core.pairs()}
        for symbol in event.added:
            if symbol in self._pairs:
                self._tasks.start(self._look_back(symbol))
            elif symbol in known:
                self._pairs[symbol] = known[symbol]
                self._prints[symbol], self._days[symbol] = deque(maxlen=PRINTS), Day()
                self._tasks.start(self._take_up(symbol))

    def _on_past(self, event: PastPrints) -> None:
        """Have prints of before the first one that was heard."""
        self._tasks.start(self._recall(event.symbol))

    async def _take_up(self, symbol: str) -> None:
        """Find what was traded lately, and watch the bars."""
        await self._look_back(symbol)
        for timeframe in Timeframe:
            await self._bars.watch(symbol, timeframe)

    async def _look_back(self, symbol: str) -> None:
        await self._recall(symbol)
        await self._load_day(symbol)

    async def _recall(self, symbol: str) -> None:
        """Take the prints that this process did not hear, if somebody kept them."""
        told = await self._core.prints(symbol, PRINTS)
        kept = self._prints[symbol]
        if told:
            both = {tick.trade_id: tick for tick in (*told, *kept)}
            self._prints[symbol] = deque((both[number] for number in sorted(both)), maxlen=PRINTS)

    async def _go_on(self) -> None:
        for symbol in tuple(self._pairs):
            await self._look_back(symbol)

    async def _load_day(self, symbol: str) -> None:
        now = self.now
        minute, second = Nanos(now - now % MINUTE), Nanos(now - now % SECOND)
        minutes = await minutes_since(self._feed, symbol, Nanos(minute - DAY), minute)
        seconds = await self._feed.bars(symbol, Timeframe.S1, end=second, count=(second - minute) // SECOND)
        current = part(seconds, int(np.searchsorted(seconds.start, minute)), len(seconds))
        later = (tick for tick in self._prints[symbol] if tick.at >= second)
        self._days[symbol].begin(minutes, current, prints=later)


class _CoreFeed:
    """The core's market data as the services of bars and books want it."""

    label = DataLabel.SIMULATED

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def state(self) -> FeedState:
        """Whether the market is alive."""
        return self._core.state

    @property
    def now(self) -> Nanos:
        """The market's time."""
        return self._core.now

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the pairs."""
        return self._core.pairs()

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        """Return a book."""
        return self._core.snapshot(symbol, depth)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars; none if they cannot be had now: what is shown begins with what is heard."""
        try:
            return await self._core.bars(symbol, timeframe, end=end, count=count)
        except VenueUnavailable as error:
            log.info("bars of the past not here: %s", error)
            return empty()
