"""The way that a price is taken to have gone inside one bar of which only open, high, low and close are known.

The nearer extreme comes first: open, low, high, close if the low is nearer to the open, or as near as the high; else
open, high, low, close. Between two of these points the price passes every tick. A path knows its own bar only.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.domain.number import Nanos
from engine.ports.feed import BarArrays

POINTS = 4
"""Open, one extreme, the other, close."""


class PathBar(NamedTuple):
    """One bar to be walked through: prices in ticks, volume in lots."""

    start: Nanos
    open: int
    high: int
    low: int
    close: int
    volume: int

    @property
    def path(self) -> tuple[int, int, int, int]:
        """The prices that are passed, in order."""
        low_first = self.open - self.low <= self.high - self.open
        return (self.open, *((self.low, self.high) if low_first else (self.high, self.low)), self.close)

    @property
    def shares(self) -> tuple[int, int, int, int]:
        """What trades at each point of the path; together the bar's volume, the odd lots at the open."""
        share = self.volume // POINTS
        return (self.volume - (POINTS - 1) * share, share, share, share)


def path_bars(bars: BarArrays) -> list[PathBar]:
    """Return the rows of a table of bars."""
    columns = (bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [PathBar(Nanos(start), *(round(each) for each in rest)) for start, *rest in rows]
