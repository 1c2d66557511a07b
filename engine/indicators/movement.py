"""Wilder's directional movement: which way the bars reach beyond the one before, and how one-sidedly.

Movement and true range are summed as Wilder smooths: the plain sum of rows 1 to `period - 1`, from then on the sum less
its `period`-th part plus the new value; so the first directional indicator is on row `period`, the first ADX (a mean of
`period` indices) on row `2 x period - 1`. Without any range there is no direction: the indicators are 0, DX repeats its
last value (0 at first), and ADX stands still. All as TA-Lib with no unstable period.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.indicators.ranges import true_range
from engine.indicators.recursive import follow, in_order
from engine.indicators.spec import BarRow, Columns, Floats
from engine.indicators.window import NAN, unknown


def _smoothed(column: Floats, period: int) -> Floats:
    """Return the sums of rows from `period` on; row 0 of the column is not known and not used."""
    return follow(column[period:], in_order(column[1:period]), 1.0, 1.0 - 1.0 / period)


def directions(columns: Columns, period: int) -> tuple[Floats, Floats]:
    """Return +DI and -DI of the rows from `period` on."""
    rise, fall = unknown(len(columns.high)), unknown(len(columns.high))
    np.subtract(columns.high[1:], columns.high[:-1], out=rise[1:])
    np.subtract(columns.low[:-1], columns.low[1:], out=fall[1:])
    up = np.where((rise > fall) & (rise > 0.0), rise, 0.0)
    down = np.where((fall > rise) & (fall > 0.0), fall, 0.0)
    total = _smoothed(true_range(columns), period)
    plus, minus = _smoothed(up, period), _smoothed(down, period)
    if not total.all():
        total[total == 0.0] = np.inf  # no range, no direction
    for each in (plus, minus):
        each /= total
        each *= 100.0
    return plus, minus


def indices(plus: Floats, minus: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return DX where there is a direction, and where that is."""
    total = plus + minus
    known = total != 0.0
    if not known.all():
        plus, minus, total = plus[known], minus[known], total[known]
    index = np.abs(minus - plus)
    index /= total
    index *= 100.0
    return index, known


def mean_index(plus: Floats, minus: Floats, period: int) -> Floats:
    """Return ADX of the rows from `2 x period - 1` on, given the indicators from `period` on."""
    index, known = indices(plus, minus)
    if len(known) < period:
        return np.empty(0)
    at = int(np.count_nonzero(known[:period]))
    seed = in_order(index[:at]) / period
    means = np.concatenate(([seed], follow(index[at:], seed, 1.0 / period, 1.0 - 1.0 / period)))
    return means if len(index) == len(known) else means[np.cumsum(known[period - 1 :]) - int(known[period - 1])]


class Directions:
    """+DI and -DI, bar by bar."""

    __slots__ = ("_close", "_decay", "_down", "_high", "_left", "_low", "_range", "_up")

    def __init__(self, period: int) -> None:
        self._decay, self._left = 1.0 - 1.0 / period, period
        self._high = self._low = self._close = NAN
        self._up = self._down = self._range = 0.0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, float]:
        """Return both indicators at the bar."""
        _, _, high, low, close, _ = bar
        left, rise, fall, before = self._left, high - self._high, self._low - low, self._close
        warm = left == 0
        decay = self._decay if warm else 1.0
        up, down, reach = decay * self._up, decay * self._down, decay * self._range
        if before == before:
            reach += (before if before > high else high) - (before if before < low else low)
            if rise > fall and rise > 0.0:
                up += rise
            elif fall > rise and fall > 0.0:
                down += fall
        if keep:
            self._high, self._low, self._close = high, low, close
            self._up, self._down, self._range = up, down, reach
            if left:
                self._left = left - 1
        if not warm:
            return NAN, NAN
        return (100.0 * (up / reach), 100.0 * (down / reach)) if reach else (0.0, 0.0)


class MeanIndex:
    """ADX from the two indicators, bar by bar."""

    __slots__ = ("_decay", "_gain", "_left", "_mean", "_period", "_total")

    def __init__(self, period: int) -> None:
        self._period = self._left = period
        self._gain, self._decay = 1.0 / period, 1.0 - 1.0 / period
        self._total, self._mean = 0.0, NAN

    def take(self, plus: float, minus: float, keep: bool) -> float:
        """Return the mean at the bar of these indicators."""
        total = plus + minus
        if total != total:
            return NAN
        index = 100.0 * (abs(minus - plus) / total) if total else NAN
        if self._left:
            return self._begin(index if total else 0.0, keep)
        mean = self._gain * index + self._decay * self._mean if total else self._mean
        if keep:
            self._mean = mean
        return mean

    def _begin(self, index: float, keep: bool) -> float:
        total = self._total + index
        mean = total / self._period if self._left == 1 else NAN
        if keep:
            self._total, self._left, self._mean = total, self._left - 1, mean
        return mean
