"""Filters that remember their last answer: exponential means, and Wilder's.

`y[i] = gain * x[i] + decay * y[i-1]`, begun with a given `y`. Columns may open with NaN, as in `window`; the classes
give the same as the batch functions, bit for bit, by `take(value, keep)`.
"""

from __future__ import annotations

import numpy as np

from engine.indicators.spec import Floats
from engine.indicators.window import NAN, unknown, warm_up


def follow(column: Floats, seed: float, gain: float, decay: float) -> Floats:
    """Return the filter over a column without NaN, as it goes on after an answer of `seed`."""
    from scipy.signal import lfilter

    if len(column) == 0:
        return np.empty(0)
    answer: Floats = lfilter([gain], [1.0, -decay], column, zi=[decay * seed])[0]
    return answer


def ema(column: Floats, period: int, gain: float | None = None) -> Floats:
    """Return the exponential mean, begun with the mean of the first `period` values; gain 2 / (period + 1).

    Source: TA-Lib's EMA with its default compatibility and no unstable period.
    """
    gain = 2.0 / (period + 1) if gain is None else gain
    lead, answer = warm_up(column), unknown(len(column))
    first = lead + period - 1
    if first < len(column):
        answer[first] = in_order(column[lead : first + 1]) / period
        answer[first + 1 :] = follow(column[first + 1 :], float(answer[first]), gain, 1.0 - gain)
    return answer


def wilder(column: Floats, period: int) -> Floats:
    """Return Wilder's smoothing, begun with the mean of the first `period` values; gain 1 / period.

    Source: Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib's RSI, ATR and ADX.
    """
    return ema(column, period, 1.0 / period)


def in_order(column: Floats) -> float:
    """Return the sum from left to right, as a stream adds it; 0 for nothing."""
    return float(np.add.accumulate(column)[-1]) if len(column) else 0.0


class Ema:
    """The exponential mean, begun with the mean of the first `period` values."""

    __slots__ = ("_decay", "_gain", "_left", "_period", "_total", "_value")

    def __init__(self, period: int, gain: float | None = None) -> None:
        self._period = period
        self._gain = 2.0 / (period + 1) if gain is None else gain
        self._decay = 1.0 - self._gain
        self._left = period
        self._total = 0.0
        self._value = NAN

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        if not self._left:
            answer = self._gain * value + self._decay * self._value
            if keep:
                self._value = answer
            return answer
        return self._begin(value, keep)

    def _begin(self, value: float, keep: bool) -> float:
        if value != value:
            return NAN
        total = self._total + value
        answer = total / self._period if self._left == 1 else NAN
        if keep:
            self._total, self._left, self._value = total, self._left - 1, answer
        return answer


class Wilder(Ema):
    """Wilder's smoothing, begun with the mean of the first `period` values."""

    __slots__ = ()

    def __init__(self, period: int) -> None:
        super().__init__(period, 1.0 / period)
