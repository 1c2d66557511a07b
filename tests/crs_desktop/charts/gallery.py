"""An engine whose feed has a made history, with a chart before it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from crs_desktop.viewmodels.desk import Desk
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import Unavailable
from engine.ports.feed import BarArrays
from tests.crs_desktop.trading_floor import START, Floor

LEVEL = 6_425_000
"""Where the history ends, in ticks."""


def walk(count: int, step: int, *, end: int = START, level: float = LEVEL, seed: int = 3) -> BarArrays:
    """Return `count` bars that end at the boundary before `end`, near `level`."""
    rng = np.random.default_rng(seed)
    moves = np.round(rng.standard_normal(count) * level * 4e-4)
    close = level - np.concatenate((np.cumsum(moves[::-1])[::-1][1:], [0.0]))
    opened = close - moves
    high = np.maximum(opened, close) + np.round(rng.exponential(level * 2e-4, count))
    low = np.minimum(opened, close) - np.round(rng.exponential(level * 2e-4, count))
    starts = (end // step - count + np.arange(count)) * step
    return BarArrays(starts.astype(np.int64), opened, high, low, close, np.round(rng.lognormal(12, 0.7, count)))


def some(bars: BarArrays, keep: np.ndarray) -> BarArrays:
    """Return the bars that a mask or an index keeps."""
    columns = (bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return BarArrays(*(each[keep] for each in columns))


class Archive:
    """A feed's bars: a made history with holes, requests written down, failures on demand."""

    def __init__(self, count: int = 30_000, holes: Sequence[tuple[int, int]] = ()) -> None:
        self.count, self.holes = count, holes
        self.asked: list[tuple[str, Timeframe, int]] = []
        self.broken = ""
        self.gate: asyncio.Event | None = None

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        self.asked.append((symbol, timeframe, count))
        await asyncio.sleep(0)
        if self.gate is not None:
            await self.gate.wait()
        if self.broken:
            raise Unavailable(self.broken)
        every = walk(self.count, timeframe.nanos)
        known = every.start + timeframe.nanos <= end
        for since, until in self.holes:  # counted back from the newest bar
            known[self.count - since : self.count - until] = False
        return some(every, np.flatnonzero(known)[-count:])


async def settle() -> None:
    """Let everything that is under way on the loop finish."""
    for _ in range(12):
        await asyncio.sleep(0)


async def floor_with(archive: Archive) -> Floor:
    """Return an engine over a history, its book stocked round the last price."""
    floor = Floor(usdt=50_000)
    floor.feed.bars = archive.bars  # type: ignore[method-assign]
    floor.stock("BTC/USDT", middle=LEVEL)
    await floor.market_data.start()
    return floor


def close_floor(floor: Floor) -> None:
    """End the services' subscriptions."""
    services = (
        floor.bars,
        floor.prints,
        floor.market_data,
        floor.orders,
        floor.portfolio,
        floor.lots,
        floor.stories,
        floor.indicators,
    )
    for each in services:
        each.close()
    floor.hush()


def desk_of(floor: Floor) -> Desk:
    """Sit down before it."""
    return Desk(floor, symbol="BTC/USDT")
