"""A past of minute bars, and a replay in it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np

from engine.bus import Bus
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.market.bars import empty, part, resample
from engine.market.catalogue import PAIRS
from engine.ports.feed import BarArrays
from engine.services.indicators import Indicators
from engine.services.replay.session import Past, ReplaySession, open_replay
from engine.settings import Settings

PAIR = PAIRS[0].pair
MINUTE, HOUR = Timeframe.M1.nanos, Timeframe.H1.nanos
BEGIN = 480_000 * HOUR
HOURS = 12


class PastBars:
    """Twelve hours of minutes; remembers what it was asked for."""

    def __init__(self, seed: int = 1) -> None:
        draw = np.random.default_rng(seed)
        count = HOURS * 60
        close = 6_000_000 + np.cumsum(draw.integers(-3_000, 3_000, count)).astype(np.float64)
        opened = np.concatenate(([6_000_000.0], close[:-1])) + draw.integers(-400, 400, count)  # bars have gaps
        high = np.maximum(opened, close) + draw.integers(0, 2_000, count)
        low = np.minimum(opened, close) - draw.integers(0, 2_000, count)
        start = BEGIN + np.arange(count, dtype=np.int64) * MINUTE
        columns = (opened, high, low, close, np.full(count, 1_000_000.0))
        self.minutes = BarArrays(start, *(column.astype(np.float64) for column in columns))
        self.asked: list[tuple[Timeframe, Nanos]] = []

    @property
    def end(self) -> Nanos:
        """When the last bar is over."""
        return Nanos(BEGIN + HOURS * HOUR)

    async def __call__(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        assert symbol == PAIR.symbol
        self.asked.append((timeframe, end))
        if timeframe is Timeframe.S1:
            return empty()
        bars = resample(self.minutes, timeframe)
        last = int(np.searchsorted(bars.start, end - timeframe.nanos, side="right"))
        return part(bars, max(0, last - count), last)


def past_of(bars: PastBars, tmp_path: Path) -> Past:
    """Return what a replay takes from the program around it."""
    return Past(bars, Settings, Indicators(Bus(), tmp_path, lambda *_: cast("object", None)))  # type: ignore[arg-type]


async def replay(
    bars: PastBars, tmp_path: Path, *, timeframe: Timeframe = Timeframe.H1, hours: float = 3
) -> ReplaySession:
    """Open a replay that begins some hours into the past."""
    return await open_replay(PAIR, timeframe, Nanos(BEGIN + int(hours * HOUR)), bars.end, past_of(bars, tmp_path))
