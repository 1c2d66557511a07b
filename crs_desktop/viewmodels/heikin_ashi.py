"""Heikin-Ashi candles of a series, kept up to date as it grows at either end.

close = (open + high + low + close) / 4; open = the middle of the body before; high and low include both. The first
body's open is the middle of its bar. A candle depends on all before it, but half as much each time: after `REACH`
bars an older beginning makes no difference that a float64 could hold.

Source: Valcu, "Using the Heikin-Ashi Technique", Stocks & Commodities 22:2 (2004).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crs_desktop.viewmodels.series import BarSeries, Row
from engine.ports.feed import BarArrays

Floats = NDArray[np.float64]
REACH = 64
FEW = 16
"""Up to this many new bars are stepped through one by one."""


def heikin_ashi(bars: BarArrays, before: Row | None = None) -> BarArrays:
    """Return the candles of bars in sequence, `before` being the Heikin-Ashi candle before the first."""
    close = (bars.open + bars.high + bars.low + bars.close) / 4
    opened = np.empty(len(bars))
    if len(bars):
        opened[0] = (bars.open[0] + bars.close[0]) / 2 if before is None else (before.open + before.close) / 2
        opened[1:] = close[:-1] / 2
    shift = 1
    while shift < min(REACH, len(bars)):  # sums of 1, 2, 4, … terms of the geometric series
        opened[shift:] += opened[:-shift].copy() * 0.5**shift
        shift *= 2
    high = np.maximum(bars.high, np.maximum(opened, close))
    low = np.minimum(bars.low, np.minimum(opened, close))
    return BarArrays(bars.start, opened, high, low, close, bars.volume)


class HeikinAshi:
    """The candles of a source, at the same indices; `sync` takes over what is new."""

    def __init__(self, source: BarSeries) -> None:
        self._source = source
        self.series = BarSeries(source.step, source.first)
        self.sync()

    def sync(self) -> None:
        """Bring the candles up to date; the newest may have changed, older bars may have come in front."""
        own, source = self.series, self._source
        if not len(source):
            return
        if not len(own):
            own.extend(heikin_ashi(source.between(source.first, source.stop)))
            return
        if source.first < own.first:
            self._prepend()
        self._append()

    def _prepend(self) -> None:
        own, source = self.series, self._source
        oldest, newest = own.start(own.first), own.start(own.stop - 1)
        reach = REACH
        while len(source.between(own.first, own.first + reach)) <= REACH and own.first + reach < own.stop:
            reach *= 2  # slots of holes carry nothing on
        found = heikin_ashi(source.between(source.first, own.first + reach))
        older = int(np.searchsorted(found.start, oldest))
        own.rewrite(_cut(found, older, int(np.searchsorted(found.start, newest, side="right"))))
        own.prepend(_cut(found, 0, older))

    def _append(self) -> None:
        own, source = self.series, self._source
        newest = own.stop - 1
        fresh = source.between(newest, source.stop)
        before = _before(own, newest)
        if len(fresh) > FEW:
            made = heikin_ashi(fresh, before)
            own.append(int(made.start[0]), _row(made, 0))
            own.extend(_cut(made, 1, len(made)))
            return
        for number in range(len(fresh)):
            made = heikin_ashi(_cut(fresh, number, number + 1), before)
            before = _row(made, 0)
            own.append(int(made.start[0]), before)


def _before(series: BarSeries, index: int) -> Row | None:
    """Return the nearest candle before an index, across a hole if there is one."""
    while index > series.first:
        index -= 1
        row = series.row(index)
        if row is not None:
            return row
    return None


def _row(bars: BarArrays, at: int) -> Row:
    return Row(
        float(bars.open[at]), float(bars.high[at]), float(bars.low[at]), float(bars.close[at]), float(bars.volume[at])
    )


def _cut(bars: BarArrays, begin: int, end: int) -> BarArrays:
    part = slice(begin, end)
    return BarArrays(
        bars.start[part], bars.open[part], bars.high[part], bars.low[part], bars.close[part], bars.volume[part]
    )
