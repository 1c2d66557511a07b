"""Where the close stands in the range of the last bars: stochastics and Williams %R.

As TA-Lib: a range of zero gives 0, and the outputs of one indicator begin on the same row.
"""

from __future__ import annotations

import numpy as np

from engine.indicators.column import hide_until, period
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.strength import Rsi, rsi
from engine.indicators.window import NAN, Highest, Lowest, Mean, rolling_highest, rolling_lowest, rolling_mean

NEITHER = (NAN, NAN)


STILL = 1e-12
"""A hundredth of a range of the RSI that is only rounding: it does not move while the price does not."""


def place(high: Floats, low: Floats, close: Floats, period: int, least: float = 0.0) -> Floats:
    """Return where the close stands between the lowest low, 0, and the highest high, 100.

    It is 0 where a hundredth of the range is not above `least`.
    """
    lowest = rolling_lowest(low, period)
    reach = rolling_highest(high, period)
    reach -= lowest
    reach /= 100.0
    np.subtract(close, lowest, out=lowest)
    return _over(lowest, reach, least)


def _over(top: Floats, reach: Floats, least: float = 0.0) -> Floats:
    flat = np.abs(reach) <= least
    if flat.any():
        reach[flat], top[flat] = 1.0, 0.0
    top /= reach
    return top


class Place:
    """Where the close stands between the lowest low and the highest high."""

    __slots__ = ("_highest", "_least", "_lowest")

    def __init__(self, period: int, least: float = 0.0) -> None:
        self._highest, self._lowest = Highest(period).take, Lowest(period).take
        self._least = least

    def take(self, high: float, low: float, close: float, keep: bool) -> float:
        """Return the place of the close of this bar."""
        lowest = self._lowest(low, keep)
        reach = (self._highest(high, keep) - lowest) / 100.0
        return 0.0 if reach <= self._least else (close - lowest) / reach


def stoch_batch(columns: Columns, fastk: int, slowk: int, slowd: int) -> tuple[Floats, ...]:
    """Return the mean of the place, and the mean of that."""
    slow = rolling_mean(place(columns.high, columns.low, columns.close, fastk), slowk)
    signal = rolling_mean(slow, slowd)
    hide_until(signal, slow)
    return slow, signal


class StochStream(Stepwise):
    """The mean of the place and the mean of that, bar by bar."""

    __slots__ = ("_place", "_signal", "_slow")

    def __init__(self, fastk: int, slowk: int, slowd: int) -> None:
        self._place = Place(fastk).take
        self._slow, self._signal = Mean(slowk).take, Mean(slowd).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return both at this bar."""
        slow = self._slow(self._place(bar.high, bar.low, bar.close, keep), keep)
        signal = self._signal(slow, keep)
        return (slow, signal) if signal == signal else NEITHER


def stochf_batch(columns: Columns, fastk: int, fastd: int) -> tuple[Floats, ...]:
    """Return the place, and its mean."""
    return _with_mean(place(columns.high, columns.low, columns.close, fastk), fastd)


def _with_mean(fast: Floats, period: int) -> tuple[Floats, Floats]:
    mean = rolling_mean(fast, period)
    hide_until(mean, fast)
    return fast, mean


class StochfStream(Stepwise):
    """The place and its mean, bar by bar."""

    __slots__ = ("_mean", "_place")

    def __init__(self, fastk: int, fastd: int) -> None:
        self._place, self._mean = Place(fastk).take, Mean(fastd).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return both at this bar."""
        fast = self._place(bar.high, bar.low, bar.close, keep)
        mean = self._mean(fast, keep)
        return (fast, mean) if mean == mean else NEITHER


def stochrsi_batch(columns: Columns, period: int, fastk: int, fastd: int) -> tuple[Floats, ...]:
    """Return the place of the RSI in its own range, and its mean."""
    strength = rsi(columns.close, period)
    return _with_mean(place(strength, strength, strength, fastk, STILL), fastd)


class StochrsiStream(Stepwise):
    """The place of the RSI in its own range and its mean, bar by bar."""

    __slots__ = ("_mean", "_place", "_rsi")

    def __init__(self, period: int, fastk: int, fastd: int) -> None:
        self._rsi = Rsi(period).take
        self._place, self._mean = Place(fastk, STILL).take, Mean(fastd).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return both at this bar."""
        strength = self._rsi(bar.close, keep)
        fast = self._place(strength, strength, strength, keep)
        mean = self._mean(fast, keep)
        return (fast, mean) if mean == mean else NEITHER


def willr_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return how far the close is under the highest high, from 0 to -100 at the lowest low."""
    highest = rolling_highest(columns.high, period)
    reach = rolling_lowest(columns.low, period)
    np.subtract(highest, reach, out=reach)
    reach /= -100.0
    highest -= columns.close
    return (_over(highest, reach),)


class WillrStream(Stepwise):
    """How far the close is under the highest high, bar by bar."""

    __slots__ = ("_highest", "_lowest")

    def __init__(self, period: int) -> None:
        self._highest, self._lowest = Highest(period).take, Lowest(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the distance at this bar."""
        highest = self._highest(bar.high, keep)
        reach = (highest - self._lowest(bar.low, keep)) / -100.0
        return ((highest - bar.close) / reach if reach else 0.0,)


FASTK = period(14, name="fastk", title="%K length")

STOCHASTIC: tuple[Indicator, ...] = (
    Indicator(
        "stoch",
        "Stochastic",
        "Where the close stands in the range of the last bars, from 0 to 100, smoothed, with a signal line.",
        (FASTK, period(3, name="slowk", title="%K smoothing"), period(3, name="slowd", title="%D length")),
        (Output("slowk"), Output("slowd")),
        stoch_batch,
        StochStream,
        levels=(20.0, 80.0),
        source="TA-Lib with plain means; 0 in a range of zero",
    ),
    Indicator(
        "stochf",
        "Fast stochastic",
        "Where the close stands in the range of the last bars, from 0 to 100, with a signal line.",
        (FASTK, period(3, name="fastd", title="%D length")),
        (Output("fastk"), Output("fastd")),
        stochf_batch,
        StochfStream,
        levels=(20.0, 80.0),
        source="TA-Lib with a plain mean; 0 in a range of zero",
    ),
    Indicator(
        "stochrsi",
        "Stochastic RSI",
        "Where the RSI stands in its own range, from 0 to 100, with a signal line.",
        (
            period(14, low=2, title="RSI length"),
            period(5, name="fastk", title="%K length"),
            period(3, name="fastd", title="%D length"),
        ),
        (Output("fastk"), Output("fastd")),
        stochrsi_batch,
        StochrsiStream,
        levels=(20.0, 80.0),
        source="TA-Lib with a plain mean; 0 in a range of zero, also where that is only rounding",
    ),
    Indicator(
        "willr",
        "Williams %R",
        "How far the close is under the highest high of the last bars, from 0 to -100.",
        (period(14, low=2),),
        (Output("willr"),),
        willr_batch,
        WillrStream,
        levels=(-80.0, -20.0),
        source="TA-Lib; 0 in a range of zero",
    ),
)
