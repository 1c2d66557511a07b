"""Moving averages of the close, drawn over the candles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from engine.indicators.alma import Alma, alma
from engine.indicators.column import Kernel, MeanStream, close_stream, of_close, period
from engine.indicators.compound import T3, Dema, Hma, Tema, Trima, Zlema, dema, hma, t3, tema, trima, zlema
from engine.indicators.kama import Kama, kama
from engine.indicators.recursive import Ema, Wilder, ema, wilder
from engine.indicators.spec import FloatParam, Floats, Indicator, IntParam, Output, Param
from engine.indicators.window import (
    Highest,
    Lowest,
    Mean,
    WeightedMean,
    rolling_highest,
    rolling_lowest,
    rolling_mean,
    rolling_weighted_mean,
)


def _average(
    name: str,
    title: str,
    sentence: str,
    column: Callable[..., Floats],
    kernel: Callable[..., Kernel],
    *params: Param,
    source: str = "TA-Lib",
) -> Indicator:
    return Indicator(
        name,
        title,
        sentence,
        params,
        (Output(name),),
        of_close(column),
        close_stream(kernel),
        overlay=True,
        source=source,
    )


def midpoint(column: Floats, period: int) -> Floats:
    """Return the middle between the highest and the lowest close."""
    answer = rolling_highest(column, period)
    answer += rolling_lowest(column, period)
    answer /= 2.0
    return answer


class Midpoint:
    """The middle between the highest and the lowest close."""

    __slots__ = ("_highest", "_lowest")

    def __init__(self, period: int) -> None:
        self._highest, self._lowest = Highest(period).take, Lowest(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the middle of the window that ends with the value."""
        return (self._highest(value, keep) + self._lowest(value, keep)) / 2.0


_SEEDED = "TA-Lib; every exponential mean begins with the plain mean of its first window"

AVERAGES: tuple[Indicator, ...] = (
    replace(
        _average("sma", "Simple moving average", "The plain mean of the last closes.", rolling_mean, Mean, period(20)),
        make_stream=partial(MeanStream, "close"),
    ),
    _average(
        "ema",
        "Exponential moving average",
        "A mean in which each older close counts a fixed part less.",
        ema,
        Ema,
        period(20),
        source=_SEEDED,
    ),
    _average(
        "wma",
        "Weighted moving average",
        "A mean in which the newest close counts most, the oldest once.",
        rolling_weighted_mean,
        WeightedMean,
        period(20),
    ),
    _average(
        "dema",
        "Double exponential moving average",
        "Twice the exponential mean less its own mean: less lag.",
        dema,
        Dema,
        period(20),
        source=_SEEDED,
    ),
    _average(
        "tema",
        "Triple exponential moving average",
        "Three exponential means combined so that most of their lag cancels.",
        tema,
        Tema,
        period(20),
        source=_SEEDED,
    ),
    _average(
        "trima",
        "Triangular moving average",
        "A mean of means, in which the middle of the window counts most.",
        trima,
        Trima,
        period(20),
    ),
    _average(
        "t3",
        "Tillson T3",
        "Six exponential means combined into a smooth line with little lag.",
        t3,
        T3,
        period(5),
        FloatParam("vfactor", 0.7, 0.0, 1.0, 0.05, "Volume factor"),
        source=_SEEDED,
    ),
    _average(
        "kama",
        "Kaufman adaptive moving average",
        "A mean that is quick in a trend and slow in noise.",
        kama,
        Kama,
        period(10, low=2),
        source="TA-Lib; begins with the close before its first row; fastest 2, slowest 30 bars",
    ),
    _average(
        "hma",
        "Hull moving average",
        "Weighted means of half and whole the length, combined against lag.",
        hma,
        Hma,
        period(16, low=2),
        source="Hull (2005); half and root of the length rounded down",
    ),
    _average(
        "zlema",
        "Zero-lag exponential moving average",
        "The exponential mean of closes moved ahead by their own recent change.",
        zlema,
        Zlema,
        period(20, low=3),
        source="Ehlers and Way, Zero Lag (2010); begins with the plain mean of its first window",
    ),
    _average(
        "rma",
        "Wilder's moving average",
        "The slow exponential mean that RSI and ATR are made of.",
        wilder,
        Wilder,
        period(14),
        source="Wilder (1978); begins with the plain mean of its first window",
    ),
    _average(
        "alma",
        "Arnaud Legoux moving average",
        "A mean under a bell of weights that leans to the newest closes.",
        alma,
        Alma,
        IntParam("period", 9, 1, 1_000, "Length"),  # the work grows with it
        FloatParam("offset", 0.85, 0.0, 1.0, 0.05, "Offset"),
        FloatParam("sigma", 6.0, 0.1, 100.0, 0.5, "Sigma"),
        source="Legoux and Kouzis-Loukas (2009)",
    ),
    _average(
        "midpoint",
        "Midpoint",
        "The middle between the highest and the lowest close.",
        midpoint,
        Midpoint,
        period(14, low=2),
    ),
)
