"""Structure: turning points of the price, said when they are known and never taken back. Pivots are in `pivots`.

A row's value is what could be said on that row: a turning point appears some bars after it happened, and stays.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from engine.indicators.pivots import PIVOTS
from engine.indicators.spec import BarRow, Columns, FloatParam, Floats, Indicator, IntParam, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import NAN, Highest, rolling_highest, unknown


def zigzag_batch(columns: Columns, percent: float) -> tuple[Floats, ...]:
    """Return the last turning point, the way since (+1 up, -1 down), and how many bars ago it was."""
    up, down = 1.0 + percent / 100.0, 1.0 - percent / 100.0
    top, bottom, way, top_at, bottom_at = float("-inf"), float("inf"), 0, 0, 0
    turns: list[tuple[int, float, int, int]] = []
    for now, (high, low) in enumerate(zip(columns.high.tolist(), columns.low.tolist(), strict=True)):
        new_top, new_bottom = way >= 0 and high > top, way <= 0 and low < bottom
        if way <= 0 and not new_bottom and high >= bottom * up:
            turns.append((now, bottom, 1, bottom_at))
            way, new_top, new_bottom = 1, True, False
        elif way >= 0 and not new_top and low <= top * down:
            turns.append((now, top, -1, top_at))
            way, new_top, new_bottom = -1, False, True
        if new_top:
            top, top_at = high, now
        if new_bottom:
            bottom, bottom_at = low, now
    return _held(turns, len(columns.high))


def _held(turns: list[tuple[int, float, int, int]], length: int) -> tuple[Floats, ...]:
    """Return columns that hold what each turn says until the next."""
    if not turns:
        return unknown(length), unknown(length), unknown(length)
    rows, *said = (list(each) for each in zip(*turns, strict=True))
    lengths = [after - row for row, after in zip(rows, [*rows[1:], length], strict=True)]
    answers = tuple(np.concatenate((unknown(turns[0][0]), np.repeat(each, lengths))) for each in said)
    np.subtract(np.arange(length), answers[2], out=answers[2])
    return answers


class ZigzagStream(Stepwise):
    """The zigzag, bar by bar."""

    __slots__ = ("_at", "_bars", "_bottom", "_bottom_at", "_down", "_pivot", "_top", "_top_at", "_up", "_way")

    def __init__(self, percent: float) -> None:
        self._up, self._down = 1.0 + percent / 100.0, 1.0 - percent / 100.0
        self._top, self._bottom, self._pivot = float("-inf"), float("inf"), NAN
        self._bars = self._at = self._top_at = self._bottom_at = self._way = 0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the last turning point, the way since, and how many bars ago it was."""
        _, _, high, low, _, _ = bar
        way, pivot, at, now = self._way, self._pivot, self._at, self._bars
        new_top, new_bottom = way >= 0 and high > self._top, way <= 0 and low < self._bottom
        if way <= 0 and not new_bottom and high >= self._bottom * self._up:
            way, pivot, at, new_top, new_bottom = 1, self._bottom, self._bottom_at, True, False
        elif way >= 0 and not new_top and low <= self._top * self._down:
            way, pivot, at, new_top, new_bottom = -1, self._top, self._top_at, False, True
        if keep:
            self._way, self._pivot, self._at, self._bars = way, pivot, at, now + 1
            if new_top:
                self._top, self._top_at = high, now
            if new_bottom:
                self._bottom, self._bottom_at = low, now
        return (pivot, float(way), float(now - at)) if way else (NAN, NAN, NAN)


def fractals_batch(columns: Columns, bars: int) -> tuple[Floats, ...]:
    """Return the last swing high and the last swing low that are known."""
    return _swings(columns.high, bars), -_swings(-columns.low, bars)


def _swings(column: Floats, bars: int) -> Floats:
    """Return the last peak: above the `bars` values before it, and not below the `bars` after it."""
    length = len(column)
    answer = unknown(length)
    if length <= 2 * bars:
        return answer
    highest = rolling_highest(column, bars)
    peak = column[bars : length - bars]
    found = (peak > highest[bars - 1 : length - bars - 1]) & (peak >= highest[2 * bars :])
    last = np.maximum.accumulate(np.where(found, np.arange(len(found)), -1))
    answer[2 * bars :] = np.where(last >= 0, peak[last], np.nan)
    return answer


class Swing:
    """The last peak of a column that is known, value by value."""

    __slots__ = ("_before", "_highest", "_last", "_peaks")

    def __init__(self, bars: int) -> None:
        self._highest, self._last = Highest(bars).take, NAN
        self._peaks: deque[float] = deque([NAN] * bars, bars)
        self._before: deque[float] = deque([NAN] * (bars + 1), bars + 1)

    def take(self, value: float, keep: bool) -> float:
        """Return the last peak that is known when the value is."""
        highest, peak, last = self._highest(value, keep), self._peaks[0], self._last
        if self._before[0] < peak >= highest:
            last = peak
        if keep:
            self._peaks.append(value)
            self._before.append(highest)
            self._last = last
        return last


class FractalsStream(Stepwise):
    """The last swing high and low, bar by bar."""

    __slots__ = ("_high", "_low")

    def __init__(self, bars: int) -> None:
        self._high, self._low = Swing(bars).take, Swing(bars).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return both swings that are known at this bar."""
        return self._high(bar.high, keep), -self._low(-bar.low, keep)


STRUCTURE: tuple[Indicator, ...] = (
    *PIVOTS,
    Indicator(
        "zigzag",
        "ZigZag",
        "The last turning point: an extreme from which the price has come back by a given percentage.",
        (FloatParam("percent", 5.0, 0.01, 99.0, 0.5, "Percent"),),
        (Output("pivot", Mark.STEPS), Output("direction", Mark.HIDDEN), Output("age", Mark.HIDDEN)),
        zigzag_batch,
        ZigzagStream,
        overlay=True,
        source="On highs and lows, without repainting: a turning point is said on the bar that confirms it, `age` bars "
        "after it happened. A bar that extends the leg does not end it.",
    ),
    Indicator(
        "fractals",
        "Swing highs and lows",
        "The last high above its neighbours, and the last low below them.",
        (IntParam("bars", 2, 1, 500, "Bars on each side"),),
        (Output("swing_high", Mark.STEPS, "up"), Output("swing_low", Mark.STEPS, "down")),
        fractals_batch,
        FractalsStream,
        overlay=True,
        source="Williams; known `bars` bars later. Of equal extremes the first counts.",
    ),
)
