"""Filters that remember their last answer: exponential means, and Wilder's.

`y[i] = gain * x[i] + decay * y[i-1]`, begun with a given `y`. Columns may open with NaN, as in `window`; the classes
give the same as the batch functions, bit for bit, by `take(value, keep)`.
"""

from __future__ import annotations

from collections.abc import Sequence

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


PIECE = 65_536
"""Rows at a time where several steps follow one another: they stay in the processor's cache."""
STRIDE = 64
"""Rows of a strand of `follow_varying`; the strands are worked on side by side."""


def follow_varying(column: Floats, seed: float, gain: Floats) -> Floats:
    """Return the filter whose gain differs by row, its decay being 1 - gain, after an answer of `seed`.

    The column is cut into strands. Each is followed from 0, all at once, with the part of its beginning that would be
    left; then the true beginnings are found one after another, and added where they are left.
    """
    gains, inputs = _strands(gain), _strands(gain * column)
    left = np.subtract(1.0, gains, out=gains)
    for row in range(1, STRIDE):
        inputs[row] += left[row] * inputs[row - 1]
        left[row] *= left[row - 1]
    starts = [seed]
    for last, part in zip(inputs[-1].tolist(), left[-1].tolist(), strict=True):
        starts.append(last + part * starts[-1])
    left *= starts[:-1]
    inputs += left
    return inputs.T.ravel()[: len(column)]


def _strands(column: Floats) -> Floats:
    missing = -len(column) % STRIDE
    padded = np.concatenate((column, np.zeros(missing))) if missing else column
    return np.ascontiguousarray(padded.reshape(-1, STRIDE).T)


def ema(column: Floats, period: int, gain: float | None = None, first: int = 0) -> Floats:
    """Return the exponential mean, begun with the mean of a window; its gain is 2 / (period + 1).

    It begins on the row that fills the first window, or on row `first` if that is later.

    Source: TA-Lib's EMA with its default compatibility and no unstable period.
    """
    gain = 2.0 / (period + 1) if gain is None else gain
    first = max(warm_up(column) + period - 1, first)
    answer = unknown(len(column), first)
    if first < len(column):
        answer[first] = in_order(column[first - period + 1 : first + 1]) / period
        answer[first + 1 :] = follow(column[first + 1 :], float(answer[first]), gain, 1.0 - gain)
    return answer


def wilder(column: Floats, period: int) -> Floats:
    """Return Wilder's smoothing, begun with the mean of the first `period` values; gain 1 / period.

    Source: Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib's RSI, ATR and ADX.
    """
    return ema(column, period, 1.0 / period)


def cascade(column: Floats, period: int, weights: Sequence[float]) -> Floats:
    """Return a weighted sum of the exponential mean, the mean of that, and so on, one weight for each."""
    begun = min(warm_up(column) + len(weights) * (period - 1) + 1, len(column))
    answer = unknown(len(column), begun)
    level, seeds, total = column[:begun], [], np.zeros(begun)
    for weight in weights:
        level = ema(level, period)
        seeds.append(level[-1] if begun else NAN)
        total += level * weight
    answer[:begun] = total
    gain = 2.0 / (period + 1)
    for at in range(begun, len(column), PIECE):
        level = column[at : at + PIECE]
        total = np.zeros(len(level))
        for depth, weight in enumerate(weights):
            level = follow(level, seeds[depth], gain, 1.0 - gain)
            seeds[depth] = level[-1]
            if weight:
                total += level * weight
        answer[at : at + PIECE] = total
    return answer


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


class Cascade:
    """A weighted sum of the exponential mean, the mean of that, and so on."""

    __slots__ = ("_levels",)

    def __init__(self, period: int, weights: Sequence[float]) -> None:
        self._levels = tuple((Ema(period).take, weight) for weight in weights)

    def take(self, value: float, keep: bool) -> float:
        """Return the sum that ends with the value."""
        total = 0.0
        for mean, weight in self._levels:
            value = mean(value, keep)
            total += value * weight
        return total
