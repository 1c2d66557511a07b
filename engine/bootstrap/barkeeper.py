"""Keeping what was traded: closed bars go to the database, and come back laid over what the market says of its past."""

from __future__ import annotations

import asyncio
import logging

from engine.adapters.paper.feed import OfflineFeed
from engine.adapters.sql.bartable import BarTable, Kept, laid_over
from engine.bus import Bus
from engine.domain.market import Bar, Timeframe
from engine.domain.number import Lots, Nanos, Ticks
from engine.errors import StorageUnavailable
from engine.market.bars import resample
from engine.ports.feed import BarArrays
from engine.services.bars import BarClosed
from engine.services.offload import offload
from engine.services.task import TaskOwner

WAIT_S = 1.0
"""Bars that close together are written together."""

MOST = 20_000
"""Bars kept in memory while the database refuses: half a day of them; the oldest are let go."""

LONGER = tuple(each for each in Timeframe if each.seconds > Timeframe.M1.seconds)

log = logging.getLogger(__name__)


class BarKeeper:
    """Writes bars as they close (seconds are not kept), off the loop; `close` writes the last ones."""

    def __init__(self, bus: Bus, feed: OfflineFeed, table: BarTable) -> None:
        self._feed, self._table = feed, table
        self._waiting: list[Kept] = []
        self._writing: asyncio.Task[None] | None = None
        self._tasks = TaskOwner("bar keeper")
        self._subscription = bus.subscribe(BarClosed, self._on_closed)

    async def close(self) -> None:
        """Write what waits."""
        self._subscription.close()
        await self._tasks.join()
        await self._write()

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end`, those that were traded as they were traded.

        Raises:
            InvalidInput: no such pair.
        """
        bars = await self._feed.bars(symbol, timeframe, end=end, count=count)
        if timeframe is Timeframe.S1 or not len(bars):
            return bars
        first, last = Nanos(int(bars.start[0])), Nanos(int(bars.start[-1]))
        try:
            kept = await offload(self._table.read, symbol, timeframe, first, last)
        except StorageUnavailable as error:
            log.warning("bars without those that were kept: %s", error)
            return bars
        return laid_over(bars, kept)

    async def keep(self, traded: dict[str, list[Bar]]) -> None:
        """Keep minutes that were traded, before the market forgets them."""
        self._waiting += [Kept(Timeframe.M1, bar) for bars in traded.values() for bar in bars]
        await self._write()

    async def mend(self) -> None:
        """Make the longer bars whose interval ended while the market stood still of what was traded in them."""
        for pair in self._feed.pairs():
            for timeframe in LONGER:
                await self._mend(pair.symbol, timeframe)

    async def _mend(self, symbol: str, timeframe: Timeframe) -> None:
        last = await offload(self._table.last_start, symbol, Timeframe.M1)
        if last is None:
            return
        start = Nanos(last - last % timeframe.nanos)
        end = Nanos(start + timeframe.nanos)
        if end > self._feed.now or len(await offload(self._table.read, symbol, timeframe, start, start)):
            return
        minutes = await self.bars(symbol, Timeframe.M1, end=end, count=timeframe.seconds // Timeframe.M1.seconds)
        bar = _first(symbol, resample(minutes, timeframe))
        await offload(self._table.keep, [Kept(timeframe, bar)])

    def _on_closed(self, event: BarClosed) -> None:
        if event.timeframe is Timeframe.S1:
            return
        self._waiting.append(Kept(event.timeframe, event.bar))
        if self._writing is None or self._writing.done():
            self._writing = self._tasks.start(self._write_soon())

    async def _write_soon(self) -> None:
        await asyncio.sleep(WAIT_S)
        await self._write()

    async def _write(self) -> None:
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        try:
            await offload(self._table.keep, rows)
        except StorageUnavailable as error:
            log.warning("bars wait to be kept: %s", error, extra={"bars": len(rows)})
            self._waiting = [*rows, *self._waiting][-MOST:]


def _first(symbol: str, bars: BarArrays) -> Bar:
    opened, high, low, close = (Ticks(int(each[0])) for each in (bars.open, bars.high, bars.low, bars.close))
    return Bar(symbol, Nanos(int(bars.start[0])), opened, high, low, close, Lots(int(bars.volume[0])), 0)
