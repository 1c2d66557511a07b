"""How the values of a sliding window lie around their mean, and around a straight line.

A window is put together from stretches of 1, 2, 4, … values: from the means of two neighbours and their sums of squares
(or of products with the row) about these, those of both together follow (Chan, Golub and LeVeque 1979). So log2(period)
passes over the column are enough, and no large sum is taken from another: a narrow spread around a large price keeps
its digits. The streams join a window from the tail of one block and the head of the next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.indicators.spec import Floats
from engine.indicators.window import NAN, unknown, warm_up

CHUNK = 16_384
"""Rows at a time: all columns at work stay in the processor's cache, and values are near to the first of them."""


class Stretches(NamedTuple):
    """Of every stretch of `size` neighbours, by its first row: the mean, and the sum of what is summed about it."""

    size: int
    mean: Floats
    total: Floats

    def then(self, newer: Stretches, straight: bool) -> Stretches:
        """Return the stretches that go on with those of another size."""
        size = self.size + newer.size
        length = len(self.mean) - newer.size
        gap = newer.mean[self.size : self.size + length] - self.mean[:length]
        total = self.total[:length] + newer.total[self.size : self.size + length]
        total += self.size * newer.size / 2.0 * gap if straight else self.size * newer.size / size * gap * gap
        gap *= newer.size / size
        gap += self.mean[:length]
        return Stretches(size, gap, total)


def rolling_spread(column: Floats, period: int) -> tuple[Floats, Floats]:
    """Return mean and variance (over `period`, not one less) of the last `period` values."""
    return _rolling(column, period, 1.0 / period, straight=False)


def rolling_line(column: Floats, period: int) -> tuple[Floats, Floats]:
    """Return the mean of the last `period` >= 2 values, and the slope per row of the line of least squares."""
    return _rolling(column, period, _per_square(period), straight=True)


def _per_square(period: int) -> float:
    """Return one over the sum of squares of rows about their mean."""
    return 12.0 / (period * (period * period - 1.0))


def _rolling(column: Floats, period: int, scale: float, straight: bool) -> tuple[Floats, Floats]:
    means, totals = unknown(len(column)), unknown(len(column))
    for at in range(warm_up(column) + period - 1, len(column), CHUNK):
        end = min(at + CHUNK, len(column))
        part = column[at - period + 1 : end]
        found = _whole(part - part[0], period, straight)
        np.add(found.mean, part[0], out=means[at:end])
        np.multiply(found.total, scale, out=totals[at:end])
    return means, totals


def _whole(values: Floats, period: int, straight: bool) -> Stretches:
    """Return the stretches of `period` values, from those whose sizes are the powers of two in it."""
    power, found = Stretches(1, values, np.zeros(len(values))), None
    left = period
    while True:
        if left & 1:
            found = power if found is None else found.then(power, straight)
        left >>= 1
        if not left:
            assert found is not None  # noqa: S101  # the highest bit is set
            return found
        power = power.then(power, straight)


class _Window:
    """The last `period` values: the tail of one block of as many and the head of the next, joined as above.

    Means are taken from the block's first value, so that they keep their digits.
    """

    __slots__ = ("_block", "_mean", "_origin", "_period", "_scale", "_straight", "_tail", "_tail_origin", "_total")

    def __init__(self, period: int, scale: float, straight: bool) -> None:
        self._period, self._scale, self._straight = period, scale, straight
        self._block: list[float] = []
        self._tail: list[tuple[float, float]] = []
        self._origin = self._tail_origin = self._mean = self._total = 0.0

    def take(self, value: float, keep: bool) -> tuple[float, float]:
        """Return the mean of the window that ends with the value, and the scaled sum about it."""
        if value != value:
            return NAN, NAN
        period, before = self._period, len(self._block)
        size, origin = before + 1, self._origin if before else value
        gap = value - origin - self._mean
        mean = self._mean + gap / size
        total = self._total + (before / 2.0 * gap if self._straight else before / size * gap * gap)
        if size == period:
            if keep:
                self._turn(value)
            return origin + mean, total * self._scale
        if keep:
            self._block.append(value)
            self._origin, self._mean, self._total = origin, mean, total
        if not self._tail:
            return NAN, NAN
        older = period - size
        tail_mean, tail_total = self._tail[older - 1]
        gap = mean - tail_mean + (origin - self._tail_origin)
        joined = older * size / 2.0 * gap if self._straight else older * size / period * gap * gap
        return origin + mean - gap * older / period, (total + tail_total + joined) * self._scale

    def _turn(self, value: float) -> None:
        """Keep the whole block as the tails of all sizes that it has, and begin another."""
        origin = self._block[0] if self._block else value
        mean, total = value - origin, 0.0
        self._tail = [(mean, total)]
        for size, older in enumerate(reversed(self._block), start=1):
            gap = mean - (older - origin)
            mean -= gap / (size + 1)
            total += size / 2.0 * gap if self._straight else size / (size + 1) * gap * gap
            self._tail.append((mean, total))
        self._block, self._tail_origin, self._mean, self._total = [], origin, 0.0, 0.0


class Spread(_Window):
    """Mean and variance of the last `period` values."""

    __slots__ = ()

    def __init__(self, period: int) -> None:
        super().__init__(period, 1.0 / period, straight=False)


class Line(_Window):
    """Mean and slope of least squares of the last `period` >= 2 values."""

    __slots__ = ()

    def __init__(self, period: int) -> None:
        super().__init__(period, _per_square(period), straight=True)
