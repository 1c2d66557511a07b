"""Oscillators of the whole bar: CCI, ultimate, aroon, awesome, balance of power.

A division by zero is 0, as TA-Lib has it.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from engine.indicators.column import period, quotient, typical
from engine.indicators.extreme import AgeOfHighest, AgeOfLowest, age_of_highest, age_of_lowest
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import NAN, Mean, Sum, rolling_deviation, rolling_mean, rolling_sum, unknown

LAMBERT = 0.015
"""Lambert's constant, which puts most of the CCI between -100 and 100."""
NOISE = 1e-15
"""A mean deviation below this part of the mean, for each bar, is only the rounding of the mean."""


def cci_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the typical price less its mean, over 0.015 of its mean deviation."""
    price = typical(columns)
    mean = rolling_mean(price, period)
    spread = rolling_deviation(price, mean, period)
    still = spread <= np.abs(mean) * (NOISE * period)
    price -= mean
    spread *= LAMBERT
    spread[still], price[still] = 1.0, 0.0
    price /= spread
    return (price,)


class CciStream(Stepwise):
    """The commodity channel index, bar by bar."""

    __slots__ = ("_mean", "_period", "_prices")

    def __init__(self, period: int) -> None:
        self._period = period
        self._prices: deque[float] = deque(maxlen=period - 1)
        self._mean = Mean(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the index at this bar."""
        price = (bar.high + bar.low + bar.close) / 3.0
        mean, period = self._mean(price, keep), self._period
        answer = NAN
        if mean == mean:
            gaps = [each - mean if each > mean else mean - each for each in self._prices]
            spread = (sum(gaps) + abs(price - mean)) / period
            still = spread <= abs(mean) * (NOISE * period)
            answer = 0.0 if still else (price - mean) / (spread * LAMBERT)
        if keep:
            self._prices.append(price)
        return (answer,)


ULTIMATE = (4.0, 2.0, 1.0)
"""Weights of the short, the middle and the long window."""


def ultosc_batch(columns: Columns, period1: int, period2: int, period3: int) -> tuple[Floats, ...]:
    """Return the weighed mean, in percent, of three windows' pressure over true range."""
    rows = len(columns.close)
    bottom, reach = unknown(rows), unknown(rows)
    np.minimum(columns.low[1:], columns.close[:-1], out=bottom[1:])
    np.maximum(columns.high[1:], columns.close[:-1], out=reach[1:])
    reach -= bottom
    pressure = np.subtract(columns.close, bottom, out=bottom)
    answer = np.zeros(rows)
    for weight, period in zip(ULTIMATE, sorted((period1, period2, period3)), strict=True):
        share = quotient(rolling_sum(pressure, period), rolling_sum(reach, period))
        share *= weight * 100.0 / sum(ULTIMATE)
        answer += share
    return (answer,)


class UltoscStream(Stepwise):
    """The ultimate oscillator, bar by bar."""

    __slots__ = ("_before", "_sums")

    def __init__(self, period1: int, period2: int, period3: int) -> None:
        self._before = NAN
        periods = sorted((period1, period2, period3))
        self._sums = tuple(
            (Sum(each).take, Sum(each).take, weight * 100.0 / sum(ULTIMATE))
            for each, weight in zip(periods, ULTIMATE, strict=True)
        )

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the oscillator at this bar."""
        before = self._before
        if keep:
            self._before = bar.close
        if before != before:
            return (NAN,)
        bottom = min(bar.low, before)
        pressure, reach = bar.close - bottom, max(bar.high, before) - bottom
        answer = 0.0
        for pressures, reaches, weight in self._sums:
            top, over = pressures(pressure, keep), reaches(reach, keep)
            answer += top / over * weight if over else 0.0
        return (answer,)


def aroon_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return how recent the lowest low and the highest high are: 100 on the bar, 0 `period` bars ago."""
    lowest, highest = age_of_lowest(columns.low, period + 1), age_of_highest(columns.high, period + 1)
    for age in (lowest, highest):
        np.subtract(period, age, out=age)
        age *= 100.0 / period
    return lowest, highest


