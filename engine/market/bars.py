"""Bars from prints, and longer bars from shorter ones.

Prices are in ticks, volumes in lots. A bar's `start` is a multiple of its length since 1970, so days
begin at midnight UTC. Intervals without a print make no bar here; whoever needs an unbroken row says
so to `fill`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.domain.market import Bar, Timeframe, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.ports.feed import BarArrays


def empty() -> BarArrays:
    """Return no bars."""
    none = np.empty(0, dtype=np.float64)
    return BarArrays(np.empty(0, dtype=np.int64), none, none, none, none, none)


def from_bars(bars: Iterable[Bar]) -> BarArrays:
    """Return bars as columns."""
    rows = [(bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars]
    if not rows:
        return empty()
    start, *columns = zip(*rows, strict=True)
    return BarArrays(np.array(start, dtype=np.int64), *(np.array(each, dtype=np.float64) for each in columns))


def joined(first: BarArrays, second: BarArrays) -> BarArrays:
    """Return the bars of `first` that are older than all of `second`, then `second`."""
    if not len(second):
        return first
    older = part(first, 0, int(np.searchsorted(first.start, second.start[0])))
    return BarArrays(
        np.concatenate((older.start, second.start)),
        np.concatenate((older.open, second.open)),
        np.concatenate((older.high, second.high)),
        np.concatenate((older.low, second.low)),
        np.concatenate((older.close, second.close)),
        np.concatenate((older.volume, second.volume)),
    )


def part(bars: BarArrays, first: int, last: int) -> BarArrays:
    """Return bars `first` to before `last` as views."""
    cut = slice(first, last)
    return BarArrays(bars.start[cut], bars.open[cut], bars.high[cut], bars.low[cut], bars.close[cut], bars.volume[cut])


def resample(bars: BarArrays, timeframe: Timeframe) -> BarArrays:
    """Return bars of a longer timeframe; the first and last may lack part of their interval."""
    if not len(bars):
        return bars
    start = bars.start - bars.start % timeframe.nanos
    edges = np.flatnonzero(np.concatenate(([True], start[1:] != start[:-1])))
    last = np.concatenate((edges[1:], [len(start)])) - 1
    return BarArrays(
        start[edges],
        bars.open[edges],
        np.maximum.reduceat(bars.high, edges),
        np.minimum.reduceat(bars.low, edges),
        bars.close[last],
        np.add.reduceat(bars.volume, edges),
    )


def fill(bars: BarArrays, timeframe: Timeframe, first: Nanos, last: Nanos, price: float | None = None) -> BarArrays:
    """Return a bar for every interval from `first` to before `last`, flat with volume 0 where none was.

    Args:
        bars: sorted, all within the span.
        timeframe: their length.
        first: start of the first interval.
        last: start of the first interval that is not wanted.
        price: what intervals before the first bar show; None leaves them out.
    """
    grid = np.arange(first, last, timeframe.nanos, dtype=np.int64)
    place = np.searchsorted(bars.start, grid, side="right") - 1
    if price is None:
        grid, place = grid[place >= 0], place[place >= 0]
    if not len(grid) or (price is None and not len(bars)):
        return empty()
    closes = np.concatenate((bars.close, [0.0 if price is None else price]))  # -1 picks the price before
    held = closes[place]
    present = np.zeros(len(grid), dtype=bool)
    if len(bars):
        present = (place >= 0) & (bars.start[place] == grid)
    at = place[present]
    columns = [held.copy(), held.copy(), held.copy(), held.copy(), np.zeros(len(grid))]
    for column, source in zip(columns, (bars.open, bars.high, bars.low, bars.close, bars.volume), strict=True):
        column[present] = source[at]
    return BarArrays(grid, *columns)


class BarBuilder:
    """Folds prints into bars of one length; `closed` collects those whose interval is over."""

    __slots__ = ("_count", "_high", "_low", "_open", "_volume", "closed", "last", "length", "start", "symbol")

    def __init__(self, symbol: str, timeframe: Timeframe) -> None:
        self.symbol = symbol
        self.length = timeframe.nanos
        self.closed: list[Bar] = []
        self.start = -1
        """Start of the open bar; -1 before the first print."""
        self.last = 0
        """The last price in ticks."""
        self._open = self._high = self._low = self._volume = self._count = 0

    def add(self, tick: TradeTick) -> None:
        """Fold one print; prints come in order of time."""
        start = tick.at - tick.at % self.length
        price = tick.price
        if start != self.start:
            self.roll(tick.at)
            self.start = start
            self._open = self._high = self._low = price
            self._volume = self._count = 0
        elif price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self.last = price
        self._volume += tick.qty
        self._count += 1

    def roll(self, now: int) -> None:
        """Close the open bar if its interval is over at `now`."""
        bar = self.forming
        if bar is not None and bar.start + self.length <= now:
            self.closed.append(bar)
            self.start = -1

    def resume(self, bar: Bar | None) -> None:
        """Go on from an open bar, or from none."""
        self.start = -1
        if bar is not None:
            self.start, self._open, self._high, self._low = bar.start, bar.open, bar.high, bar.low
            self.last, self._volume, self._count = bar.close, bar.volume, bar.trades

    @property
    def forming(self) -> Bar | None:
        """The open bar, if any print fell into it."""
        if self.start < 0:
            return None
        return Bar(
            self.symbol,
            Nanos(self.start),
            Ticks(self._open),
            Ticks(self._high),
            Ticks(self._low),
            Ticks(self.last),
            Lots(self._volume),
            self._count,
        )
