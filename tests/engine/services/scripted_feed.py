"""A market feed that works, in memory: the test writes the prints, it keeps book, bars and sequence."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.market import BookDiff, BookSnapshot, DataLabel, FeedState, Level, Timeframe, TradeTick
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted

SECOND = 1_000_000_000
START = 1_750_000_000 * SECOND - (1_750_000_000 * SECOND) % (86_400 * SECOND)

RATE = FeeRate.parse(Decimal("0.001"))
USDT = Asset("USDT", 8, 2)
BTC = TradingPair("BTC/USDT", Asset("BTC", 8), USDT, Decimal("0.01"), Decimal("0.00001"), Units(0), RATE, RATE)


class ScriptedFeed:
    """Prints what it is told; bars are a plain fold over all prints since `START`."""

    label = DataLabel.SIMULATED
    state = FeedState.SYNCED

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.now = Nanos(START)
        self.prints: list[TradeTick] = []
        self.bids: dict[int, int] = {}
        self.asks: dict[int, int] = {}
        self.seq = 1

    def pairs(self) -> tuple[TradingPair, ...]:
        return (BTC,)

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        bids = tuple(Level(Ticks(p), Lots(q)) for p, q in sorted(self.bids.items(), reverse=True)[:depth])
        asks = tuple(Level(Ticks(p), Lots(q)) for p, q in sorted(self.asks.items())[:depth])
        return BookSnapshot(symbol, bids, asks, self.seq, self.now)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        rows = [row for row in fold_bars(self.prints, timeframe.nanos, end) if row[0] + timeframe.nanos <= end]
        columns = np.array(rows[-count:], dtype=np.float64).reshape(-1, 6).T
        start = np.array([row[0] for row in rows[-count:]], dtype=np.int64)
        return BarArrays(start, *columns[1:])

    def print(self, price: int, qty: int, after_ns: int = 0) -> None:
        """One print `after_ns` later than the last instant."""
        self.now = Nanos(self.now + after_ns)
        tick = TradeTick("BTC/USDT", Ticks(price), Lots(qty), Side.BUY, self.now, len(self.prints) + 1)
        self.prints.append(tick)
        self._bus.publish(TradesPrinted("BTC/USDT", (tick,)))

    def diff(self, bids: dict[int, int], asks: dict[int, int], *, lost: int = 0) -> None:
        """One book update; `lost` updates before it never arrive."""
        for side, changes in ((self.bids, bids), (self.asks, asks)):
            side.update(changes)
            for price in [p for p, q in changes.items() if q == 0]:
                del side[price]
        first = self.seq + 1 + lost
        self.seq = first
        to = {"bids": bids, "asks": asks}
        levels = {k: tuple(Level(Ticks(p), Lots(q)) for p, q in v.items()) for k, v in to.items()}
        self._bus.publish(BookDiff("BTC/USDT", levels["bids"], levels["asks"], first, first, self.now))

    def jump(self, to: int) -> None:
        """Another stretch of time."""
        self.now = Nanos(to)
        self.prints.clear()
        self._bus.publish(FeedStateChanged(FeedState.SNAPSHOT, "jumped", self.now))


def fold_bars(prints: list[TradeTick], length: int, end: int) -> list[list[int]]:
    """Bars by brute force: flat ones where nothing traded, from the first print to `end`."""
    rows: list[list[int]] = []
    for tick in prints:
        start = tick.at - tick.at % length
        while rows and rows[-1][0] + length < start:
            close = rows[-1][4]
            rows.append([rows[-1][0] + length, close, close, close, close, 0])
        if rows and rows[-1][0] == start:
            row = rows[-1]
            row[2], row[3], row[4], row[5] = (
                max(row[2], tick.price),
                min(row[3], tick.price),
                tick.price,
                row[5] + tick.qty,
            )
        else:
            rows.append([start, tick.price, tick.price, tick.price, tick.price, tick.qty])
    while rows and rows[-1][0] + length < end - end % length:
        close = rows[-1][4]
        rows.append([rows[-1][0] + length, close, close, close, close, 0])
    return rows
