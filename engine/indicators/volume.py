"""Volume: what was traded, counted by where the price went. More of it is in `money_flow` and `vwap`."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.indicators.column import MeanStream, period
from engine.indicators.money_flow import MONEY_FLOW
from engine.indicators.recursive import Ema, ema
from engine.indicators.spec import BarRow, Columns, FloatParam, Floats, Indicator, Output
from engine.indicators.stepwise import Stepwise
from engine.indicators.vwap import VWAP
from engine.indicators.window import NAN, Mean, rolling_mean, unknown


def obv_batch(columns: Columns) -> tuple[Floats, ...]:
    """Return the balance of volume on rising and on falling closes."""
    signed = np.sign(np.diff(columns.close, prepend=0.0))
    signed[:1] = 1.0
    signed *= columns.volume
    return (np.add.accumulate(signed),)


class ObvStream(Stepwise):
    """The balance of volume, bar by bar."""

    __slots__ = ("_before", "_total")

    def __init__(self) -> None:
        self._before, self._total = float("-inf"), 0.0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the balance at this bar."""
        close, before, total = bar.close, self._before, self._total
        if close > before:
            total += bar.volume
        elif close < before:
            total -= bar.volume
        if keep:
            self._before, self._total = close, total
        return (total,)


def pvt_batch(columns: Columns) -> tuple[Floats, ...]:
    """Return the sum of volumes times relative changes."""
    part = np.zeros(len(columns.close))
    close, before = columns.close[1:], columns.close[:-1]
    np.divide(close - before, before, out=part[1:], where=before != 0.0)
    part *= columns.volume
    return (np.add.accumulate(part),)


class PvtStream(Stepwise):
    """The price volume trend, bar by bar."""

    __slots__ = ("_before", "_total")

    def __init__(self) -> None:
        self._before = self._total = 0.0

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the trend at this bar."""
        close, before, total = bar.close, self._before, self._total
        if before:
            total += (close - before) / before * bar.volume
        if keep:
            self._before, self._total = close, total
        return (total,)


def force_index_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the exponential mean of change times volume."""
    force = unknown(len(columns.close))
    force[1:] = np.diff(columns.close) * columns.volume[1:]
    return (ema(force, period),)


class ForceIndexStream(Stepwise):
    """The force index, bar by bar."""

    __slots__ = ("_before", "_mean")

    def __init__(self, period: int) -> None:
        self._mean, self._before = Ema(period).take, NAN

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the force at this bar."""
        force = (bar.close - self._before) * bar.volume
        if keep:
            self._before = bar.close
        return (self._mean(force, keep),)


def eom_batch(columns: Columns, period: int, scale: float) -> tuple[Floats, ...]:
    """Return the mean of each window's moves of the middle, times range over volume; 0 for a bar without volume."""
    ease, reach, volume = unknown(len(columns.close)), columns.high - columns.low, columns.volume[1:]
    middle = (columns.high + columns.low) / 2.0
    ease[1:] = np.diff(middle) * reach[1:] * scale
    ease[1:] /= volume if volume.all() else np.where(volume == 0.0, np.inf, volume)
    return (rolling_mean(ease, period),)


class EomStream(Stepwise):
    """The ease of movement, bar by bar."""

    __slots__ = ("_before", "_mean", "_scale")

    def __init__(self, period: int, scale: float) -> None:
        self._mean, self._scale, self._before = Mean(period).take, scale, NAN

    def take(self, bar: BarRow, keep: bool) -> tuple[float, ...]:
        """Return the mean that ends with this bar."""
        _, _, high, low, _, volume = bar
        middle, before = (high + low) / 2.0, self._before
        if keep:
            self._before = middle
        if before != before:
            return (NAN,)
        return (self._mean((middle - before) * (high - low) * self._scale / volume if volume else 0.0, keep),)


def volume_sma_batch(columns: Columns, period: int) -> tuple[Floats, ...]:
    """Return the mean volume of each window."""
    return (rolling_mean(columns.volume, period),)


_PERIOD_14 = period(14)
_PERIOD_20 = period(20)
VOLUME: tuple[Indicator, ...] = (
    *VWAP,
    *MONEY_FLOW,
    Indicator(
        "obv",
        "On-balance volume",
        "Volume added when the close rises and taken away when it falls.",
        (),
        (Output("obv"),),
        obv_batch,
        ObvStream,
        source="Granville; as TA-Lib: begins with the first bar's volume.",
    ),
    Indicator(
        "pvt",
        "Price volume trend",
        "The sum of volumes, each times the relative change of the close.",
        (),
        (Output("pvt"),),
        pvt_batch,
        PvtStream,
        source="Sum of volume x (close - close before) / close before; begins with 0.",
    ),
    Indicator(
        "force_index",
        "Force index",
        "The exponential mean of the close's change times the volume.",
        (period(13),),
        (Output("force_index"),),
        force_index_batch,
        ForceIndexStream,
        levels=(0.0,),
        source="Elder; the mean is seeded as TA-Lib's EMA, the first on row `period`.",
    ),
    Indicator(
        "eom",
        "Ease of movement",
        "How far the middle of the bar moves for the volume that it takes.",
        (_PERIOD_14, FloatParam("scale", 10_000.0, 1e-12, 1e15, 1.0, "Scale")),
        (Output("eom"),),
        eom_batch,
        EomStream,
        levels=(0.0,),
        source="Arms: mean of (middle - middle before) x (high - low) x scale / volume; 0 for a bar without volume; "
        "the first is on row `period`.",
    ),
    Indicator(
        "volume_sma",
        "Mean volume",
        "The simple mean of the volume.",
        (_PERIOD_20,),
        (Output("volume_sma"),),
        volume_sma_batch,
        partial(MeanStream, "volume"),
        source="As TA-Lib's SMA of the volume.",
    ),
)
