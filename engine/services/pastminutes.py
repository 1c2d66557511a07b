"""What was traded since an instant, in the finest closed bars that a feed has: minutes, and quarters of an hour before.

Some venues keep half a day of minutes only; a day's bar that is still forming began before those.
"""

from __future__ import annotations

import numpy as np

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.market.bars import joined, part
from engine.ports.feed import BarArrays, MarketFeed

QUARTER = Timeframe.M15


async def minutes_since(feed: MarketFeed, symbol: str, start: Nanos, end: Nanos) -> BarArrays:
    """Return closed bars that open at `start` or later and close at `end`, a whole minute, or before; oldest first.

    Raises:
        VenueUnavailable, InvalidInput: as `MarketFeed.bars`.
    """
    wanted = (end - start) // Timeframe.M1.nanos
    minutes = _from(await feed.bars(symbol, Timeframe.M1, end=end, count=wanted), start)
    first = int(minutes.start[0]) if len(minutes) else end
    cut = first + -first % QUARTER.nanos
    quarters = (min(cut, end) - start) // QUARTER.nanos
    if first <= start or quarters <= 0 or cut > end:
        return minutes
    older = _from(await feed.bars(symbol, QUARTER, end=Nanos(cut), count=quarters), start)
    return joined(older, _from(minutes, cut)) if len(older) else minutes


def _from(bars: BarArrays, start: int) -> BarArrays:
    return part(bars, int(np.searchsorted(bars.start, start)), len(bars))
