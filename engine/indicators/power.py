"""Who is stronger: the bars' bodies, their reach beyond a mean, and the awesome oscillator's acceleration."""

from __future__ import annotations

import numpy as np

from engine.indicators.column import period, quotient
from engine.indicators.recursive import Ema, ema
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import (
    Highest,
    Lowest,
    Mean,
    Sum,
    rolling_highest,
    rolling_lowest,
    rolling_mean,
    rolling_sum,
)


def middle(columns: Columns) -> Floats:
    """Return the middle of the bars, (high + low) / 2."""
    answer = columns.high + columns.low
    answer /= 2.0
    return answer


def ao_batch(columns: Columns, fast: int, slow: int) -> tuple[Floats, ...]:
    """Return the fast mean of the middle of the bars less the slow one."""
    price = middle(columns)
    answer = rolling_mean(price, fast)
    answer -= rolling_mean(price, slow)
    return (answer,)


class AoStream(Stepwise):
    """The awesome oscillator, bar by bar."""

    __slots__ = ("_fast", "_slow")

    def __init__(self, fast: int, slow: int) -> None:
        self._fast, self._slow = Mean(fast).take, Mean(slow).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the difference at this bar."""
        price = (bar.high + bar.low) / 2.0
        return (self._fast(price, keep) - self._slow(price, keep),)


def ac_batch(columns: Columns, fast: int, slow: int, signal: int) -> tuple[Floats, ...]:
    """Return the awesome oscillator less its mean."""
    (line,) = ao_batch(columns, fast, slow)
    return (line - rolling_mean(line, signal),)


class AcStream(Stepwise):
    """The awesome oscillator less its mean, bar by bar."""

    __slots__ = ("_line", "_mean")

    def __init__(self, fast: int, slow: int, signal: int) -> None:
        self._line = AoStream(fast, slow).take
        self._mean = Mean(signal).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the difference at this bar."""
        (line,) = self._line(bar, keep)
        return (line - self._mean(line, keep),)


def bop_batch(columns: Columns) -> tuple[Floats, ...]:
    """Return the body over the range of each bar."""
    return (quotient(columns.close - columns.open, columns.high - columns.low),)


class BopStream(Stepwise):
    """The body over the range, bar by bar."""

    __slots__ = ()

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the balance of this bar."""
        reach = bar.high - bar.low
        return ((bar.close - bar.open) / reach if reach else 0.0,)


def imi_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the share of the rising bodies in all bodies of the window, in percent."""
    body = columns.close - columns.open
    rising = rolling_sum(np.maximum(body, 0.0), period)
    bodies = rolling_sum(np.abs(body, out=body), period)
    none = bodies == 0.0
    rising /= np.where(none, 1.0, bodies)
    rising *= 100.0
    rising[none] = 50.0
    return (rising,)


class ImiStream(Stepwise):
    """The share of the rising bodies in all bodies of the window, bar by bar."""

    __slots__ = ("_bodies", "_rising")

    def __init__(self, period: int) -> None:
        self._rising, self._bodies = Sum(period).take, Sum(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the share at this bar."""
        body = bar.close - bar.open
        rising = self._rising(body if body > 0.0 else 0.0, keep)
        bodies = self._bodies(abs(body), keep)
        return (rising / bodies * 100.0 if bodies else 50.0,)


def elder_ray_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return how far the high and the low are above the exponential mean of the close."""
    mean = ema(columns.close, period)
    return columns.high - mean, columns.low - mean


class ElderRayStream(Stepwise):
    """How far the high and the low are above the mean, bar by bar."""

    __slots__ = ("_mean",)

    def __init__(self, period: int) -> None:
        self._mean = Ema(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return both at this bar."""
        mean = self._mean(bar.close, keep)
        return bar.high - mean, bar.low - mean


def midprice_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the middle between the highest high and the lowest low."""
    answer = rolling_highest(columns.high, period)
    answer += rolling_lowest(columns.low, period)
    answer /= 2.0
    return (answer,)


class MidpriceStream(Stepwise):
    """The middle between the highest high and the lowest low, bar by bar."""

    __slots__ = ("_highest", "_lowest")

    def __init__(self, period: int) -> None:
        self._highest, self._lowest = Highest(period).take, Lowest(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the middle at this bar."""
        return ((self._highest(bar.high, keep) + self._lowest(bar.low, keep)) / 2.0,)


FAST, SLOW = period(5, name="fast", title="Fast"), period(34, name="slow", title="Slow")

POWER: tuple[Indicator, ...] = (
    Indicator(
        "ao",
        "Awesome oscillator",
        "A fast mean of the middle of the bars less a slow one.",
        (FAST, SLOW),
        (Output("ao", Mark.HISTOGRAM),),
        ao_batch,
        AoStream,
        levels=(0.0,),
        source="Williams, New Trading Dimensions (1998); plain means",
    ),
    Indicator(
        "ac",
        "Accelerator oscillator",
        "The awesome oscillator less its own mean.",
        (FAST, SLOW, period(5, name="signal", title="Signal")),
        (Output("ac", Mark.HISTOGRAM),),
        ac_batch,
        AcStream,
        levels=(0.0,),
        source="Williams, New Trading Dimensions (1998); plain means",
    ),
    Indicator(
        "bop",
        "Balance of power",
        "The body of a bar over its range, from -1 to 1.",
        (),
        (Output("bop", Mark.HISTOGRAM),),
        bop_batch,
        BopStream,
        levels=(0.0,),
        source="TA-Lib; 0 in a range of zero",
    ),
    Indicator(
        "imi",
        "Intraday momentum index",
        "The share of the rising bodies in all bodies, from 0 to 100.",
        (period(14, low=2),),
        (Output("imi"),),
        imi_batch,
        ImiStream,
        levels=(30.0, 70.0),
        source="TA-Lib; 50 where no bar has a body",
    ),
    Indicator(
        "elder_ray",
        "Elder ray",
        "How far the high and the low reach above an exponential mean of the close.",
        (period(13),),
        (Output("bull", Mark.HISTOGRAM, "up"), Output("bear", Mark.HISTOGRAM, "down")),
        elder_ray_batch,
        ElderRayStream,
        levels=(0.0,),
        source="Elder, Trading for a Living (1993); the mean begins with the plain mean of its first window",
    ),
    Indicator(
        "midprice",
        "Midprice",
        "The middle between the highest high and the lowest low.",
        (period(14, low=2),),
        (Output("midprice"),),
        midprice_batch,
        MidpriceStream,
        overlay=True,
        source="TA-Lib",
    ),
)
