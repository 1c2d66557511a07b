"""How the values of a sliding window lie around their mean, and around a straight line.

A window is put together from stretches of 1, 2, 4, … values: from the means of two neighbours and their sums of squares
(or of products with the row) about these, those of both together follow (Chan, Golub and LeVeque 1979). So log2(period)
passes over the column are enough, and no large sum is taken from another: a narrow spread around a large price keeps
its digits. The streams work on the window itself, in two passes.
"""

from __future__ import annotations

from collections import deque
from itertools import repeat
from operator import mul, sub
from typing import NamedTuple

import numpy as np

from engine.indicators.spec import Floats
from engine.indicators.window import NAN, unknown, warm_up

CHUNK = 8_192
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


class Spread:
    """Mean and variance of the last `period` values."""

    __slots__ = ("_past", "_period")

    def __init__(self, period: int) -> None:
        self._period = period
        self._past: deque[float] = deque(maxlen=period - 1)

    def take(self, value: float, keep: bool) -> tuple[float, float]:
        """Return both of the window that ends with the value."""
        past, period = self._past, self._period
        window = [*past, value]
        if keep and value == value:
            past.append(value)
        if len(window) < period or value != value:
            return NAN, NAN
        first = window[0]
        window = list(map(sub, window, repeat(first)))
        mean = sum(window) / period
        window = list(map(sub, window, repeat(mean)))
        return first + mean, sum(map(mul, window, window)) / period


class Line:
    """Mean and slope of least squares of the last `period` >= 2 values."""

    __slots__ = ("_past", "_period", "_rows", "_scale")

    def __init__(self, period: int) -> None:
        self._period = period
        self._past: deque[float] = deque(maxlen=period - 1)
        self._rows = [at - (period - 1) / 2.0 for at in range(period)]
        self._scale = _per_square(period)

    def take(self, value: float, keep: bool) -> tuple[float, float]:
        """Return both of the window that ends with the value."""
        past, period = self._past, self._period
        window = [*past, value]
        if keep and value == value:
            past.append(value)
        if len(window) < period or value != value:
            return NAN, NAN
        first = window[0]
        window = list(map(sub, window, repeat(first)))
        return first + sum(window) / period, sum(map(mul, window, self._rows)) * self._scale
