"""Means of means: dema, tema, T3, triangular, Hull's and the zero-lag mean; each with its kernel.

Where TA-Lib has the mean, its seeding: an exponential mean begins with the plain mean of its first window.
"""

from __future__ import annotations

from math import isqrt

from engine.indicators.column import Ago, ago
from engine.indicators.recursive import Cascade, Ema, cascade, ema
from engine.indicators.spec import Floats
from engine.indicators.window import Mean, WeightedMean, rolling_mean, rolling_weighted_mean

DOUBLE, TRIPLE = (2.0, -1.0), (3.0, -3.0, 1.0)


def dema(column: Floats, period: int) -> Floats:
    """Return twice the exponential mean less the exponential mean of it."""
    return cascade(column, period, DOUBLE)


class Dema(Cascade):
    """Twice the exponential mean less the exponential mean of it."""

    __slots__ = ()

    def __init__(self, period: int) -> None:
        super().__init__(period, DOUBLE)


def tema(column: Floats, period: int) -> Floats:
    """Return three times the exponential mean, less three times its mean, plus the mean of that."""
    return cascade(column, period, TRIPLE)


class Tema(Cascade):
    """Three times the exponential mean, less three times its mean, plus the mean of that."""

    __slots__ = ()

    def __init__(self, period: int) -> None:
        super().__init__(period, TRIPLE)


def t3(column: Floats, period: int, vfactor: float) -> Floats:
    """Return Tillson's T3: the last four of six exponential means of one another, weighed by powers of `vfactor`."""
    return cascade(column, period, _t3_weights(vfactor))


def _t3_weights(vfactor: float) -> tuple[float, ...]:
    square, cube = vfactor**2, vfactor**3
    return 0.0, 0.0, 1 + 3 * vfactor + cube + 3 * square, -6 * square - 3 * (vfactor + cube), 3 * (square + cube), -cube


class T3(Cascade):
    """Tillson's T3."""

    __slots__ = ()

    def __init__(self, period: int, vfactor: float) -> None:
        super().__init__(period, _t3_weights(vfactor))


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
    """Return Hull's weighted mean: over the root of the period, of twice the half period's mean less the whole's."""
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
