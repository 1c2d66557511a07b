"""Volatility: how far prices spread, in a window or as Wilder's mean range. Bands made of it are in `bands`."""

from __future__ import annotations

from math import log, sqrt

import numpy as np

from engine.indicators.bands import BANDS
from engine.indicators.column import period
from engine.indicators.ranges import MeanRange, TrueRange, mean_range, true_range
from engine.indicators.spec import BarRow, Columns, FloatParam, Floats, Indicator, Output
from engine.indicators.spread import Line, Spread, rolling_line, rolling_spread
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import NAN, unknown


def trange_batch(columns: Columns) -> tuple[Floats, ...]:
    """Return the true range."""
    return (true_range(columns),)


class TrangeStream(Stepwise):
    """The true range, bar by bar."""

    __slots__ = ("_range",)

    def __init__(self) -> None:
        self._range = TrueRange().take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the true range of this bar."""
        return (self._range(bar, keep),)


def atr_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the mean true range."""
    return (mean_range(columns, period),)


class AtrStream(Stepwise):
    """The mean true range, bar by bar."""

    __slots__ = ("_range",)

    def __init__(self, period: int) -> None:
        self._range = MeanRange(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the mean that ends with this bar."""
        return (self._range(bar, keep),)


def natr_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the mean true range in percent of the close; 0 at a close of 0."""
    answer = mean_range(columns, period)
    close = columns.close
    answer /= close if close.all() else np.where(close == 0.0, np.inf, close)
    answer *= 100.0
    return (answer,)


class NatrStream(AtrStream):
    """The mean true range in percent, bar by bar."""

    __slots__ = ()

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the mean that ends with this bar, in percent of its close."""
        mean, close = self._range(bar, keep), bar.close
        return (mean / close * 100.0 if close else mean * 0.0,)


def var_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the variance of the closes of each window, over `period` and not one less."""
    return (rolling_spread(columns.close, period)[1],)


def stddev_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the standard deviation of the closes of each window."""
    return (np.sqrt(rolling_spread(columns.close, period)[1]),)


class VarStream(Stepwise):
    """The variance of the closes, bar by bar."""

    __slots__ = ("_spread",)

    def __init__(self, period: int) -> None:
        self._spread = Spread(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the variance of the window that ends with this bar."""
        return (self._spread(bar.close, keep)[1],)


class StddevStream(VarStream):
    """The standard deviation of the closes, bar by bar."""

    __slots__ = ()

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the deviation of the window that ends with this bar."""
        return (sqrt(self._spread(bar.close, keep)[1]),)


def linearreg_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return where the regression line of each window ends."""
    mean, slope = rolling_line(columns.close, period)
    slope *= (period - 1) / 2.0
    slope += mean
    return (slope,)


def linearreg_slope_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the slope of the regression line of each window, per bar."""
    return (rolling_line(columns.close, period)[1],)


class LinearregStream(Stepwise):
    """The end of the regression line, bar by bar."""

    __slots__ = ("_half", "_line")

    def __init__(self, period: int) -> None:
        self._line, self._half = Line(period).take, (period - 1) / 2.0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return where the line of the window that ends with this bar ends."""
        mean, slope = self._line(bar.close, keep)
        return (slope * self._half + mean,)


class LinearregSlopeStream(Stepwise):
    """The slope of the regression line, bar by bar."""

    __slots__ = ("_line",)

    def __init__(self, period: int) -> None:
        self._line = Line(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the slope over the window that ends with this bar."""
        return (self._line(bar.close, keep)[1],)


def historical_volatility_batch(columns: Columns, period: int, year: float) -> tuple[Floats, ...]:
    """Return the yearly volatility of each window of returns, in percent."""
    close, returns = columns.close, unknown(len(columns.close))
    priced = (close[1:] > 0.0) & (close[:-1] > 0.0)
    returns[1:] = 0.0
    np.divide(close[1:], close[:-1], out=returns[1:], where=priced)
    np.log(returns[1:], out=returns[1:], where=priced)
    answer = rolling_spread(returns, period)[1]
    answer *= period / (period - 1) * year
    np.sqrt(answer, out=answer)
    answer *= 100.0
    return (answer,)


class HistoricalVolatilityStream(Stepwise):
    """The historical volatility, bar by bar."""

    __slots__ = ("_before", "_scale", "_spread")

    def __init__(self, period: int, year: float) -> None:
        self._spread, self._before = Spread(period).take, NAN
        self._scale = period / (period - 1) * year

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the volatility of the window that ends with this bar."""
        close, before = bar.close, self._before
        if keep:
            self._before = close
        if before != before:
            return (NAN,)
        change = log(close / before) if close > 0.0 and before > 0.0 else 0.0
        return (sqrt(self._spread(change, keep)[1] * self._scale) * 100.0,)


_PERIOD_14 = period(14)
_PERIOD_20 = period(20)
_LINE = period(14, 2)
VOLATILITY: tuple[Indicator, ...] = (
    *BANDS,
    Indicator(
        "trange",
        "True range",
        "The range of a bar, the gap from the close before included.",
        (),
        (Output("trange"),),
        trange_batch,
        TrangeStream,
        source="Wilder (1978); as TA-Lib: not known on the first row.",
    ),
    Indicator(
        "atr",
        "Average true range",
        "How far a bar usually reaches: Wilder's mean of the true range.",
        (_PERIOD_14,),
        (Output("atr"),),
        atr_batch,
        AtrStream,
        source="Wilder (1978); as TA-Lib: begins on row `period` with the plain mean of the first true ranges.",
    ),
    Indicator(
        "natr",
        "Normalised average true range",
        "The average true range in percent of the close, comparable between prices.",
        (_LINE,),
        (Output("natr"),),
        natr_batch,
        NatrStream,
        source="As TA-Lib, whose answer for a period of 1 is no percentage: it is not offered.",
    ),
    Indicator(
        "stddev",
        "Standard deviation",
        "How far closes usually are from their mean.",
        (_PERIOD_20,),
        (Output("stddev"),),
        stddev_batch,
        StddevStream,
        source="Over `period`, not one less, as TA-Lib.",
    ),
    Indicator(
        "var",
        "Variance",
        "The mean square of the closes' distances from their mean.",
        (_PERIOD_20,),
        (Output("var"),),
        var_batch,
        VarStream,
        source="Over `period`, not one less, as TA-Lib.",
    ),
    Indicator(
        "linearreg",
        "Linear regression",
        "Where the straight line of least squares through the last closes ends.",
        (_LINE,),
        (Output("linearreg"),),
        linearreg_batch,
        LinearregStream,
        overlay=True,
        source="As TA-Lib.",
    ),
    Indicator(
        "linearreg_slope",
        "Linear regression slope",
        "How much the straight line of least squares through the last closes rises per bar.",
        (_LINE,),
        (Output("linearreg_slope"),),
        linearreg_slope_batch,
        LinearregSlopeStream,
        levels=(0.0,),
        source="As TA-Lib.",
    ),
    Indicator(
        "historical_volatility",
        "Historical volatility",
        "The standard deviation of logarithmic returns, as a percentage per year.",
        (
            period(20, 2),
            FloatParam("year", 365.0, 1.0, 40_000_000.0, 1.0, "Bars in a year"),
        ),
        (Output("historical_volatility"),),
        historical_volatility_batch,
        HistoricalVolatilityStream,
        source="Sample deviation (over `period - 1`) x sqrt(year); the first is on row `period`. A close that is not "
        "above 0 counts as no change.",
    ),
)
