"""A series and a log of prints that grow together, as a chart sees them."""

from __future__ import annotations

from itertools import count

import numpy as np

from crs_desktop.viewmodels.series import BarSeries, Row
from engine.domain.market import TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.prints import PrintLog
from engine.ports.feed import BarArrays

SECOND = 1_000_000_000
STEP = 3_600 * SECOND
SINCE = 20_000 * 24 * STEP + 22 * STEP
"""Two hours before midnight: where prints begin."""

Told = tuple[int, int, int, bool]
"""A print: how much later in minutes, price, lots, whether a taker bought."""


class Market:
    """Hourly bars; `tell` prints, `older` adds bars of which no print is known."""

    def __init__(self) -> None:
        self.series, self.log = BarSeries(STEP), PrintLog(Nanos(SINCE))
        self.now = SINCE
        self.prints: list[TradeTick] = []
        self._numbers = count(1)

    def tell(self, later: int, price: int, lots: int, buys: bool) -> None:
        """Let time pass and one print come; hours without any become flat bars."""
        self.pass_time(later)
        side = Side.BUY if buys else Side.SELL
        tick = TradeTick("BTC/USDT", Ticks(price), Lots(lots), side, Nanos(self.now), next(self._numbers))
        self.prints.append(tick)
        self.log.add([tick])
        row = self.series.row(self.series.stop - 1)
        begun = bool(len(self.series)) and self._start() == self.series.start(self.series.stop - 1)
        if row is not None and begun and row.volume:
            row = Row(row.open, max(row.high, price), min(row.low, price), float(price), row.volume + lots)
        else:
            row = Row(float(price), float(price), float(price), float(price), float(lots))
        self.series.append(self._start(), row)

    def pass_time(self, minutes: int) -> None:
        """Let hours close."""
        self.now += minutes * 60 * SECOND
        while len(self.series) and self.series.start(self.series.stop - 1) < self._start():
            last = self.series.row(self.series.stop - 1)
            assert last is not None
            self.series.append(
                self.series.start(self.series.stop), Row(last.close, last.close, last.close, last.close, 0.0)
            )

    def older(self, bars: int, seed: int) -> None:
        """Add bars in front."""
        rng = np.random.default_rng(seed)
        end = self.series.start(self.series.first) if len(self.series) else SINCE
        opened, close = rng.integers(90, 130, (2, bars)).astype(float)
        high = np.maximum(opened, close) + rng.integers(0, 9, bars)
        low = np.minimum(opened, close) - rng.integers(0, 9, bars)
        start = end - STEP * np.arange(bars, 0, -1, dtype=np.int64)
        self.series.prepend(BarArrays(start, opened, high, low, close, rng.integers(0, 500, bars).astype(float)))

    def _start(self) -> int:
        return self.now - self.now % STEP
