"""Turns of longer swings: Coppock's curve, Know Sure Thing, the detrended price, Fisher's transform."""

from __future__ import annotations

from collections.abc import Iterable
from math import log

import numpy as np

from engine.indicators.column import Ago, ago, close_stream, of_close, period
from engine.indicators.momentum import Roc, roc
from engine.indicators.power import middle
from engine.indicators.recursive import follow
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, IntParam, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.stochastic import Place, place
from engine.indicators.window import NAN, Mean, WeightedMean, rolling_mean, rolling_weighted_mean, unknown, warm_up


def coppock(column: Floats, period: int, long: int, short: int) -> Floats:
    """Return the weighted mean of the sum of two changes in percent."""
    total = roc(column, long)
    total += roc(column, short)
    return rolling_weighted_mean(total, period)


class Coppock:
    """The weighted mean of the sum of two changes in percent."""

    __slots__ = ("_long", "_mean", "_short")

    def __init__(self, period: int, long: int, short: int) -> None:
        self._long, self._short = Roc(long).take, Roc(short).take
        self._mean = WeightedMean(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        return self._mean(self._long(value, keep) + self._short(value, keep), keep)


def kst_batch(columns: Columns, signal: int, **lengths: int) -> tuple[Floats, ...]:
    """Return the sum of four smoothed changes in percent, the longest weighing four times; and its mean."""
    total = np.zeros(len(columns.close))
    for weight in (1, 2, 3, 4):
        change = roc(columns.close, lengths[f"roc{weight}"])
        total += rolling_mean(change, lengths[f"sma{weight}"]) * weight
    return total, rolling_mean(total, signal)


class KstStream(Stepwise):
    """Know Sure Thing and its signal, bar by bar."""

    __slots__ = ("_parts", "_signal")

    def __init__(self, signal: int, **lengths: int) -> None:
        self._parts = tuple(
            (Roc(lengths[f"roc{weight}"]).take, Mean(lengths[f"sma{weight}"]).take, weight) for weight in (1, 2, 3, 4)
        )
        self._signal = Mean(signal).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return both at this bar."""
        total, close = 0.0, bar.close
        for change, mean, weight in self._parts:
            total += mean(change(close, keep), keep) * weight
        return total, self._signal(total, keep)


def dpo(column: Floats, period: int) -> Floats:
    """Return the close less the plain mean of half the period and one bar before."""
    answer = ago(rolling_mean(column, period), period // 2 + 1)
    return np.subtract(column, answer, out=answer)


class Dpo:
    """The close less the plain mean of half the period and one bar before."""

    __slots__ = ("_before", "_mean")

    def __init__(self, period: int) -> None:
        self._mean = Mean(period).take
        self._before = Ago(period // 2 + 1).take

    def take(self, value: float, keep: bool) -> float:
        """Return the distance as of the value."""
        return value - self._before(self._mean(value, keep), keep)


MOST, CLAMP = 0.99, 0.999
"""Beyond the first, the smoothed place counts as the second: the transform is infinite at 1."""


def _smoothed(steps: Iterable[float], value: float) -> list[float]:
    """Follow the place in the range, -0.33 to 0.33, from a value on."""
    answer = []
    for step in steps:
        value = step + 0.67 * value
        if not -MOST <= value <= MOST:
            value = CLAMP if value > 0.0 else -CLAMP
        answer.append(value)
    return answer


def fisher_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return Fisher's transform of where the middle of the bar stands in its range, and the same a bar before."""
    price = middle(columns)
    where = place(price, price, price, period)
    first = warm_up(where)
    smooth = np.array(_smoothed((0.66 * (where[first:] / 100.0 - 0.5)).tolist(), 0.0), dtype=np.float64)
    line = unknown(len(price), first)
    line[first:] = follow(0.5 * np.log((1.0 + smooth) / (1.0 - smooth)), 0.0, 1.0, 0.5)
    return line, ago(line, 1)


class FisherStream(Stepwise):
    """Fisher's transform, bar by bar."""

    __slots__ = ("_line", "_place", "_value")

    def __init__(self, period: int) -> None:
        self._place = Place(period).take
        self._value = 0.0
        self._line = NAN

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the transform at this bar, and at the bar before."""
        price = (bar.high + bar.low) / 2.0
        where, before = self._place(price, price, price, keep), self._line
        if where != where:
            return NAN, NAN
        (value,) = _smoothed((0.66 * (where / 100.0 - 0.5),), self._value)
        line = 0.5 * log((1.0 + value) / (1.0 - value)) + 0.5 * (0.0 if before != before else before)
        if keep:
            self._value, self._line = value, line
        return line, before


def _lengths(name: str, title: str, *defaults: int) -> tuple[IntParam, ...]:
    return tuple(period(each, name=f"{name}{at}", title=f"{title} {at}") for at, each in enumerate(defaults, 1))


CYCLE: tuple[Indicator, ...] = (
    Indicator(
        "coppock",
        "Coppock curve",
        "The weighted mean of the sum of a long and a short change in percent.",
        (
            period(10, title="Smoothing"),
            period(14, name="long", title="Long change"),
            period(11, name="short", title="Short change"),
        ),
        (Output("coppock"),),
        of_close(coppock),
        close_stream(Coppock),
        levels=(0.0,),
        source="Coppock (1962)",
    ),
    Indicator(
        "kst",
        "Know Sure Thing",
        "Four smoothed changes in percent, the longest weighing most, with a signal line.",
        (
            *_lengths("roc", "Change", 10, 15, 20, 30),
            *_lengths("sma", "Smoothing", 10, 10, 10, 15),
            period(9, name="signal", title="Signal"),
        ),
        (Output("kst"), Output("signal")),
        kst_batch,
        KstStream,
        levels=(0.0,),
        source="Pring (1992); plain means",
    ),
    Indicator(
        "dpo",
        "Detrended price oscillator",
        "The close less a plain mean of half its length before.",
        (period(21),),
        (Output("dpo"),),
        of_close(dpo),
        close_stream(Dpo),
        levels=(0.0,),
        source="The mean is that of length / 2 + 1 bars before, so that nothing is drawn later than it is known",
    ),
    Indicator(
        "fisher",
        "Fisher transform",
        "Where the middle of the bar stands in its range, stretched so that turns are sharp, with the bar before.",
        (period(9),),
        (Output("fisher"), Output("signal")),
        fisher_batch,
        FisherStream,
        levels=(-1.5, 0.0, 1.5),
        source="Ehlers (2002); both filters begin at 0",
    ),
)
