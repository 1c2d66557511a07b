"""Bars of a venue: which lengths it has and how many at once, and columns made of what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import Garbled, InvalidInput
from engine.ports.feed import BarArrays

Candle = tuple[int, float, float, float, float, float]
"""Start (ns), open, high, low, close, volume in base: numbers, for bars are for charts."""


@dataclass(frozen=True, slots=True)
class BarSupply:
    """What a venue has of bars."""

    words: Mapping[Timeframe, str]
    """Its own word for each length that it has."""
    page: int
    """Bars that one request brings at most."""
    reach: int | None = None
    """Newest bars that it keeps; None for all."""

    def timeframes(self) -> tuple[Timeframe, ...]:
        """Return the lengths that it has by itself, shortest first."""
        return tuple(sorted(self.words, key=lambda each: each.seconds))

    def word(self, timeframe: Timeframe) -> str:
        """Return its word for a length.

        Raises:
            InvalidInput: it has no bars of that length.
        """
        word = self.words.get(timeframe)
        if word is None:
            raise InvalidInput(f"The venue has no bars of {timeframe}; it has {', '.join(self.timeframes())}.")
        return word

    def built_from(self, timeframe: Timeframe) -> Timeframe | None:
        """Return the longest length of its own of which others can be built; None if only prints are shorter."""
        fits = [each for each in self.timeframes() if timeframe.seconds % each.seconds == 0]
        return fits[-1] if fits else None


def last_start(start: Nanos, end: Nanos, timeframe: Timeframe) -> Nanos:
    """Return when the last bar opens that closes at `end` or before; requests name it as their end.

    Raises:
        InvalidInput: not one bar is in between.
    """
    last = Nanos((end - timeframe.nanos) // timeframe.nanos * timeframe.nanos)
    if last < start:
        raise InvalidInput("A request for bars must span at least one.")
    return last


def columns(
    candles: Sequence[Candle], pair: TradingPair, timeframe: Timeframe, *, start: Nanos, end: Nanos, now: Nanos
) -> BarArrays:
    """Return the closed bars that open at `start` or later and close at `end` or before, oldest first.

    Prices are whole ticks and volumes whole lots of the pair as it is today; one from before a change of the grid is
    the nearest. The bar that is open at `now` is left out, as is one that comes twice.

    Raises:
        Garbled: a number is missing or not positive, or a bar begins between two intervals.
    """
    rows = np.array(candles, dtype=np.float64).reshape(-1, 6)[:, 1:]
    starts = np.fromiter((candle[0] for candle in candles), np.int64, len(candles))
    starts, first = np.unique(starts, return_index=True)
    rows = rows[first]
    if (starts % timeframe.nanos).any():
        raise Garbled(f"A bar of {timeframe} begins between two intervals.")
    if not np.isfinite(rows).all() or (rows[:, :4] <= 0).any() or (rows[:, 4] < 0).any():
        raise Garbled("A bar has a price or volume that is none.")
    within = (starts >= start) & (starts <= min(end, now) - timeframe.nanos)
    tick, lot = float(pair.tick), float(pair.lot)
    prices = np.ascontiguousarray(np.rint(rows[within, :4] / tick).T)
    volume = np.rint(rows[within, 4] / lot)
    return BarArrays(starts[within], prices[0], prices[1], prices[2], prices[3], volume)
