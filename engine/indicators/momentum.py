"""How far the close moved: its change, plain and in percent, and the change of smoothed prices.

Seeding as TA-Lib's. A division by zero is 0, as TA-Lib has it.
"""

from __future__ import annotations

import numpy as np

from engine.indicators.column import (
    Ago,
    ago,
    close_stream,
    of_close,
    period,
    quotient,
)
from engine.indicators.recursive import Cascade, Ema, cascade, ema
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Output
from engine.indicators.stepwise import Stepwise

THRICE = (0.0, 0.0, 1.0)


def mom(column: Floats, period: int) -> Floats:
    """Return the change over `period` rows."""
    answer = ago(column, period)
    np.subtract(column, answer, out=answer)
    return answer


class Mom:
    """The change over `period` values."""

    __slots__ = ("_before",)

    def __init__(self, period: int) -> None:
        self._before = Ago(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the change that ends with the value."""
        return value - self._before(value, keep)


def roc(column: Floats, period: int) -> Floats:
    """Return the change over `period` rows in percent; 0 where it began at 0."""
    before = ago(column, period)
    zero = before == 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        answer = np.divide(column, before, out=before)
    answer -= 1.0
    answer *= 100.0
    answer[zero] = 0.0
    return answer


class Roc:
    """The change over `period` values in percent."""

    __slots__ = ("_before",)

    def __init__(self, period: int) -> None:
        self._before = Ago(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the change that ends with the value."""
        before = self._before(value, keep)
        return (value / before - 1.0) * 100.0 if before else 0.0


def trix(column: Floats, period: int) -> Floats:
    """Return the change in percent, row by row, of the exponential mean taken three times."""
    return roc(cascade(column, period, THRICE), 1)


class Trix:
    """The change in percent of the exponential mean taken three times."""

    __slots__ = ("_change", "_mean")

    def __init__(self, period: int) -> None:
        self._mean = Cascade(period, THRICE).take
        self._change = Roc(1).take

    def take(self, value: float, keep: bool) -> float:
        """Return the change as of the value."""
        return self._change(self._mean(value, keep), keep)


def tsi_batch(columns: Columns, long: int, short: int, signal: int) -> tuple[Floats, ...]:
    """Return the change smoothed twice over its size smoothed twice, in percent; and an exponential mean of that."""
    change = mom(columns.close, 1)
    top = ema(ema(change, long), short)
    bottom = ema(ema(np.abs(change, out=change), long), short)
    line = quotient(top, bottom)
    line *= 100.0
    return line, ema(line, signal)


class TsiStream(Stepwise):
    """The change smoothed twice over its size smoothed twice, bar by bar."""

    __slots__ = ("_change", "_means", "_signal", "_sizes")

    def __init__(self, long: int, short: int, signal: int) -> None:
        self._change = Mom(1).take
        self._means = Ema(long).take, Ema(short).take
        self._sizes = Ema(long).take, Ema(short).take
        self._signal = Ema(signal).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the index and its mean at this bar."""
        change = self._change(bar.close, keep)
        long, short = self._means
        top = short(long(change, keep), keep)
        long, short = self._sizes
        bottom = short(long(abs(change), keep), keep)
        line = top / bottom * 100.0 if bottom else 0.0
        return line, self._signal(line, keep)


MOMENTUM: tuple[Indicator, ...] = (
    Indicator(
        "mom",
        "Momentum",
        "The change of the close over some bars.",
        (period(10),),
        (Output("mom"),),
        of_close(mom),
        close_stream(Mom),
        levels=(0.0,),
        source="TA-Lib",
    ),
    Indicator(
        "roc",
        "Rate of change",
        "The change of the close over some bars, in percent.",
        (period(10),),
        (Output("roc"),),
        of_close(roc),
        close_stream(Roc),
        levels=(0.0,),
        source="TA-Lib",
    ),
    Indicator(
        "trix",
        "TRIX",
        "The change, bar by bar, of a triple exponential mean, in percent.",
        (period(15),),
        (Output("trix"),),
        of_close(trix),
        close_stream(Trix),
        levels=(0.0,),
        source="TA-Lib; every exponential mean begins with the plain mean of its first window",
    ),
    Indicator(
        "tsi",
        "True strength index",
        "Movement smoothed twice over its size smoothed twice, in percent, with a signal line.",
        (
            period(25, name="long", title="Long"),
            period(13, name="short", title="Short"),
            period(13, name="signal", title="Signal"),
        ),
        (Output("tsi"), Output("signal")),
        tsi_batch,
        TsiStream,
        levels=(0.0,),
        source="Blau (1991); every exponential mean begins with the plain mean of its first window",
    ),
)
