"""Bands around the price: Bollinger with its two readings, Keltner, Donchian."""

from __future__ import annotations

from math import sqrt

import numpy as np

from engine.indicators.column import period
from engine.indicators.ranges import MeanRange, mean_range
from engine.indicators.recursive import Ema, ema
from engine.indicators.spec import BarRow, Columns, FloatParam, Floats, Indicator, Output
from engine.indicators.spread import Spread, rolling_spread
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import Highest, Lowest, rolling_highest, rolling_lowest


def _around(middle: Floats, reach: Floats) -> tuple[Floats, ...]:
    return middle + reach, middle, middle - reach


def bbands_batch(columns: Columns, period: int, deviations: float) -> tuple[Floats, ...]:
    """Return upper, middle and lower band."""
    mean, variance = rolling_spread(columns.close, period)
    return _around(mean, deviations * np.sqrt(variance))


def bandwidth_batch(columns: Columns, period: int, deviations: float) -> tuple[Floats, ...]:
    """Return the width of the bands in percent of the middle; 0 around 0."""
    mean, variance = rolling_spread(columns.close, period)
    mean[mean == 0.0] = np.inf
    return (200.0 * deviations * np.sqrt(variance) / mean,)


def percent_b_batch(columns: Columns, period: int, deviations: float) -> tuple[Floats, ...]:
    """Return where the close is: 0 on the lower band, 1 on the upper; 0.5 where they are one."""
    mean, variance = rolling_spread(columns.close, period)
    reach = deviations * np.sqrt(variance)
    reach[reach == 0.0] = np.inf
    return ((columns.close - mean) / (2.0 * reach) + 0.5,)


class BbandsStream(Stepwise):
    """Bollinger bands, bar by bar."""

    __slots__ = ("_deviations", "_spread")

    def __init__(self, period: int, deviations: float) -> None:
        self._spread, self._deviations = Spread(period).take, deviations

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the three bands at this bar."""
        mean, variance = self._spread(bar.close, keep)
        reach = self._deviations * sqrt(variance)
        return mean + reach, mean, mean - reach


class BandwidthStream(BbandsStream):
    """The width of Bollinger bands, bar by bar."""

    __slots__ = ()

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the width at this bar, in percent."""
        mean, variance = self._spread(bar.close, keep)
        return (200.0 * self._deviations * sqrt(variance) / mean if mean else 0.0,)


class PercentBStream(BbandsStream):
    """Where the close is between the Bollinger bands, bar by bar."""

    __slots__ = ()

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the part of the way from the lower to the upper band at this bar."""
        mean, variance = self._spread(bar.close, keep)
        reach = self._deviations * sqrt(variance)
        return ((bar.close - mean) / (2.0 * reach) + 0.5 if reach else 0.5,)


def keltner_batch(columns: Columns, period: int, atr: int, multiplier: float) -> tuple[Floats, ...]:
    """Return upper, middle and lower band."""
    return _around(ema(columns.close, period), multiplier * mean_range(columns, atr))


class KeltnerStream(Stepwise):
    """Keltner channels, bar by bar."""

    __slots__ = ("_middle", "_multiplier", "_range")

    def __init__(self, period: int, atr: int, multiplier: float) -> None:
        self._middle, self._range, self._multiplier = Ema(period).take, MeanRange(atr).take, multiplier

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the three bands at this bar."""
        middle, reach = self._middle(bar.close, keep), self._multiplier * self._range(bar, keep)
        return middle + reach, middle, middle - reach


def donchian_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return highest high, the middle, and lowest low."""
    upper, lower = rolling_highest(columns.high, period), rolling_lowest(columns.low, period)
    return upper, (upper + lower) / 2.0, lower


class DonchianStream(Stepwise):
    """Donchian channels, bar by bar."""

    __slots__ = ("_highest", "_lowest")

    def __init__(self, period: int) -> None:
        self._highest, self._lowest = Highest(period).take, Lowest(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the channel at this bar."""
        upper, lower = self._highest(bar.high, keep), self._lowest(bar.low, keep)
        return upper, (upper + lower) / 2.0, lower


_PERIOD = period(20)
_BOLLINGER = (
    period(20, 2),
    FloatParam("deviations", 2.0, 0.1, 100.0, 0.1, "Standard deviations"),
)
_BANDS = (Output("upper"), Output("middle"), Output("lower"))
BANDS: tuple[Indicator, ...] = (
    Indicator(
        "bbands",
        "Bollinger bands",
        "The mean of the closes, and bands a few standard deviations above and below it.",
        _BOLLINGER,
        (Output("upperband"), Output("middleband"), Output("lowerband")),
        bbands_batch,
        BbandsStream,
        overlay=True,
        fill=("upperband", "lowerband"),
        source="Bollinger; as TA-Lib: simple mean, deviation over `period`, not one less.",
    ),
    Indicator(
        "bandwidth",
        "Bollinger bandwidth",
        "The distance between the Bollinger bands, in percent of the middle one.",
        _BOLLINGER,
        (Output("bandwidth"),),
        bandwidth_batch,
        BandwidthStream,
        source="Bollinger: 100 x (upper - lower) / middle.",
    ),
    Indicator(
        "percent_b",
        "Bollinger %b",
        "Where the close is between the Bollinger bands: 0 on the lower, 1 on the upper.",
        _BOLLINGER,
        (Output("percent_b"),),
        percent_b_batch,
        PercentBStream,
        levels=(0.0, 1.0),
        source="Bollinger: (close - lower) / (upper - lower); 0.5 where the bands are one.",
    ),
    Indicator(
        "keltner",
        "Keltner channels",
        "The exponential mean of the closes, and bands a few mean ranges above and below it.",
        (
            _PERIOD,
            period(10, 1, "atr", "Period of the range"),
            FloatParam("multiplier", 2.0, 0.1, 100.0, 0.1, "Multiplier"),
        ),
        _BANDS,
        keltner_batch,
        KeltnerStream,
        overlay=True,
        fill=("upper", "lower"),
        source="Raschke's form: EMA(close) +- multiplier x Wilder's ATR, both seeded as TA-Lib.",
    ),
    Indicator(
        "donchian",
        "Donchian channels",
        "The highest high and the lowest low of a window, the current bar included.",
        (_PERIOD,),
        _BANDS,
        donchian_batch,
        DonchianStream,
        overlay=True,
        fill=("upper", "lower"),
        source="Donchian; the middle is the mean of the two.",
    ),
)
