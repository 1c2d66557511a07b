"""Binance's candle intervals, folded from the bars that the market keeps.

Weeks begin on Monday, months on their first day, days and hours at UTC, as at Binance. The bars say how much base
was traded; the quote volume is estimated as that times the mean of open, high, low and close.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.domain.market import Bar, Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.ports.feed import BarArrays
from engine.server.facade.fault import Fault
from engine.server.facade.instrument import price_text, qty_text, quote_text

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
_WEEK, _MONDAY = 7 * DAY, 4 * DAY
"""The first Monday after 1970 began was the 5th of January."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One of Binance's intervals: `source` bars are folded into it."""

    name: str
    nanos: int
    """Its length; of a month the longest, for counting back."""
    source: Timeframe

    def opening(self, at: int) -> int:
        """Return when the candle of an instant begins."""
        if self.name == "1M":
            day = datetime.fromtimestamp(at // SECOND, UTC).replace(day=1, hour=0, minute=0, second=0)
            return int(day.timestamp()) * SECOND
        offset = _MONDAY if self.name == "1w" else 0
        return at - (at - offset) % self.nanos

    def ending(self, start: int) -> int:
        """Return when the candle that begins at `start` ends: where the next one begins."""
        return self.opening(start + self.nanos + DAY) if self.name == "1M" else start + self.nanos

    def at_or_after(self, at: int) -> int:
        """Return when the first candle begins that does not begin before an instant."""
        opening = self.opening(at)
        return opening if opening == at else self.ending(opening)

    @property
    def bars(self) -> int:
        """How many bars one candle is made of, at most."""
        return -(-self.nanos // self.source.nanos)


def _all() -> Iterable[Interval]:
    minute, hour = 60 * SECOND, 3_600 * SECOND
    yield Interval("1s", SECOND, Timeframe.S1)
    for count, source in ((1, "1m"), (3, "1m"), (5, "5m"), (15, "15m"), (30, "15m")):
        yield Interval(f"{count}m", count * minute, Timeframe(source))
    for count, source in ((1, "1h"), (2, "1h"), (4, "4h"), (6, "1h"), (8, "4h"), (12, "4h")):
        yield Interval(f"{count}h", count * hour, Timeframe(source))
    yield Interval("1d", DAY, Timeframe.D1)
    yield Interval("3d", 3 * DAY, Timeframe.D1)
    yield Interval("1w", _WEEK, Timeframe.D1)
    yield Interval("1M", 31 * DAY, Timeframe.D1)


INTERVALS = {each.name: each for each in _all()}


def interval(name: str) -> Interval:
    """Return an interval by its name.

    Raises:
        Fault: -1120.
    """
    found = INTERVALS.get(name)
    if found is None:
        raise Fault(-1120, "Invalid interval.")
    return found


@dataclass(slots=True)
class Candle:
    """One candle; `tick_lots` is the estimated quote volume, in ticks x lots."""

    start: int
    open: int
    high: int
    low: int
    close: int
    lots: int
    tick_lots: int
    trades: int = 0


def of_bar(bar: Bar) -> Candle:
    """Return a bar as a candle."""
    return Candle(bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume, 0, bar.trades)


def fold(bars: BarArrays, kind: Interval) -> list[Candle]:
    """Return the candles that bars make, oldest first; the first is left out if it began before them."""
    candles: list[Candle] = []
    columns = (each.tolist() for each in (bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume))
    for values in zip(*columns, strict=True):
        start, first, high, low, last, lots = (round(each) for each in values)
        add(candles, kind, Candle(start, first, high, low, last, lots, 0))
    if candles and len(bars) and candles[0].start < int(bars.start[0]):
        del candles[0]
    return candles


def add(candles: list[Candle], kind: Interval, bar: Candle) -> None:
    """Take a bar into the last candle, or begin one."""
    opening = kind.opening(bar.start)
    worth = bar.tick_lots or (bar.open + bar.high + bar.low + bar.close) * bar.lots // 4
    if not candles or candles[-1].start < opening:
        candles.append(Candle(opening, bar.open, bar.high, bar.low, bar.close, bar.lots, worth, bar.trades))
        return
    last = candles[-1]
    last.high, last.low, last.close = max(last.high, bar.high), min(last.low, bar.low), bar.close
    last.lots += bar.lots
    last.tick_lots += worth
    last.trades += bar.trades


def row(candle: Candle, pair: TradingPair, kind: Interval) -> list[object]:
    """Return a candle as `klines` lists it; who was the taker is not kept, so those two volumes are zero."""
    milli = 1_000_000
    return [
        candle.start // milli,
        price_text(pair, candle.open),
        price_text(pair, candle.high),
        price_text(pair, candle.low),
        price_text(pair, candle.close),
        qty_text(pair, candle.lots),
        kind.ending(candle.start) // milli - 1,
        quote_text(pair, candle.tick_lots),
        candle.trades,
        qty_text(pair, 0),
        price_text(pair, 0),
        "0",
    ]


def until(kind: Interval, start: int, count: int) -> Nanos:
    """Return where `count` candles from the one of `start` on have ended."""
    end = kind.opening(start)
    for _ in range(count if kind.name == "1M" else 1):
        end = kind.ending(end) if kind.name == "1M" else end + count * kind.nanos
    return Nanos(end)
