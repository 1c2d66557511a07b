"""How long ago the extreme of a window was: the age, in rows, of the latest highest or lowest value.

As in `window`: whole columns, and one value at a time. Of equal values the latest counts.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from engine.indicators.recursive import PIECE
from engine.indicators.spec import Floats
from engine.indicators.window import NAN, unknown, warm_up


def age_of_highest(column: Floats, period: int) -> Floats:
    """Return how many rows ago the highest of the last `period` values was; 0 is the row itself."""
    first = warm_up(column) + period - 1
    answer = unknown(len(column), first)
    for at in range(first, len(column), PIECE):
        answer[at : at + PIECE] = _ages(column[at - period + 1 : at + PIECE], period)
    return answer


def age_of_lowest(column: Floats, period: int) -> Floats:
    """Return how many rows ago the lowest of the last `period` values was; 0 is the row itself."""
    return age_of_highest(-column, period)


def _ages(column: Floats, period: int) -> Floats:
    """Double windows until they are `period` long: a window is two shorter ones, the newer at its end."""
    highest, age, span = column, np.zeros(len(column), np.int32), 1
    while span < period:
        step = min(span, period - span)
        older, newer = highest[:-step], highest[step:]
        age = np.where(newer >= older, age[step:], age[:-step] + np.int32(step))
        highest = np.maximum(newer, older)
        span += step
    return age.astype(np.float64)


class AgeOfHighest:
    """How many values ago the highest of the last `period` was."""

    __slots__ = ("_block", "_count", "_head", "_last", "_tail")

    def __init__(self, period: int) -> None:
        self._last = period - 1
        self._count = 0
        self._block: list[tuple[float, int]] = []
        self._head = LOWEST
        self._tail: list[tuple[float, int]] = []

    def take(self, value: float, keep: bool) -> float:
        """Return the age in the window that ends with the value."""
        if value != value:
            return NAN
        at, now = len(self._block), self._count
        head = max(self._head, (value, now))
        if keep:
            self._count += 1
        if at == self._last:
            if keep:
                self._tail = list(accumulate([(value, now), *reversed(self._block)], max))
                self._block, self._head = [], LOWEST
            return float(now - head[1])
        if keep:
            self._block.append((value, now))
            self._head = head
        return float(now - max(head, self._tail[-2 - at])[1]) if self._tail else NAN


LOWEST = (-np.inf, -1)


class AgeOfLowest:
    """How many values ago the lowest of the last `period` was."""

    __slots__ = ("_take",)

    def __init__(self, period: int) -> None:
        self._take = AgeOfHighest(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the age in the window that ends with the value."""
        return self._take(-value, keep)
