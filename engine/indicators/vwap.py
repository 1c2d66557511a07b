"""The price weighted by volume: over a window, since the beginning, since a session's, or since an instant.

The price of a bar is (high + low + close) / 3, in the window's mean its close. Until something has traded there is no
such price.
"""

from __future__ import annotations

from collections import deque
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from engine.indicators.column import period
from engine.indicators.sessions import opens, running_sum, session_of
from engine.indicators.spec import BarRow, ChoiceParam, Columns, Floats, Indicator, InstantParam, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.window import NAN, Sum, rolling_mean, rolling_sum, unknown


def typical(columns: Columns) -> Floats:
    """Return (high + low + close) / 3."""
    answer = columns.high + columns.low
    answer += columns.close
    answer /= 3.0
    return answer


def _weighed(price: Floats, volume: Floats, begins: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the mean price and the volume since the session began; NaN and 0 before the first trade."""
    total = running_sum(volume, begins)
    mean = running_sum(price * volume, begins)
    mean /= total if total.all() else np.where(total == 0.0, np.nan, total)
    return mean, total


def vwap_batch(columns: Columns, session: str) -> tuple[Floats, ...]:
    """Return the volume weighted price since the session began."""
    return (_weighed(typical(columns), columns.volume, opens(columns.start, session))[0],)


def anchored_vwap_batch(columns: Columns, anchor: int) -> tuple[Floats, ...]:
    """Return the volume weighted price since the first bar that starts at the anchor or later."""
    answer, first = unknown(len(columns.close)), int(np.searchsorted(columns.start, anchor))
    begins = np.arange(min(len(answer) - first, 1))
    answer[first:] = _weighed(typical(columns)[first:], columns.volume[first:], begins)[0]
    return (answer,)


def vwap_bands_batch(columns: Columns, session: str) -> tuple[Floats, ...]:
    """Return the volume weighted price, and one and two deviations above and below it."""
    price, volume, begins = typical(columns), columns.volume, opens(columns.start, session)
    mean, total = _weighed(price, volume, begins)
    before = np.empty_like(mean)
    before[1:] = mean[:-1]
    before[begins] = np.nan
    spread = np.fmax(volume * (price - before) * (price - mean), 0.0)  # 0 on the first trade of a session
    with np.errstate(invalid="ignore"):
        deviation = np.sqrt(running_sum(spread, begins) / total)
    return mean, mean + deviation, mean - deviation, mean + 2.0 * deviation, mean - 2.0 * deviation


class VwapStream(Stepwise):
    """The volume weighted price, bar by bar."""

    __slots__ = ("_number", "_paid", "_session", "_total")

    def __init__(self, session: str) -> None:
        self._session, self._number = session, 0
        self._paid = self._total = 0.0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the price at this bar."""
        start, _, high, low, close, total = bar
        paid, number = (high + low + close) / 3.0 * total, 0
        if self._session != "none":
            number = session_of(start, self._session)
        if number == self._number:
            paid += self._paid
            total += self._total
        if keep:
            self._number, self._paid, self._total = number, paid, total
        return (paid / total if total else NAN,)


class VwapBandsStream(VwapStream):
    """The volume weighted price and its bands, bar by bar."""

    __slots__ = ("_spread",)

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self._spread = 0.0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the five lines at this bar."""
        same = session_of(bar.start, self._session) == self._number
        paid, before, spread = (self._paid, self._total, self._spread) if same else (0.0, 0.0, 0.0)
        (mean,) = super().take(bar, keep)
        if before:
            price = (bar.high + bar.low + bar.close) / 3.0
            spread += max(bar.volume * (price - paid / before) * (price - mean), 0.0)
        if keep:
            self._spread = spread
        deviation = sqrt(spread / (before + bar.volume)) if mean == mean else NAN
        return mean, mean + deviation, mean - deviation, mean + 2.0 * deviation, mean - 2.0 * deviation


class AnchoredVwapStream(VwapStream):
    """The volume weighted price since an instant, bar by bar."""

    __slots__ = ("_anchor",)

    def __init__(self, anchor: int) -> None:
        super().__init__("none")
        self._anchor = anchor

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the price at this bar."""
        return super().take(bar, keep) if bar.start >= self._anchor else (NAN,)


def vwma_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the volume weighted mean of each window's closes; the plain mean where nothing was traded."""
    total = rolling_sum(columns.volume, period)
    answer = rolling_sum(columns.close * columns.volume, period)
    silent = total == 0.0
    if silent.any():
        total[silent] = 1.0
        answer[silent] = rolling_mean(columns.close, period)[silent]
    answer /= total
    return (answer,)


class VwmaStream(Stepwise):
    """The volume weighted mean of a window, bar by bar."""

    __slots__ = ("_paid", "_past", "_total")

    def __init__(self, period: int) -> None:
        self._paid, self._total = Sum(period).take, Sum(period).take
        self._past: deque[float] = deque(maxlen=period)

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the mean of the window that ends with this bar."""
        _, _, _, _, close, volume = bar
        paid, total = self._paid(close * volume, keep), self._total(volume, keep)
        if keep:
            self._past.append(close)
        if total:
            return (paid / total,)
        closes = self._past if keep else deque([*self._past, close], self._past.maxlen)
        return (sum(closes) / len(closes),)


_SESSION = (ChoiceParam("session", "none", ("none", "day", "week"), "Begins anew each"),)
_SOURCE = "Sum of (high + low + close) / 3 x volume over sum of volume; not known until something has traded. "
VWAP: tuple[Indicator, ...] = (
    Indicator(
        "vwma",
        "Volume weighted moving average",
        "The mean of the closes, each counted by its volume.",
        (period(20),),
        (Output("vwma"),),
        vwma_batch,
        VwmaStream,
        overlay=True,
        source="Sum of close x volume over sum of volume; the plain mean of a window in which nothing was traded.",
    ),
    Indicator(
        "vwap",
        "Volume weighted average price",
        "What was paid on average for a coin, since the first bar or since the session began (UTC).",
        _SESSION,
        (Output("vwap"),),
        vwap_batch,
        VwapStream,
        overlay=True,
        source=_SOURCE + "Weeks begin on Monday.",
    ),
    Indicator(
        "vwap_bands",
        "VWAP with bands",
        "The volume weighted average price, and one and two standard deviations of the traded prices around it.",
        _SESSION,
        (Output("vwap"), Output("upper_1"), Output("lower_1"), Output("upper_2"), Output("lower_2")),
        vwap_bands_batch,
        VwapBandsStream,
        overlay=True,
        fill=("upper_1", "lower_1"),
        source=_SOURCE + "The deviation is weighted by volume, over all of it; updated as West (1979) does.",
    ),
    Indicator(
        "anchored_vwap",
        "Anchored VWAP",
        "What was paid on average for a coin since an instant of your choice.",
        (InstantParam("anchor", 0, "Since"),),
        (Output("anchored_vwap"),),
        anchored_vwap_batch,
        AnchoredVwapStream,
        overlay=True,
        source=_SOURCE + "Begins with the first bar that starts at the anchor or later.",
    ),
)
