"""A source of bars that asks another one only for what it does not hold yet, and keeps what it hears."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from engine.adapters.history.store import BarStore, check
from engine.domain.instrument import Instrument
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.market.barpage import Span, holes, merged_spans
from engine.market.bars import empty, joined
from engine.ports.exchange import BarSource
from engine.ports.feed import BarArrays
from engine.services.offload import offload

SETTLED = Nanos(10 * NANOS_PER_SECOND)
"""A bar is kept when it has been closed for so long: venues mend the newest one for a moment."""

ASK_AGAIN_S = 900.0
"""For so long it is remembered that a venue has nothing before some instant; then it is asked again."""

PAGES = 8
"""Pages of the source that one request asks for; what came of it is kept before the next."""

Progress = Callable[[int, int], None]
"""Told after each request: how many bars of the whole range are here, and how many there are."""


def kept_in(directory: Path) -> Callable[[BarSource], BarSource]:
    """Return what puts the bars that are kept in a directory before those of a venue."""
    store = BarStore(directory)
    return lambda source: KeptBars(source, store)


class _Meter:
    """How many bars of a range are here."""

    def __init__(self, told: Progress, total: int, lacking: int, length: int) -> None:
        self._told, self._total, self._lacking, self._length = told, total, lacking, length

    def came(self, span: Span) -> None:
        """Count what was asked for, and tell."""
        self._lacking -= (span[1] - span[0]) // self._length
        self._told(self._total - self._lacking, self._total)


def unheard(_have: int, _all: int) -> None:
    """Tell nobody."""


class KeptBars:
    """A `BarSource` over another and a store; several that want the same at a time wait for one request."""

    def __init__(self, source: BarSource, store: BarStore) -> None:
        self._source, self._store = source, store
        self._turns: dict[tuple[str, Timeframe], asyncio.Lock] = {}
        self._blank: dict[tuple[str, Timeframe], list[tuple[float, Span]]] = {}
        """Until when (monotonic, s) it is believed that the source has nothing in a span."""

    @property
    def venue(self) -> str:
        """The venue's name."""
        return self._source.venue

    @property
    def now(self) -> Nanos:
        """The venue's time."""
        return self._source.now

    @property
    def page(self) -> int:
        """How many bars one request brings at most."""
        return self._source.page

    def timeframes(self, instrument: Instrument) -> tuple[Timeframe, ...]:
        """Return the lengths that the source has by itself."""
        return self._source.timeframes(instrument)

    async def bars(self, instrument: Instrument, timeframe: Timeframe, *, start: Nanos, end: Nanos) -> BarArrays:
        """Return closed bars; see `BarSource.bars`."""
        return await self.fetch(instrument, timeframe, start=start, end=end)

    async def fetch(
        self, instrument: Instrument, timeframe: Timeframe, *, start: Nanos, end: Nanos, told: Progress = unheard
    ) -> BarArrays:
        """Return closed bars, newest holes filled first, telling how far it is; what came is kept if it is cancelled.

        Raises:
            InvalidInput: the source does not have the timeframe, or sends bars that cannot be.
            VenueUnavailable: it could not be asked; what came before is kept.
            StorageUnavailable: the disk refuses.
        """
        length = timeframe.nanos
        first, until = Nanos(start + -start % length), Nanos(min(end, self.now) // length * length)
        if first >= until:
            first = until
        pair, settled = instrument.pair, Nanos(max(first, (self.now - SETTLED) // length * length))
        async with self._turns.setdefault((pair.symbol, timeframe), asyncio.Lock()):
            kept = await offload(self._store.read, self.venue, pair, timeframe, first, Nanos(min(until, settled)))
            left = self._askable(pair.symbol, timeframe, kept.holes)
            meter = _Meter(told, (until - first) // length, sum(b - a for a, b in left) // length, length)
            for hole in reversed(left):
                await self._fill(instrument, timeframe, hole, first, meter)
            if left:
                kept = await offload(self._store.read, self.venue, pair, timeframe, first, Nanos(min(until, settled)))
        if settled >= until:
            return kept.bars
        newest = await self._source.bars(instrument, timeframe, start=settled, end=until)
        return joined(kept.bars, newest)

    async def _fill(
        self, instrument: Instrument, timeframe: Timeframe, hole: Span, wanted: Nanos, meter: _Meter
    ) -> None:
        """Ask for a hole, newest part first, and keep the answers.

        What is empty at the beginning of an answer is a gap of the venue if it has anything older, else it may only be
        out of its reach, and is asked for again some day.
        """
        blank: int | None = None
        """Up to where the oldest part that was asked for is empty."""
        for span in _pieces(hole, self._source.page * PAGES * timeframe.nanos):
            bars = await self._source.bars(instrument, timeframe, start=Nanos(span[0]), end=Nanos(span[1]))
            check(bars, timeframe, *span)
            meter.came(span)
            if not len(bars):
                blank = blank or span[1]
                continue
            begin = int(bars.start[0])
            await self._keep(instrument, timeframe, (begin, blank or span[1]), bars)
            blank = begin if begin > span[0] else None
        if blank is not None and hole[0] > wanted:
            await self._keep(instrument, timeframe, (hole[0], blank), empty())
        elif blank is not None:
            believed = self._blank.setdefault((instrument.symbol, timeframe), [])
            believed.append((time.monotonic() + ASK_AGAIN_S, (hole[0], blank)))

    async def _keep(self, instrument: Instrument, timeframe: Timeframe, span: Span, bars: BarArrays) -> None:
        first, until = Nanos(span[0]), Nanos(span[1])
        await offload(self._store.put, self.venue, instrument.pair, timeframe, first, until, bars)

    def _askable(self, symbol: str, timeframe: Timeframe, found: list[Span]) -> list[Span]:
        """Return holes without what the source said lately that it has not."""
        key, now = (symbol, timeframe), time.monotonic()
        self._blank[key] = [each for each in self._blank.get(key, []) if each[0] > now]
        blank = merged_spans(span for _, span in self._blank[key])
        return [rest for hole in found for rest in holes(blank, *hole)]


def _pieces(span: Span, longest: int) -> list[Span]:
    """Cut a span into stretches of at most `longest`, newest first."""
    first, until = span
    found: list[Span] = []
    while until > first:
        begin = max(first, until - longest)
        found.append((begin, until))
        until = begin
    return found
