"""How far a bar reaches, the gap before it included: true range and Wilder's mean of it.

The first bar has no close before it, so its true range is not known; Wilder's mean begins with the plain mean of the
first `period` true ranges, on row `period`. Both as TA-Lib has them.
"""

from __future__ import annotations

import numpy as np

from engine.indicators.recursive import Wilder, wilder
from engine.indicators.spec import BarRow, Columns, Floats
from engine.indicators.window import NAN, unknown


def true_range(columns: Columns) -> Floats:
    """Return the greatest of high - low and the two distances from the close before; NaN on the first row."""
    answer, before = unknown(len(columns.close)), columns.close[:-1]
    reach, high, low = answer[1:], columns.high[1:], columns.low[1:]
    np.maximum(high, before, out=reach)
    reach -= np.minimum(low, before)
    return answer


def mean_range(columns: Columns, period: int) -> Floats:
    """Return Wilder's mean of the true range; the first is on row `period`."""
    return wilder(true_range(columns), period)


class TrueRange:
    """The true range, bar by bar."""

    __slots__ = ("_before",)

    def __init__(self) -> None:
        self._before = NAN

    def take(self, bar: BarRow, keep: bool) -> float:
        """Return the true range of the bar."""
        before, high, low = self._before, bar.high, bar.low
        if keep:
            self._before = bar.close
        if before != before:
            return NAN
        return (before if before > high else high) - (before if before < low else low)


class MeanRange:
    """Wilder's mean of the true range, bar by bar."""

    __slots__ = ("_mean", "_range")

    def __init__(self, period: int) -> None:
        self._range = TrueRange().take
        self._mean = Wilder(period).take

    def take(self, bar: BarRow, keep: bool) -> float:
        """Return the mean that ends with the bar."""
        return self._mean(self._range(bar, keep), keep)
