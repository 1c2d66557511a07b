"""Scenes with charts: generated markets that have a past, so that candles and indicators have something to show."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crs_desktop.bench.market import SceneFeed, SceneServices
from engine.adapters.indicators.process import WorkerProcess
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.ports.feed import BarArrays
from engine.services.bars import Bars
from engine.services.indicators import Indicators

HELD = 20_000
"""Bars of each timeframe before the scene begins."""


class PastFeed(SceneFeed):
    """Generated markets with a random walk before them, the same for the same pair and timeframe."""

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars before `end`."""
        market, step = self.markets[symbol], timeframe.nanos
        rng = np.random.default_rng(len(symbol) + step % 997)
        moves = np.rint(rng.standard_normal(HELD) * market.middle * 3e-4)
        close = market.middle - np.concatenate((np.cumsum(moves[::-1])[::-1][1:], [0.0]))
        opened, reach = close - moves, market.middle * 2e-4
        high = np.maximum(opened, close) + np.rint(rng.exponential(reach, HELD))
        low = np.minimum(opened, close) - np.rint(rng.exponential(reach, HELD))
        start = (self.now // step - HELD + np.arange(HELD, dtype=np.int64)) * step
        volume = np.rint(rng.lognormal(12, 0.7, HELD))
        stop = int(np.searchsorted(start + step, end, side="right"))
        asked = slice(max(0, stop - count), stop)
        return BarArrays(start[asked], opened[asked], high[asked], low[asked], close[asked], volume[asked])


class ChartServices(SceneServices):
    """As much of an engine as charts and panes of market data look at."""

    def __init__(self, count: int, seed: int) -> None:
        super().__init__(count, seed, PastFeed)
        self.bars = Bars(self.bus, self.feed, self.market_data)
        self.indicators = Indicators(self.bus, Path("no such folder"), WorkerProcess)

    def close(self) -> None:
        """End all subscriptions."""
        self.bars.close()
        super().close()
