"""Means of means: dema, tema, T3, triangular, Hull's and the zero-lag mean; each with its kernel.

Where TA-Lib has the mean, its seeding: an exponential mean begins with the plain mean of its first window.
"""

from __future__ import annotations

from math import isqrt

import numpy as np

from engine.indicators.column import Ago, ago
from engine.indicators.recursive import Ema, ema
from engine.indicators.spec import Floats
from engine.indicators.window import Mean, WeightedMean, rolling_mean, rolling_weighted_mean


def dema(column: Floats, period: int) -> Floats:
    """Return 2 × the exponential mean - the exponential mean of it."""
    once = ema(column, period)
    answer = once * 2.0
    answer -= ema(once, period)
    return answer


class Dema:
    """2 × the exponential mean - the exponential mean of it."""

    __slots__ = ("_once", "_twice")

    def __init__(self, period: int) -> None:
        self._once, self._twice = Ema(period).take, Ema(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        once = self._once(value, keep)
        return once * 2.0 - self._twice(once, keep)


def tema(column: Floats, period: int) -> Floats:
    """Return 3 × once - 3 × twice + thrice the exponential mean."""
    once = ema(column, period)
    twice = ema(once, period)
    answer = ema(twice, period)
    once -= twice
    once *= 3.0
    answer += once
    return answer


class Tema:
    """3 × once - 3 × twice + thrice the exponential mean."""

    __slots__ = ("_once", "_thrice", "_twice")

    def __init__(self, period: int) -> None:
        self._once, self._twice, self._thrice = Ema(period).take, Ema(period).take, Ema(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        once = self._once(value, keep)
        twice = self._twice(once, keep)
        return self._thrice(twice, keep) + (once - twice) * 3.0


def t3(column: Floats, period: int, vfactor: float) -> Floats:
    """Return Tillson's T3: the four last of six exponential means of one another, weighed by powers of `vfactor`."""
    for _ in range(2):
        column = ema(column, period)
    answer = np.zeros(len(column))
    for weight in _t3_weights(vfactor):
        column = ema(column, period)
        answer += column * weight
    return answer


def _t3_weights(vfactor: float) -> tuple[float, float, float, float]:
    square, cube = vfactor**2, vfactor**3
    return 1 + 3 * vfactor + cube + 3 * square, -6 * square - 3 * (vfactor + cube), 3 * (square + cube), -cube


class T3:
    """Tillson's T3."""

    __slots__ = ("_means", "_weights")

    def __init__(self, period: int, vfactor: float) -> None:
        self._means = tuple(Ema(period).take for _ in range(6))
        self._weights = (0.0, 0.0, *_t3_weights(vfactor))

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        answer = 0.0
        for mean, weight in zip(self._means, self._weights, strict=True):
            value = mean(value, keep)
            answer += value * weight
        return answer


def trima(column: Floats, period: int) -> Floats:
    """Return the plain mean of the plain mean, over halves that make a triangle of weights."""
    return rolling_mean(rolling_mean(column, (period + 1) // 2), period // 2 + 1)


class Trima:
    """The plain mean of the plain mean."""

    __slots__ = ("_once", "_twice")

    def __init__(self, period: int) -> None:
        self._once, self._twice = Mean((period + 1) // 2).take, Mean(period // 2 + 1).take

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        return self._twice(self._once(value, keep), keep)


def hma(column: Floats, period: int) -> Floats:
    """Return Hull's mean: weighted over √period, of 2 × weighted over half the period - weighted over the period."""
    inner = rolling_weighted_mean(column, period // 2)
    inner *= 2.0
    inner -= rolling_weighted_mean(column, period)
    return rolling_weighted_mean(inner, isqrt(period))


class Hma:
    """Hull's mean."""

    __slots__ = ("_half", "_root", "_whole")

    def __init__(self, period: int) -> None:
        self._half, self._whole = WeightedMean(period // 2).take, WeightedMean(period).take
        self._root = WeightedMean(isqrt(period)).take

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        return self._root(self._half(value, keep) * 2.0 - self._whole(value, keep), keep)


def zlema(column: Floats, period: int) -> Floats:
    """Return the exponential mean of the value plus its change over half the period."""
    ahead = column * 2.0
    ahead -= ago(column, (period - 1) // 2)
    return ema(ahead, period)


class Zlema:
    """The exponential mean of the value plus its change over half the period."""

    __slots__ = ("_before", "_mean")

    def __init__(self, period: int) -> None:
        self._before = Ago((period - 1) // 2).take
        self._mean = Ema(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        return self._mean(value * 2.0 - self._before(value, keep), keep)
