"""Closed bars of a venue's past: paged through its REST, and longer ones built where it has none of that length."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import numpy as np

from engine.adapters.exchanges.dialect.rest import RestDialect
from engine.adapters.exchanges.net.rest import VenueRest
from engine.domain.instrument import Instrument
from engine.domain.market import Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.errors import Garbled, InvalidInput, VenueUnavailable
from engine.market.bars import BarBuilder, empty, fill, from_bars, joined, part, resample
from engine.ports.exchange import BarSource
from engine.ports.feed import BarArrays
from engine.services.offload import offload

SECONDS_KEPT = 3_600
"""Bars of a second that are kept of prints, where the venue has none."""
TRIES = 4
"""How often an earlier range is asked for because intervals without a trade have no bar."""

PAUSES_S = (2.0, 5.0)
"""Before bars are asked for again that the venue's own answer refused for now."""

log = logging.getLogger(__name__)


class VenueBars:
    """A `BarSource` over a venue's REST."""

    def __init__(self, rest: VenueRest, dialect: RestDialect, now: Callable[[], Nanos]) -> None:
        self.venue, self.page = dialect.venue, dialect.supply.page
        self._rest, self._dialect, self._now = rest, dialect, now

    @property
    def now(self) -> Nanos:
        """The venue's time."""
        return self._now()

    def timeframes(self, instrument: Instrument) -> tuple[Timeframe, ...]:
        """Return the lengths that the venue has, shortest first."""
        return self._dialect.supply.timeframes()

    async def bars(self, instrument: Instrument, timeframe: Timeframe, *, start: Nanos, end: Nanos) -> BarArrays:
        """Return the closed bars of a range, oldest first; see `BarSource.bars`."""
        supply, length, now = self._dialect.supply, timeframe.nanos, self._now()
        supply.word(timeframe)
        oldest = 0 if supply.reach is None else now - now % length - supply.reach * length
        first = -(-max(start, oldest) // length) * length
        last = min(end, now) - min(end, now) % length
        found = empty()
        for at in range(first, last, self.page * length):
            page = await self._page(instrument, timeframe, Nanos(at), Nanos(min(last, at + self.page * length)))
            found = joined(found, page)
        return found

    async def _page(self, instrument: Instrument, timeframe: Timeframe, start: Nanos, end: Nanos) -> BarArrays:
        """Ask for a page; again if the venue's answer is that it was asked too often (Kraken)."""
        for pause in PAUSES_S:
            try:
                return await self._once(instrument, timeframe, start, end)
            except _AskedTooOften as error:
                log.info("bars asked for again", extra={"venue": self.venue, "text": str(error)})
                await asyncio.sleep(pause)
        return await self._once(instrument, timeframe, start, end)

    async def _once(self, instrument: Instrument, timeframe: Timeframe, start: Nanos, end: Nanos) -> BarArrays:
        ask = self._dialect.ask_bars(instrument.native, timeframe, start, end)
        answer = await self._rest.get(ask.path, ask.query, weight=ask.weight)
        try:
            return await offload(
                self._dialect.hear_bars, answer, instrument.pair, timeframe, start=start, end=end, now=self._now()
            )
        except Garbled as error:
            raise VenueUnavailable(f"The bars of {instrument.symbol} cannot be read: {error}") from error
        except VenueUnavailable as error:
            raise _AskedTooOften(str(error), error.retry_after_s) from error


class _AskedTooOften(VenueUnavailable):
    """The answer itself says: not now."""


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
        first = max(int(bars.start[0]), stop - count * length)  # the oldest print may be of years ago
        return fill(bars, Timeframe.S1, Nanos(first), stop)