class AroonStream(Stepwise):
    """How recent the lowest low and the highest high are, bar by bar."""

    __slots__ = ("_highest", "_lowest", "_period")

    def __init__(self, period: int) -> None:
        self._period = period
        self._lowest, self._highest = AgeOfLowest(period + 1).take, AgeOfHighest(period + 1).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return both at this bar."""
        period = self._period
        unit = 100.0 / period
        return (period - self._lowest(bar.low, keep)) * unit, (period - self._highest(bar.high, keep)) * unit


def aroonosc_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return how much more recent the highest high is than the lowest low."""
    lowest, highest = age_of_lowest(columns.low, period + 1), age_of_highest(columns.high, period + 1)
    lowest -= highest
    lowest *= 100.0 / period
    return (lowest,)


class AroonoscStream(AroonStream):
    """How much more recent the highest high is than the lowest low, bar by bar."""

    __slots__ = ()

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the difference at this bar."""
        return ((self._lowest(bar.low, keep) - self._highest(bar.high, keep)) * (100.0 / self._period),)


def ao_batch(columns: Columns, fast: int, slow: int) -> tuple[Floats, ...]:
    """Return the fast mean of the middle of the bars less the slow one."""
    middle = columns.high + columns.low
    middle /= 2.0
    answer = rolling_mean(middle, fast)
    answer -= rolling_mean(middle, slow)
    return (answer,)


class AoStream(Stepwise):
    """The awesome oscillator, bar by bar."""

    __slots__ = ("_fast", "_slow")

    def __init__(self, fast: int, slow: int) -> None:
        self._fast, self._slow = Mean(fast).take, Mean(slow).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the difference at this bar."""
        middle = (bar.high + bar.low) / 2.0
        return (self._fast(middle, keep) - self._slow(middle, keep),)


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


OSCILLATORS: tuple[Indicator, ...] = (
    Indicator(
        "cci",
        "Commodity channel index",
        "How far the typical price is from its mean, in units of its mean deviation.",
        (period(20, low=2),),
        (Output("cci"),),
        cci_batch,
        CciStream,
        levels=(-100.0, 100.0),
        source="TA-Lib; 0 where nothing moved",
    ),
    Indicator(
        "ultosc",
        "Ultimate oscillator",
        "Buying pressure over true range in three windows, the short one weighing most.",
        (
            period(7, name="period1", title="Short"),
            period(14, name="period2", title="Middle"),
            period(28, name="period3", title="Long"),
        ),
        (Output("ultosc"),),
        ultosc_batch,
        UltoscStream,
        levels=(30.0, 70.0),
        source="TA-Lib; the first bar has no true range",
    ),
    Indicator(
        "aroon",
        "Aroon",
        "How recent the lowest low and the highest high are, from 0 to 100.",
        (period(14, low=2),),
        (Output("aroondown", token="down"), Output("aroonup", token="up")),
        aroon_batch,
        AroonStream,
        levels=(50.0,),
        source="TA-Lib; of equal extremes the latest counts",
    ),
    Indicator(
        "aroonosc",
        "Aroon oscillator",
        "How much more recent the highest high is than the lowest low, from -100 to 100.",
        (period(14, low=2),),
        (Output("aroonosc"),),
        aroonosc_batch,
        AroonoscStream,
        levels=(0.0,),
        source="TA-Lib; of equal extremes the latest counts",
    ),
    Indicator(
        "ao",
        "Awesome oscillator",
        "A fast mean of the middle of the bars less a slow one.",
        (period(5, name="fast", title="Fast"), period(34, name="slow", title="Slow")),
        (Output("ao", Mark.HISTOGRAM),),
        ao_batch,
        AoStream,
        levels=(0.0,),
        source="Williams, New Trading Dimensions (1998)",
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
)
