"""Kaufman's adaptive moving average: an exponential mean whose gain grows with the efficiency of the way.

Efficiency is the distance of `period` bars over the way gone; 1 in a straight rise, and where there was no way at all.
The gain runs between those of means of 2 and 30 bars, squared. As TA-Lib: the first answer is on row `period`, and
follows the value before it.
"""

from __future__ import annotations

import numpy as np

from engine.indicators.column import Ago
from engine.indicators.recursive import PIECE, follow_varying
from engine.indicators.spec import Floats
from engine.indicators.window import NAN, Sum, rolling_sum, unknown, warm_up

FASTEST, SLOWEST = 2 / (2 + 1), 2 / (30 + 1)


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
    moved = column[period:] - column[:-period]
    straight = way <= moved  # also where both are 0
    way[straight] = 1.0
    gain = np.abs(moved, out=moved)
    gain /= way
    gain[straight] = 1.0
    gain *= FASTEST - SLOWEST
    gain += SLOWEST
    gain *= gain
    return gain


class Kama:
    """The adaptive mean."""

    __slots__ = ("_before", "_long_ago", "_value", "_way")

    def __init__(self, period: int) -> None:
        self._way = Sum(period).take
        self._before = Ago(1).take
        self._long_ago = Ago(period).take
        self._value = NAN

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        before = self._before(value, keep)
        way = self._way(abs(value - before), keep)
        moved = value - self._long_ago(value, keep)
        if way != way:
            return NAN
        efficiency = 1.0 if way <= moved else abs(moved) / way
        gain = (efficiency * (FASTEST - SLOWEST) + SLOWEST) ** 2
        last = before if self._value != self._value else self._value
        answer = gain * value + (1.0 - gain) * last
        if keep:
            self._value = answer
        return answer
