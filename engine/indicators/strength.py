"""Rises beside falls: RSI and Chande's oscillator, both of Wilder's means of the moves from close to close.

Seeding as TA-Lib's (no unstable period). A division by zero is 0, as TA-Lib has it: the RSI of a price that does not
move is 0, not 50.
"""

from __future__ import annotations

import numpy as np

from engine.indicators.column import close_stream, of_close, period, quotient
from engine.indicators.momentum import mom
from engine.indicators.recursive import Wilder, wilder
from engine.indicators.spec import Floats, Indicator, Output
from engine.indicators.window import NAN


def rises(column: Floats, period: int) -> tuple[Floats, Floats]:
    """Return Wilder's means of the rises and of the falls from close to close, both positive."""
    change = mom(column, 1)
    rise = wilder(np.maximum(change, 0.0), period)
    np.negative(change, out=change)
    return rise, wilder(np.maximum(change, 0.0, out=change), period)


class Rises:
    """Wilder's means of the rises and of the falls."""

    __slots__ = ("_before", "_fall", "_rise")

    def __init__(self, period: int) -> None:
        self._before = NAN
        self._rise, self._fall = Wilder(period).take, Wilder(period).take

    def take(self, value: float, keep: bool) -> tuple[float, float]:
        """Return both means as of the value."""
        change = value - self._before
        if keep and value == value:
            self._before = value
        if change > 0.0:
            return self._rise(change, keep), self._fall(0.0, keep)
        return self._rise(change * 0.0, keep), self._fall(-change, keep)


def rsi(column: Floats, period: int) -> Floats:
    """Return the share of the rises in all movement, in percent; 0 where there is none."""
    rise, fall = rises(column, period)
    fall += rise
    answer = quotient(rise, fall)
    answer *= 100.0
    return answer


class Rsi:
    """The share of the rises in all movement, in percent."""

    __slots__ = ("_rises",)

    def __init__(self, period: int) -> None:
        self._rises = Rises(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the share as of the value."""
        rise, fall = self._rises(value, keep)
        way = fall + rise
        return rise / way * 100.0 if way else 0.0


def cmo(column: Floats, period: int) -> Floats:
    """Return rises less falls over all movement, in percent; 0 where there is none."""
    rise, fall = rises(column, period)
    way = rise + fall
    rise -= fall
    answer = quotient(rise, way)
    answer *= 100.0
    return answer


class Cmo:
    """Rises less falls over all movement, in percent."""

    __slots__ = ("_rises",)

    def __init__(self, period: int) -> None:
        self._rises = Rises(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the balance as of the value."""
        rise, fall = self._rises(value, keep)
        way = rise + fall
        return (rise - fall) / way * 100.0 if way else 0.0


STRENGTH: tuple[Indicator, ...] = (
    Indicator(
        "rsi",
        "Relative strength index",
        "The share of the rises in all movement, from 0 to 100.",
        (period(14, low=2),),
        (Output("rsi"),),
        of_close(rsi),
        close_stream(Rsi),
        levels=(30.0, 70.0),
        source="TA-Lib; begins with the plain means of the first rises and falls; 0 where nothing moved",
    ),
    Indicator(
        "cmo",
        "Chande momentum oscillator",
        "Rises less falls over all movement, from -100 to 100.",
        (period(14, low=2),),
        (Output("cmo"),),
        of_close(cmo),
        close_stream(Cmo),
        levels=(-50.0, 0.0, 50.0),
        source="TA-Lib, which smooths rises and falls as Wilder does",
    ),
)
