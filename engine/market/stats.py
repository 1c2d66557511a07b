"""How real a market looks: measures of bars and of flow, and the bands that real markets keep to.

Returns are logarithmic, close to close, in basis points of one bar. The bands come from one-minute
BTC data of Binance (a calm, two crashes, a rally, 18 months) and from a recorded 650 s of its flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from engine.domain.market import TradeTick
from engine.domain.number import NANOS_PER_SECOND
from engine.market.noise import Floats
from engine.ports.feed import BarArrays

BP = 1e4


class BarMeasures(NamedTuple):
    """The shape of a stretch of bars."""

    bars: int
    sd_bp: float
    kurtosis: float
    """Excess over the normal law."""
    acf1: float
    """Of signed returns, lag 1."""
    abs_acf1: float
    """Of absolute returns, lag 1."""
    abs_acf60: float
    """Of absolute returns, lag 60."""
    volume_corr: float
    """Of volume with absolute returns."""
    total_return: float
    drawdown: float
    """Largest fall from a high to a later low, as a fraction."""
    worst: float
    """Most negative simple return of one bar."""


class FlowMeasures(NamedTuple):
    """The shape of a stretch of order flow."""

    trades_per_second: float
    busiest_second: int
    size_p50: float
    """In base units, as the others."""
    size_p99: float
    same_price: float
    """Share of prints at the price of the one before."""
    spread_one_tick: float
    """Share of the time."""
    top20_bids: float
    """Median quantity on the best 20 bids, in base units."""
    crossed: int
    """Looks at the book that found it crossed or one-sided."""


class Band(NamedTuple):
    """Where a measure of a real market lies."""

    name: str
    measure: str
    """The field it bounds."""
    low: float
    high: float


class Verdict(NamedTuple):
    """A measured value beside its band."""

    stretch: str
    name: str
    value: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the value lies in the band; what could not be measured does not."""
        return self.low <= self.value <= self.high


SHAPE_BANDS = (
    Band("excess kurtosis", "kurtosis", 10, 150),
    Band("autocorrelation of returns, lag 1", "acf1", -0.02, 0.02),
    Band("autocorrelation of |returns|, lag 1", "abs_acf1", 0.25, 0.55),
    Band("autocorrelation of |returns|, lag 60", "abs_acf60", 0.08, 0.25),
    Band("correlation of volume with |returns|", "volume_corr", 0.5, 0.8),
)
"""A month of 1-minute bars."""
CALM_BANDS = (Band("sd of 1-minute returns, bp", "sd_bp", 3, 7),)
CRASH_BANDS = (
    Band("sd of 1-minute returns, bp", "sd_bp", 40, 70),
    Band("maximum drawdown", "drawdown", 0.25, 0.35),
    Band("worst minute", "worst", -0.10, -0.04),
)
"""The 24 hours of the crash."""
RALLY_BANDS = (Band("return over six days", "total_return", 0.15, 0.25),)
FLOW_BANDS = (
    Band("trades per second", "trades_per_second", 20, 46),
    Band("trade size, median, BTC", "size_p50", 0.0003, 0.0013),
    Band("trade size, 99 %, BTC", "size_p99", 0.20, 0.55),
    Band("trades at unchanged price", "same_price", 0.55, 0.69),
    Band("time at a spread of one tick", "spread_one_tick", 0.84, 0.94),
    Band("depth of the best 20 bids, BTC", "top20_bids", 5.0, 10.0),
    Band("crossed books", "crossed", 0, 0),
)
"""An hour of BTC/USDT; around what the capture shows."""


def measure_bars(bars: BarArrays) -> BarMeasures:
    """Return the measures of bars without gaps; those that need more bars than there are come out NaN."""
    if len(bars) < 2:
        nan = float("nan")
        return BarMeasures(len(bars), *[nan] * 9)
    returns = np.diff(np.log(bars.close))
    size = np.abs(returns)
    spread = float(returns.std())
    fourth = float(((returns - returns.mean()) ** 4).mean())
    peak = np.maximum.accumulate(bars.high)
    return BarMeasures(
        bars=len(bars),
        sd_bp=spread * BP,
        kurtosis=fourth / spread**4 - 3.0 if spread else float("nan"),
        acf1=_correlation(returns[1:], returns[:-1]),
        abs_acf1=_correlation(size[1:], size[:-1]),
        abs_acf60=_correlation(size[60:], size[:-60]),
        volume_corr=_correlation(size, bars.volume[1:]),
        total_return=float(bars.close[-1] / bars.open[0] - 1.0),
        drawdown=float((1.0 - bars.low / peak).max()),
        worst=float(np.expm1(returns.min())),
    )


class FlowMeter:
    """Takes in prints and looks at the book, and measures them in the end."""

    def __init__(self, lot: float) -> None:
        self._lot = lot
        self._prices: list[int] = []
        self._sizes: list[int] = []
        self._seconds: dict[int, int] = {}
        self._looks = self._narrow = self._crossed = 0
        self._depths: list[int] = []

    def add(self, ticks: Iterable[TradeTick]) -> None:
        """Take in prints in order of time."""
        for tick in ticks:
            self._prices.append(tick.price)
            self._sizes.append(tick.qty)
            second = tick.at // NANOS_PER_SECOND
            self._seconds[second] = self._seconds.get(second, 0) + 1

    def look(self, bid: int | None, ask: int | None) -> None:
        """Take in the touch; looks should be evenly spaced in time."""
        self._looks += 1
        if bid is None or ask is None or bid >= ask:
            self._crossed += 1
        else:
            self._narrow += ask - bid == 1

    def depth(self, lots: int) -> None:
        """Take in the quantity on the best 20 bids."""
        self._depths.append(lots)

    def measures(self, seconds: float) -> FlowMeasures:
        """Return the measures of a stretch of so many seconds."""
        sizes = np.array(self._sizes, dtype=np.float64) * self._lot
        prices = np.array(self._prices)
        nan = float("nan")
        return FlowMeasures(
            trades_per_second=len(sizes) / seconds,
            busiest_second=max(self._seconds.values(), default=0),
            size_p50=float(np.quantile(sizes, 0.50)) if len(sizes) else nan,
            size_p99=float(np.quantile(sizes, 0.99)) if len(sizes) else nan,
            same_price=float(np.mean(prices[1:] == prices[:-1])) if len(prices) > 1 else nan,
            spread_one_tick=self._narrow / self._looks if self._looks else nan,
            top20_bids=float(np.median(self._depths)) * self._lot if self._depths else nan,
            crossed=self._crossed,
        )


def judged(stretch: str, measures: BarMeasures | FlowMeasures, bands: Sequence[Band]) -> list[Verdict]:
    """Return each band's measure beside it."""
    return [Verdict(stretch, band.name, float(getattr(measures, band.measure)), band.low, band.high) for band in bands]


def _correlation(left: Floats, right: Floats) -> float:
    if len(left) < 2:
        return float("nan")
    left, right = left - left.mean(), right - right.mean()
    scale = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / scale if scale else float("nan")
