"""Pivot points: levels for a UTC day from the high, low and close of the day before it that has bars."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from engine.indicators.sessions import DAY, opens
from engine.indicators.spec import BarRow, ChoiceParam, Columns, Floats, Indicator, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import NAN, unknown

Number = TypeVar("Number", float, Floats)
"""One day's, or a column of days."""

PARTS = {
    "fibonacci": (0.382, 0.618, 1.0, 1.382),
    "camarilla": (1.1 / 12.0, 1.1 / 6.0, 1.1 / 4.0, 1.1 / 2.0),
}
"""Of the day's range, away from the pivot and from the close."""


def levels(method: str, high: Number, low: Number, close: Number) -> tuple[Number, ...]:
    """Return the pivot, four resistances upwards and four supports downwards."""
    pivot: Number = (high + low + close) / 3.0
    reach: Number = high - low
    above: list[Number]
    below: list[Number]
    if method == "classic":
        up: Number = pivot - low
        down: Number = high - pivot
        above = [pivot + up, pivot + reach, high + 2.0 * up, high + 3.0 * up]
        below = [pivot - down, pivot - reach, low - 2.0 * down, low - 3.0 * down]
    else:
        middle: Number = pivot if method == "fibonacci" else close
        above = [middle + reach * part for part in PARTS[method]]
        below = [middle - reach * part for part in PARTS[method]]
    return tuple(level for part in ([pivot], above, below) for level in part)


def pivots_batch(columns: Columns, method: str) -> tuple[Floats, ...]:
    """Return the nine levels of each row's day."""
    begins, length = opens(columns.start, "day"), len(columns.start)
    if len(begins) < 2:
        return tuple(unknown(length) for _ in range(9))
    ends, lengths = begins[1:] - 1, np.diff(begins[1:], append=length)
    high = np.maximum.reduceat(columns.high, begins)[:-1]
    low = np.minimum.reduceat(columns.low, begins)[:-1]
    first = unknown(int(begins[1]))
    return tuple(
        np.concatenate((first, np.repeat(level, lengths))) for level in levels(method, high, low, columns.close[ends])
    )


class PivotsStream(Stepwise):
    """Pivot points, bar by bar."""

    __slots__ = ("_close", "_day", "_high", "_levels", "_low", "_method")

    def __init__(self, method: str) -> None:
        self._method = method
        self._levels: tuple[float, ...] = (NAN,) * 9
        self._day: int | None = None
        self._high = self._low = self._close = NAN

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the levels at this bar."""
        start, _, high, low, close, _ = bar
        day, found = start // DAY, self._levels
        if day == self._day:
            high, low = max(high, self._high), min(low, self._low)
        elif self._day is not None:
            found = levels(self._method, self._high, self._low, self._close)
        if keep:
            self._day, self._high, self._low, self._close, self._levels = day, high, low, close, found
        return found


_NAMES = ("pivot", "r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4")
PIVOTS: tuple[Indicator, ...] = (
    Indicator(
        "pivots",
        "Pivot points",
        "Levels for the day from the high, low and close of the day before (UTC).",
        (ChoiceParam("method", "classic", ("classic", "fibonacci", "camarilla"), "Method"),),
        tuple(
            Output(name, Mark.STEPS, "down" if name[0] == "r" else "up" if name[0] == "s" else "") for name in _NAMES
        ),
        pivots_batch,
        PivotsStream,
        overlay=True,
        source="P = (H + L + C) / 3. Classic: R1 = 2P - L, R2 = P + (H - L), R3 = H + 2(P - L), R4 = H + 3(P - L), and "
        "supports alike. Fibonacci: P +- 0.382, 0.618, 1, 1.382 of H - L. Camarilla: C +- 1.1/12, 1.1/6, 1.1/4, 1.1/2 "
        "of H - L. The first day with bars gives levels to the next, even if it is not whole.",
    ),
)
