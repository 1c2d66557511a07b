"""Kaufman's adaptive moving average: an exponential mean whose gain grows with the efficiency of the way.

Efficiency is the distance of `period` bars over the way gone; 1 in a straight rise, and where there was no way at all.
The gain runs between those of means of 2 and 30 bars, squared. As TA-Lib: the first answer is on row `period`, and
follows the value before it.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from engine.indicators.recursive import PIECE, follow_varying
from engine.indicators.spec import Floats
from engine.indicators.window import NAN, Sum, rolling_sum, unknown, warm_up

FASTEST, SLOWEST = 2 / (2 + 1), 2 / (30 + 1)
SPAN = FASTEST - SLOWEST


def kama(column: Floats, period: int) -> Floats:
    """Return the adaptive mean."""
    lead, answer = warm_up(column), unknown(len(column))
    first = lead + period
    value = float(column[first - 1]) if first < len(column) else NAN
    for at in range(first, len(column), PIECE):
        part = column[at - period : at + PIECE]
        answer[at : at + PIECE] = follow_varying(part[period:], value, _gain(part, period))
        value = float(answer[min(at + PIECE, len(column)) - 1])
    return answer


def _gain(column: Floats, period: int) -> Floats:
    """Return the gain of every row that has `period` rows before it."""
    way = rolling_sum(np.abs(np.diff(column)), period)[period - 1 :]
    gain = column[period:] - column[:-period]
    np.abs(gain, out=gain)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain /= way
    np.fmin(gain, 1.0, out=gain)  # also where there was no way: 0 / 0
    gain *= SPAN
    gain += SLOWEST
    gain *= gain
    return gain


class Kama:
    """The adaptive mean."""

    __slots__ = ("_period", "_value", "_values", "_way")

    def __init__(self, period: int) -> None:
        self._period = period
        self._values: deque[float] = deque(maxlen=period)
        self._way = Sum(period).take
        self._value = NAN

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        values, answer = self._values, NAN
        if values and value == value:
            before = values[-1]
            way = self._way(abs(value - before), keep)
            if len(values) == self._period:
                moved = value - values[0]
                efficiency = min(abs(moved) / way, 1.0) if way else 1.0
                root = efficiency * SPAN + SLOWEST
                gain = root * root
                last = self._value
                answer = gain * value + (1.0 - gain) * (last if last == last else before)
        if keep and value == value:
            values.append(value)
            self._value = answer
        return answer
