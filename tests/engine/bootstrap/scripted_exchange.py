"""A public exchange that works, in memory: the test says what its markets do, it keeps books, states and numbers.

It keeps every promise of `ExchangeFeed`: diffs chain, a book that was taken anew comes as the diff from the old one
before the pair is called synced, and nothing is published of a pair that is not followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np

from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.instrument import Instrument, InstrumentKind
from engine.domain.market import BookDiff, BookSnapshot, DataLabel, FeedState, Level, Timeframe, TradeTick
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.ports.exchange import FeedHealth, PairsFollowed, PairStateChanged
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from tests.engine.services.scripted_feed import fold_bars

SECOND = 1_000_000_000
START = 1_750_000_000 * SECOND

RATE = FeeRate.parse(Decimal("0.001"))
USDT, BTC, ETH = Asset("USDT", 8, 2), Asset("BTC", 8), Asset("ETH", 8)


def pair_of(symbol: str, base: Asset, tick: str = "0.01", lot: str = "0.00001", least: int = 5 * 10**8) -> TradingPair:
    return TradingPair(symbol, base, USDT, Decimal(tick), Decimal(lot), Units(least), RATE, RATE)


BTC_USDT, ETH_USDT = pair_of("BTC/USDT", BTC), pair_of("ETH/USDT", ETH, lot="0.0001")
PERPETUAL = pair_of("BTC/USDT:USDT", BTC)
BID, ASK = 6_000_000, 6_000_100
"""The first best prices of each pair, in ticks."""


class ScriptedExchange:
    """The books of a venue that has three instruments, one of them a perpetual."""

    venue, title = "binance", "Binance"
    label = DataLabel.PUBLIC

    def __init__(self, bus: Bus, pairs: Iterable[TradingPair] = (BTC_USDT, ETH_USDT, PERPETUAL)) -> None:
        self._bus = bus
        self.listed = {pair.symbol: pair for pair in pairs}
        self.now = Nanos(START)
        self.follows: Counter[str] = Counter()
        self.bids: dict[str, dict[int, int]] = {}
        self.asks: dict[str, dict[int, int]] = {}
        self.seq: dict[str, int] = {}
        self.states: dict[str, FeedState] = {}
        self.prints: list[TradeTick] = []
        self.trading, self.least = True, Lots(0)
        """Whether it takes orders, and how small they may be."""
        self.syncs = True
        """Whether a pair is synced as soon as it is followed."""
        for symbol in self.listed:
            self.bids[symbol] = {BID - 10 * step: 50_000 + step for step in range(20)}
            self.asks[symbol] = {ASK + 10 * step: 50_000 + step for step in range(20)}
            self.seq[symbol] = 1

    # `ExchangeFeed`

    @property
    def state(self) -> FeedState:
        found = [self.states[symbol] for symbol in self.follows]
        return FeedState.SYNCED if all(state is FeedState.SYNCED for state in found) else FeedState.RESYNCING

    def instruments(self) -> tuple[Instrument, ...]:
        kinds = (InstrumentKind.SPOT, InstrumentKind.PERPETUAL)
        return tuple(
            Instrument(self.venue, symbol.replace("/", ""), pair, kinds[":" in symbol], self.trading, self.least)
            for symbol, pair in self.listed.items()
        )

    def pairs(self) -> tuple[TradingPair, ...]:
        return tuple(self.listed[symbol] for symbol in self.follows)

    async def follow(self, symbol: str) -> None:
        if symbol not in self.listed:
            raise InvalidInput(f"{self.title} does not list {symbol}.")
        self.follows[symbol] += 1
        if self.follows[symbol] == 1:
            self.states[symbol] = FeedState.CONNECTING
            self._bus.publish(PairsFollowed(self.venue, (symbol,), ()))
            if self.syncs:
                self.state_is(symbol, FeedState.SYNCED)

    async def unfollow(self, symbol: str) -> None:
        self.follows[symbol] -= 1
        if self.follows[symbol] == 0:
            del self.follows[symbol]
            self._bus.publish(PairsFollowed(self.venue, (), (symbol,)))

    def state_of(self, symbol: str) -> FeedState:
        return self.states[symbol] if symbol in self.follows else FeedState.CONNECTING

    def health(self, symbol: str | None = None) -> FeedHealth:
        last = self.seq.get(symbol) if symbol else None
        return FeedHealth(self.venue, self.state, 0.0, last, 0, 0, 0.0, 0, 0, 0)

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        if symbol not in self.follows:
            raise InvalidInput(f"{symbol} is not followed on {self.title}.")
        bids = levels(sorted(self.bids[symbol].items(), reverse=True)[:depth])
        asks = levels(sorted(self.asks[symbol].items())[:depth])
        return BookSnapshot(symbol, bids, asks, self.seq[symbol], self.now)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        if symbol not in self.listed:
            raise InvalidInput(f"{symbol} is not listed on {self.title}.")
        prints = [tick for tick in self.prints if tick.symbol == symbol]
        rows = [row for row in fold_bars(prints, timeframe.nanos, end) if row[0] + timeframe.nanos <= end][-count:]
        columns = np.array(rows, dtype=np.float64).reshape(-1, 6).T
        return BarArrays(np.array([row[0] for row in rows], dtype=np.int64), *columns[1:])

    # What the test says

    def later(self, nanos: int) -> None:
        """Let the venue's time pass."""
        self.now = Nanos(self.now + nanos)

    def state_is(self, symbol: str, state: FeedState) -> None:
        """The trust in a pair's book changes."""
        self.states[symbol] = state
        self._bus.publish(PairStateChanged(symbol, state, "" if state is FeedState.SYNCED else f"{state}.", self.now))
        self._bus.publish(FeedStateChanged(self.state, "", self.now))

    def change(self, symbol: str, bids: Mapping[int, int] = {}, asks: Mapping[int, int] = {}) -> None:
        """A book changes, and that is published."""
        self._apply(symbol, bids, asks)
        self.seq[symbol] += 1
        seq = self.seq[symbol]
        self._bus.publish(BookDiff(symbol, levels(bids.items()), levels(asks.items()), seq, seq, self.now))

    def resync(self, symbol: str, bids: Mapping[int, int] = {}, asks: Mapping[int, int] = {}) -> None:
        """The book is taken anew, with these changes against the old one."""
        self.change(symbol, bids, asks)
        self.state_is(symbol, FeedState.SYNCED)

    def print(self, symbol: str, price: int, qty: int, side: Side = Side.SELL) -> None:
        """Somebody trades."""
        tick = TradeTick(symbol, Ticks(price), Lots(qty), side, self.now, len(self.prints) + 1)
        self.prints.append(tick)
        self._bus.publish(TradesPrinted(symbol, (tick,)))

    def regrid(self, symbol: str, tick: str) -> None:
        """The venue changes the tick of a pair."""
        self.listed[symbol] = replace(self.listed[symbol], tick=Decimal(tick))

    def _apply(self, symbol: str, bids: Mapping[int, int], asks: Mapping[int, int]) -> None:
        for side, changes in ((self.bids[symbol], bids), (self.asks[symbol], asks)):
            side.update(changes)
            for price in [price for price, qty in changes.items() if not qty]:
                side.pop(price, None)


def levels(rows: Iterable[tuple[int, int]]) -> tuple[Level, ...]:
    return tuple(Level(Ticks(price), Lots(qty)) for price, qty in rows)
