"""The family of ADX, as indicators; how they are reckoned and seeded is in `movement`."""

from __future__ import annotations

from collections import deque

import numpy as np

from engine.indicators.column import period
from engine.indicators.movement import Directions, MeanIndex, directions, indices, mean_index
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import NAN, unknown

PERIOD = (period(14, 2),)


def _placed(found: Floats, length: int) -> Floats:
    answer = unknown(length)
    answer[length - len(found) :] = found
    return answer


def plus_di_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return +DI."""
    return (_placed(directions(columns, period)[0], len(columns.close)),)


def minus_di_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return -DI."""
    return (_placed(directions(columns, period)[1], len(columns.close)),)


def dx_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return DX."""
    index, known = indices(*directions(columns, period))
    if len(index) < len(known):
        index = np.concatenate(([0.0], index))[np.cumsum(known)]
    return (_placed(index, len(columns.close)),)


def adx_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return ADX."""
    return (_placed(mean_index(*directions(columns, period), period), len(columns.close)),)


def adxr_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return ADXR."""
    (mean,), answer = adx_batch(columns, period), unknown(len(columns.close))
    answer[period - 1 :] = (mean[period - 1 :] + mean[: max(len(mean) - period + 1, 0)]) / 2.0
    return (answer,)


def dmi_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return +DI, -DI and ADX."""
    plus, minus = directions(columns, period)
    length = len(columns.close)
    return _placed(plus, length), _placed(minus, length), _placed(mean_index(plus, minus, period), length)


class PlusDiStream(Stepwise):
    """+DI, bar by bar."""

    __slots__ = ("_directions",)

    def __init__(self, period: int) -> None:
        self._directions = Directions(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return +DI at this bar."""
        return (self._directions(bar, keep)[0],)


class MinusDiStream(PlusDiStream):
    """-DI, bar by bar."""

    __slots__ = ()

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return -DI at this bar."""
        return (self._directions(bar, keep)[1],)


class DxStream(Stepwise):
    """DX, bar by bar."""

    __slots__ = ("_directions", "_index")

    def __init__(self, period: int) -> None:
        self._directions, self._index = Directions(period).take, 0.0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return DX at this bar."""
        plus, minus = self._directions(bar, keep)
        total = plus + minus
        if total != total:
            return (NAN,)
        index = 100.0 * (abs(minus - plus) / total) if total else self._index
        if keep:
            self._index = index
        return (index,)


class AdxStream(Stepwise):
    """ADX, bar by bar."""

    __slots__ = ("_directions", "_mean")

    def __init__(self, period: int) -> None:
        self._directions, self._mean = Directions(period).take, MeanIndex(period).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return ADX at this bar."""
        plus, minus = self._directions(bar, keep)
        return (self._mean(plus, minus, keep),)


class DmiStream(AdxStream):
    """+DI, -DI and ADX, bar by bar."""

    __slots__ = ()

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return all three at this bar."""
        plus, minus = self._directions(bar, keep)
        return plus, minus, self._mean(plus, minus, keep)


class AdxrStream(AdxStream):
    """ADXR, bar by bar."""

    __slots__ = ("_past",)

    def __init__(self, period: int) -> None:
        super().__init__(period)
        self._past: deque[float] = deque([NAN] * (period - 1), period - 1)

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return ADXR at this bar."""
        (mean,) = super().take(bar, keep)
        before = self._past[0]
        if keep:
            self._past.append(mean)
        return ((mean + before) / 2.0,)


_WILDER = "Wilder (1978); seeded as TA-Lib."
DIRECTIONAL: tuple[Indicator, ...] = (
    Indicator(
        "plus_di",
        "Plus directional indicator",
        "How much of the range went up beyond the bar before, in percent.",
        PERIOD,
        (Output("plus_di", Mark.LINE, "up"),),
        plus_di_batch,
        PlusDiStream,
        source=_WILDER,
    ),
    Indicator(
        "minus_di",
        "Minus directional indicator",
        "How much of the range went down beyond the bar before, in percent.",
        PERIOD,
        (Output("minus_di", Mark.LINE, "down"),),
        minus_di_batch,
        MinusDiStream,
        source=_WILDER,
    ),
    Indicator(
        "dx",
        "Directional index",
        "How one-sided the directional movement is, from 0 to 100.",
        PERIOD,
        (Output("dx"),),
        dx_batch,
        DxStream,
        source=_WILDER,
    ),
    Indicator(
        "adx",
        "Average directional index",
        "How strong a trend is, whichever way it goes: Wilder's mean of the directional index.",
        PERIOD,
        (Output("adx"),),
        adx_batch,
        AdxStream,
        levels=(25.0,),
        source=_WILDER,
    ),
    Indicator(
        "adxr",
        "Average directional index rating",
        "The mean of ADX now and `period - 1` bars ago.",
        PERIOD,
        (Output("adxr"),),
        adxr_batch,
        AdxrStream,
        levels=(25.0,),
        source=_WILDER,
    ),
    Indicator(
        "dmi",
        "Directional movement",
        "Both directional indicators and the strength of the trend.",
        PERIOD,
        (Output("plus_di", Mark.LINE, "up"), Output("minus_di", Mark.LINE, "down"), Output("adx")),
        dmi_batch,
        DmiStream,
        levels=(25.0,),
        source=_WILDER,
    ),
)
