"""Oscillators of the whole bar: CCI, ultimate, aroon.

A division by zero is 0, as TA-Lib has it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from engine.indicators.column import part, period, quotient, typical
from engine.indicators.extreme import AgeOfHighest, AgeOfLowest, age_of_highest, age_of_lowest
from engine.indicators.recursive import PIECE
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Output
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
    periods = sorted((period1, period2, period3))
    rows, longest = len(columns.close), periods[-1]
    answer, step = unknown(rows, longest), max(PIECE, longest)
    for at in range(longest, rows, step):
        piece = part(columns, slice(at - longest, at + step))
        answer[at : at + step] = _ultimate(piece, periods)[longest:]
    return (answer,)


def _ultimate(columns: Columns, periods: Sequence[int]) -> Floats:
    rows = len(columns.close)
    bottom, reach = unknown(rows), unknown(rows)
    np.minimum(columns.low[1:], columns.close[:-1], out=bottom[1:])
    np.maximum(columns.high[1:], columns.close[:-1], out=reach[1:])
    reach -= bottom
    pressure = np.subtract(columns.close, bottom, out=bottom)
    answer = np.zeros(rows)
    for weight, bars in zip(ULTIMATE, periods, strict=True):
        share = quotient(rolling_sum(pressure, bars), rolling_sum(reach, bars))
        share *= weight
        answer += share
    answer *= 100.0 / sum(ULTIMATE)
    return answer


class UltoscStream(Stepwise):
    """The ultimate oscillator, bar by bar."""

    __slots__ = ("_before", "_sums")

    def __init__(self, period1: int, period2: int, period3: int) -> None:
        self._before = NAN
        periods = sorted((period1, period2, period3))
        self._sums = tuple((Sum(each).take, Sum(each).take) for each in periods)

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the oscillator at this bar."""
        before, low, high, close = self._before, bar.low, bar.high, bar.close
        if keep:
            self._before = close
        if before != before:
            return (NAN,)
        bottom = low if low < before else before
        pressure, reach = close - bottom, (high if high > before else before) - bottom
        (press1, reach1), (press2, reach2), (press3, reach3) = self._sums
        top1, top2, top3 = press1(pressure, keep), press2(pressure, keep), press3(pressure, keep)
        over1, over2, over3 = reach1(reach, keep), reach2(reach, keep), reach3(reach, keep)
        share = 4.0 * (top1 / over1) if over1 else 0.0
        share += 2.0 * (top2 / over2) if over2 else 0.0
        share += top3 / over3 if over3 else 0.0
        return (share * (100.0 / 7.0),)


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
)
