"""The Arnaud Legoux mean: the window under a bell of weights."""

from __future__ import annotations

from collections import deque
from math import exp
from operator import mul

import numpy as np

from engine.indicators.spec import Floats
from engine.indicators.window import NAN, unknown, warm_up


def alma(column: Floats, period: int, offset: float, sigma: float) -> Floats:
    """Return the mean under a bell of weights, its peak at `offset` of the window, `period / sigma` wide."""
    lead, answer = warm_up(column), unknown(len(column))
    if len(column) - lead >= period:
        answer[lead + period - 1 :] = np.convolve(column[lead:], _bell(period, offset, sigma)[::-1], "valid")
    return answer


def _bell(period: int, offset: float, sigma: float) -> list[float]:
    peak, width = offset * (period - 1), period / sigma
    heights = [exp(-((at - peak) ** 2) / (2 * width * width)) for at in range(period)]
    total = sum(heights)
    return [height / total for height in heights]


class Alma:
    """The mean under a bell of weights."""

    __slots__ = ("_values", "_weights")

    def __init__(self, period: int, offset: float, sigma: float) -> None:
        self._weights = _bell(period, offset, sigma)
        self._values: deque[float] = deque(maxlen=period)

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        values, weights = self._values, self._weights
        if keep:
            values.append(value)
            total: float = sum(map(mul, weights, values))
            return total if len(values) == len(weights) else NAN
        short = len(weights) - 1
        if len(values) < short:
            return NAN
        before = list(values)[-short:] if short else []
        ahead: float = sum(map(mul, weights, [*before, value]))
        return ahead
