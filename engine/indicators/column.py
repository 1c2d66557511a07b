"""Steps between one column and another, and the way from a column to an indicator.

A *kernel* is the incremental form of a function from column to column: `take(value, keep)`, see `window`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np

from engine.indicators.spec import BarRow, Batch, Columns, Floats, IntParam, MakeStream
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import NAN, Sum, unknown, warm_up

LONGEST = 100_000
"""The longest period, as TA-Lib has it."""


class Kernel(Protocol):
    """A column, one value at a time."""

    def take(self, value: float, keep: bool) -> float:
        """Return the answer for a value, NaN while warming up, and remember the value only if told to."""
        ...


def period(default: int, low: int = 1, name: str = "period", title: str = "Length") -> IntParam:
    """Return the parameter that says how many bars are looked at."""
    return IntParam(name, default, low, LONGEST, title)


def of_close(function: Callable[..., Floats]) -> Batch:
    """Return the batch form of a function of the closes."""
    return lambda columns, **values: (function(columns.close, **values),)


def close_stream(kernel: Callable[..., Kernel]) -> MakeStream:
    """Return the maker of the incremental form of a function of the closes."""
    return lambda **values: CloseStream(kernel(**values))


class CloseStream(Stepwise):
    """One kernel over the closes."""

    __slots__ = ("_take",)

    def __init__(self, kernel: Kernel) -> None:
        self._take = kernel.take

    def push(self, bar: BarRow) -> tuple[float, ...]:
        """Take a closed bar, without the step between."""
        return (self._take(bar.close, True),)

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the kernel's answer at this close."""
        return (self._take(bar.close, keep),)


class MeanStream(Sum):
    """The plain mean of one column of the bars; a step of its own, for it is little more than a call."""

    __slots__ = ("_place",)

    def __init__(self, column: str, period: int) -> None:
        super().__init__(period, period)
        self._place = BarRow._fields.index(column)

    def push(self, bar: BarRow) -> tuple[float, ...]:
        """Take a closed bar; return the mean of the window that ends with it."""
        tail, value = self._tail, bar[self._place]
        if not tail:
            return (self._turn(value, True),)
        head = self._head = self._head + value
        self._block.append(value)
        return ((head + tail.pop()) / self._over,)

    def preview(self, bar: BarRow) -> tuple[float, ...]:
        """Return what `push` would, and change nothing."""
        return (self.take(bar[self._place], False),)


def quotient(top: Floats, bottom: Floats) -> Floats:
    """Return `top / bottom`, and 0 where that is a division by zero, as TA-Lib does."""
    with np.errstate(divide="ignore", invalid="ignore"):
        answer = np.divide(top, bottom)
    zero = bottom == 0.0
    if zero.any():
        answer[zero] = 0.0
    return answer


def ago(column: Floats, lag: int) -> Floats:
    """Return the column as it was `lag` rows before."""
    answer = unknown(len(column), lag)
    if lag < len(column):
        answer[lag:] = column[: len(column) - lag]
    return answer


class Ago:
    """The value `lag` bars before, at least 1."""

    __slots__ = ("_lag", "_values")

    def __init__(self, lag: int) -> None:
        self._lag = lag
        self._values: deque[float] = deque(maxlen=lag)

    def take(self, value: float, keep: bool) -> float:
        """Return what was taken `lag` values before this one."""
        if value != value:
            return NAN
        values = self._values
        answer = values[0] if len(values) == self._lag else NAN
        if keep:
            values.append(value)
        return answer


class Late:
    """A kernel that is not told the first values."""

    __slots__ = ("_left", "_take")

    def __init__(self, kernel: Kernel, rows: int) -> None:
        self._left = rows
        self._take = kernel.take

    def take(self, value: float, keep: bool) -> float:
        """Return the kernel's answer, NaN for what it is not told."""
        if not self._left:
            return self._take(value, keep)
        if keep and value == value:
            self._left -= 1
        return NAN


def typical(columns: Columns) -> Floats:
    """Return the typical price, (high + low + close) / 3."""
    answer = columns.high + columns.low
    answer += columns.close
    answer /= 3.0
    return answer


def part(columns: Columns, rows: slice) -> Columns:
    """Return some of the bars, as views."""
    start, open_, high, low, close, volume = columns
    return Columns(start[rows], open_[rows], high[rows], low[rows], close[rows], volume[rows])


def hide_until(known: Floats, *columns: Floats) -> None:
    """Make columns unknown on the rows before another one begins, as TA-Lib does with outputs of one function."""
    first = warm_up(known)
    for column in columns:
        column[:first] = np.nan
