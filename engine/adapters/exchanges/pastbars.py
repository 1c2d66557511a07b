"""Closed bars of a venue's past: paged through its REST, and longer ones built where it has none of that length."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.adapters.exchanges.net.rest import VenueRest
from engine.adapters.exchanges.publicapi import PublicApi
from engine.domain.instrument import Instrument
from engine.domain.market import Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.errors import InvalidInput
from engine.market.bars import BarBuilder, empty, fill, from_bars, joined, part, resample
from engine.ports.exchange import BarSource
from engine.ports.feed import BarArrays
from engine.services.offload import offload

SECONDS_KEPT = 3_600
"""Bars of a second that are kept of prints, where the venue has none."""
TRIES = 4
"""How often an earlier range is asked for because intervals without a trade have no bar."""


class VenueBars:
    """A `BarSource` over a venue's REST."""

    def __init__(self, venue: str, rest: VenueRest, api: PublicApi, now: Callable[[], Nanos]) -> None:
        self.venue, self.page = venue, api.page
        self._rest, self._api, self._now = rest, api, now

    def timeframes(self, instrument: Instrument) -> tuple[Timeframe, ...]:
        """Return the lengths that the venue has, shortest first."""
        return self._api.timeframes

    async def bars(self, instrument: Instrument, timeframe: Timeframe, *, start: Nanos, end: Nanos) -> BarArrays:
        """Return the closed bars of a range, oldest first; see `BarSource.bars`."""
        if timeframe not in self._api.timeframes:
            raise InvalidInput(f"{self.venue} has no bars of {timeframe.value} of {instrument.symbol}.")
        length = timeframe.nanos
        end = Nanos(min(end, self._now()))
        first, last = -(-start // length) * length, end - end % length
        found = empty()
        for at in range(first, last, self.page * length):
            until = min(last, at + self.page * length)
            ask = self._api.bars(instrument, timeframe, Nanos(at), Nanos(until))
            answer = await self._rest.get(ask.path, ask.query, weight=ask.weight)
            page = await offload(self._api.read_bars, instrument, timeframe, answer)
            found = joined(found, _within(page, at, until - length))
        return found


async def last_bars(
    source: BarSource, instrument: Instrument, timeframe: Timeframe, *, end: Nanos, count: int
) -> BarArrays:
    """Return up to `count` closed bars before `end`, built of shorter ones where the source has none of that length.

    Where intervals without a trade have no bar, earlier ones are asked for until there are enough, or no more.

    Raises:
        InvalidInput: the source has no bars to build them of.
        VenueUnavailable: as `BarSource.bars`.
    """
    native = [each for each in source.timeframes(instrument) if timeframe.nanos % each.nanos == 0]
    if not native:
        raise InvalidInput(f"{source.venue} has no bars of {timeframe.value} of {instrument.symbol}.")
    of = max(native, key=lambda each: each.seconds)
    last, wanted, found = end - end % timeframe.nanos, count, empty()
    for _ in range(TRIES):
        start = max(0, last - wanted * timeframe.nanos)
        bars = await source.bars(instrument, of, start=Nanos(start), end=Nanos(last))
        if not len(bars):
            break
        found = joined(bars if of is timeframe else resample(bars, timeframe), found)
        missing = count - len(found)
        if missing <= 0 or start == 0:
            break
        last, wanted = start, max(missing, source.page if of is timeframe else missing)
    return part(found, max(0, len(found) - count), len(found))


class SecondBars:
    """Bars of a second out of the prints that were seen, for venues that have none."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._builder = BarBuilder(symbol, Timeframe.S1)

    def add(self, ticks: Sequence[TradeTick]) -> None:
        """Take prints in, in order of time."""
        builder = self._builder
        for tick in ticks:
            builder.add(tick)
        if len(builder.closed) > 2 * SECONDS_KEPT:
            del builder.closed[:-SECONDS_KEPT]

    def restart(self) -> None:
        """Forget everything: prints are missing between it and what comes."""
        self._builder = BarBuilder(self._symbol, Timeframe.S1)

    def last(self, end: Nanos, count: int, now: Nanos) -> BarArrays:
        """Return up to `count` closed bars before `end`, flat ones where nothing traded."""
        length = Timeframe.S1.nanos
        stop = Nanos(min(end, now) - min(end, now) % length)
        forming = self._builder.forming
        seen = self._builder.closed if forming is None else (*self._builder.closed, forming)
        bars = from_bars(seen)
        bars = part(bars, 0, int(np.searchsorted(bars.start, stop)))
        if not len(bars):
            return bars
        whole = fill(bars, Timeframe.S1, Nanos(int(bars.start[0])), stop)
        return part(whole, max(0, len(whole) - count), len(whole))


def _within(bars: BarArrays, first: int, last: int) -> BarArrays:
    """Return the bars that open from `first` to `last`."""
    return part(bars, int(np.searchsorted(bars.start, first)), int(np.searchsorted(bars.start, last, side="right")))
