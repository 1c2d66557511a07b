"""Trend: Ichimoku, vortex and choppiness here; directional movement and stops in modules of their own."""

from __future__ import annotations

from math import log10

import numpy as np

from engine.indicators.column import period
from engine.indicators.directional import DIRECTIONAL
from engine.indicators.ranges import TrueRange, true_range
from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Mark, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.stops import STOPS
from engine.indicators.window import NAN, Highest, Lowest, Sum, rolling_highest, rolling_lowest, rolling_sum, unknown


def _middle(columns: Columns, period: int) -> Floats:
    return (rolling_highest(columns.high, period) + rolling_lowest(columns.low, period)) / 2.0


class Middle:
    """The middle between the highest high and the lowest low of a window, bar by bar."""

    __slots__ = ("_highest", "_lowest")

    def __init__(self, period: int) -> None:
        self._highest, self._lowest = Highest(period).take, Lowest(period).take

    def take(self, bar: BarRow, keep: bool) -> float:
        """Return the middle of the window that ends with the bar."""
        return (self._highest(bar.high, keep) + self._lowest(bar.low, keep)) / 2.0


def ichimoku_batch(columns: Columns, tenkan: int, kijun: int, senkou: int) -> tuple[Floats, ...]:
    """Return the turning line, the base line and both spans, each on the row that it is computed on."""
    turning, base = _middle(columns, tenkan), _middle(columns, kijun)
    return turning, base, (turning + base) / 2.0, _middle(columns, senkou)


class IchimokuStream(Stepwise):
    """Ichimoku, bar by bar."""

    __slots__ = ("_base", "_span", "_turning")

    def __init__(self, tenkan: int, kijun: int, senkou: int) -> None:
        self._turning, self._base, self._span = Middle(tenkan).take, Middle(kijun).take, Middle(senkou).take

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the four lines at this bar."""
        turning, base = self._turning(bar, keep), self._base(bar, keep)
        return turning, base, (turning + base) / 2.0, self._span(bar, keep)


def vortex_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return VI+ and VI-; both 0 where there is no range."""
    total = rolling_sum(true_range(columns), period)
    total[total == 0.0] = np.inf
    found = []
    for reach, other in ((columns.high, columns.low), (columns.low, columns.high)):
        way = unknown(len(reach))
        np.abs(reach[1:] - other[:-1], out=way[1:])
        found.append(rolling_sum(way, period) / total)
    return tuple(found)


class VortexStream(Stepwise):
    """The vortex indicator, bar by bar."""

    __slots__ = ("_down", "_high", "_low", "_range", "_total", "_up")

    def __init__(self, period: int) -> None:
        self._range, self._total = TrueRange().take, Sum(period).take
        self._up, self._down = Sum(period).take, Sum(period).take
        self._high = self._low = NAN

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return VI+ and VI- at this bar."""
        total = self._total(self._range(bar, keep), keep)
        up, down = self._up(abs(bar.high - self._low), keep), self._down(abs(bar.low - self._high), keep)
        if keep:
            self._high, self._low = bar.high, bar.low
        return (up / total, down / total) if total else (0.0, 0.0)


def choppiness_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the choppiness of each window; 100 where it has no range at all."""
    answer = rolling_sum(true_range(columns), period)
    reach = rolling_highest(columns.high, period) - rolling_lowest(columns.low, period)
    flat = (reach == 0.0) & ~np.isnan(answer)
    answer[flat] = reach[flat] = 1.0
    answer /= reach
    np.maximum(answer, 1.0, out=answer)  # less is rounding
    np.log10(answer, out=answer)
    answer *= 100.0 / log10(period)
    answer[flat] = 100.0
    return (answer,)


class ChoppinessStream(Stepwise):
    """The choppiness index, bar by bar."""

    __slots__ = ("_highest", "_lowest", "_range", "_scale", "_total")

    def __init__(self, period: int) -> None:
        self._range, self._total = TrueRange().take, Sum(period).take
        self._highest, self._lowest = Highest(period).take, Lowest(period).take
        self._scale = 100.0 / log10(period)

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the choppiness of the window that ends with this bar."""
        total = self._total(self._range(bar, keep), keep)
        reach = self._highest(bar.high, keep) - self._lowest(bar.low, keep)
        if total != total:
            return (NAN,)
        return (self._scale * log10(max(total / reach, 1.0)),) if reach else (100.0,)


TREND: tuple[Indicator, ...] = (
    *DIRECTIONAL,
    *STOPS,
    Indicator(
        "ichimoku",
        "Ichimoku",
        "Middles of three windows, and the cloud between the two spans that they make.",
        (
            period(9, 1, "tenkan", "Turning line"),
            period(26, 1, "kijun", "Base line"),
            period(52, 1, "senkou", "Span B"),
        ),
        (Output("tenkan"), Output("kijun"), Output("senkou_a", Mark.LINE, "up"), Output("senkou_b", Mark.LINE, "down")),
        ichimoku_batch,
        IchimokuStream,
        overlay=True,
        fill=("senkou_a", "senkou_b"),
        source="Hosoda. A middle is (highest high + lowest low) / 2, the current bar included. The spans stand on the "
        "row they are computed on; a chart draws them `kijun` bars later. The lagging line is the close and no output.",
    ),
    Indicator(
        "vortex",
        "Vortex",
        "How far bars reach from the other end of the bar before, up and down, against their true range.",
        (period(14),),
        (Output("vi_plus", Mark.LINE, "up"), Output("vi_minus", Mark.LINE, "down")),
        vortex_batch,
        VortexStream,
        levels=(1.0,),
        source="Botes and Siepman (2010): sums of |high - low before| and |low - high before| over the sum of true "
        "ranges; the first is on row `period`.",
    ),
    Indicator(
        "choppiness",
        "Choppiness index",
        "From 0, where the price went straight, to 100, where it went nowhere.",
        (period(14, 2),),
        (Output("choppiness"),),
        choppiness_batch,
        ChoppinessStream,
        levels=(38.2, 61.8),
        source="Dreiss: 100 x log10(sum of true ranges / (highest high - lowest low)) / log10(period); the first is on "
        "row `period`, and a window without range counts 100.",
    ),
)
