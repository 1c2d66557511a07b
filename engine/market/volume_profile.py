"""Volume by price: what bars and prints traded in each row of prices, its point of control and value area.

Rows are `group` ticks high and begin at multiples of it. A bar's volume is spread evenly over every tick from its low
to its high, in whole lots of which none is lost; prints go to the very row they traded in. Prices are ticks, volumes
lots, as float64 of whole numbers, so that sums are exact up to 2**53.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.market.footprint import placed, poc_row
from engine.market.prints import PrintArrays
from engine.ports.feed import BarArrays

Floats = NDArray[np.float64]
VALUE_SHARE = 0.7
MOST_PAIRS = 200_000
"""Bars are spread in pieces of about so many pairs of bar and row, so that memory stays small."""


@dataclass(slots=True)
class Rows:
    """Volume in rows from number `first` on, apart for bars that rose (or did not move) and those that fell."""

    group: int
    first: int = 0
    up: Floats = field(default_factory=lambda: np.zeros(0))
    down: Floats = field(default_factory=lambda: np.zeros(0))
    exact: float = 0.0
    """How much of the volume stands where it was printed."""

    def __len__(self) -> int:
        return len(self.up)

    @property
    def volume(self) -> Floats:
        """Rising and falling together."""
        return self.up + self.down

    @property
    def total(self) -> float:
        """All of it."""
        return float(self.up.sum() + self.down.sum())

    def add(self, other: Rows) -> None:
        """Take in the volume of other rows of the same height."""
        if len(other):
            self._cover(other.first, other.first + len(other))
            begin = other.first - self.first
            self.up[begin : begin + len(other)] += other.up
            self.down[begin : begin + len(other)] += other.down
            self.exact += other.exact

    def put(self, row: NDArray[np.int64], lots: Floats, rising: NDArray[np.bool_]) -> None:
        """Add lots to rows by number."""
        if not len(row):
            return
        low = int(row.min())
        self._cover(low, int(row.max()) + 1)
        place = row - self.first
        self.up += np.bincount(place, np.where(rising, lots, 0.0), len(self))
        self.down += np.bincount(place, np.where(rising, 0.0, lots), len(self))

    def trimmed(self) -> Rows:
        """Return the same without empty rows at the ends."""
        there = np.flatnonzero(self.volume)
        if not len(there):
            return Rows(self.group)
        cut = slice(int(there[0]), int(there[-1]) + 1)
        return Rows(self.group, self.first + cut.start, self.up[cut], self.down[cut], self.exact)

    def _cover(self, first: int, stop: int) -> None:
        if not len(self):
            self.first, self.up, self.down = first, np.zeros(stop - first), np.zeros(stop - first)
            return
        before, after = max(self.first - first, 0), max(stop - self.first - len(self), 0)
        if before or after:
            self.up, self.down = (np.pad(each, (before, after)) for each in (self.up, self.down))
            self.first -= before


def spread(bars: BarArrays, group: int, into: Rows | None = None) -> Rows:
    """Return the bars' volume, each evenly over its range."""
    rows = into if into is not None else Rows(group)
    low = np.floor(bars.low).astype(np.int64)
    high = np.maximum(np.floor(bars.high).astype(np.int64), low)
    pairs = np.cumsum(high // group - low // group + 1)
    begin = 0
    while begin < len(bars):
        done = int(pairs[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(pairs, done + MOST_PAIRS, side="right")), begin + 1)
        cut = slice(begin, end)
        _spread(low[cut], high[cut], bars.volume[cut], bars.close[cut] >= bars.open[cut], rows)
        begin = end
    return rows


def _spread(
    low: NDArray[np.int64], high: NDArray[np.int64], volume: Floats, rising: NDArray[np.bool_], rows: Rows
) -> None:
    group = rows.group
    bottom = low // group
    spans = high // group - bottom + 1
    if spans.max() == 1:  # each bar in a row of its own
        rows.put(bottom, volume, rising)
        return
    ends = np.cumsum(spans)
    owner = np.repeat(np.arange(len(low)), spans)
    row = np.arange(int(ends[-1])) - np.repeat(ends - spans, spans) + bottom[owner]
    # what lies below the upper edge of each row, rounded to whole lots: the differences lose none
    ticks = np.minimum((row + 1) * group, high[owner] + 1) - low[owner]
    held = volume[owner]
    below = np.minimum(np.floor(held * (ticks / (high - low + 1)[owner]) + 0.5), held)
    below[ends - 1] = volume
    lots = np.diff(below, prepend=0.0)
    firsts = (ends - spans)[1:]
    lots[firsts] = below[firsts]
    rows.put(row, lots, rising[owner])


def profile_of(bars: BarArrays, step: int, group: int, prints: PrintArrays | None = None) -> Rows:
    """Return the volume of bars by price: from their prints where all of them are known, else evenly spread.

    A bar counts as known when its prints sum to its volume. The split is by the bar's direction in both cases.
    """
    rows = Rows(group)
    if prints is None or not len(prints) or not len(bars):
        return spread(bars, group, rows)
    number, inside = placed(prints, bars.start, step)
    known = np.bincount(number, inside.qty, len(bars)) == bars.volume
    there = known[number]
    lots = inside.qty[there].astype(np.float64)
    rows.put(inside.price[there] // group, lots, (bars.close >= bars.open)[number[there]])
    rows.exact = float(lots.sum())
    return spread(_kept(bars, ~known), group, rows)


def value_area(volume: Floats, share: float = VALUE_SHARE) -> tuple[int, int, int]:
    """Return the point of control and the first and last row of the value area.

    It grows from the point of control by the greater of the two rows next to it, by the upper if they are equal,
    until it holds `share` of the volume. The profile must have some.
    """
    poc = low = high = poc_row(volume)
    sizes = volume.tolist()
    held, wanted = sizes[poc], share * float(volume.sum())
    while held < wanted and (low > 0 or high < len(sizes) - 1):
        below = sizes[low - 1] if low > 0 else -1.0
        above = sizes[high + 1] if high < len(sizes) - 1 else -1.0
        if above >= below:
            high += 1
            held += above
        else:
            low -= 1
            held += below
    return poc, low, high


def round_group(ticks: float) -> int:
    """Return the least of 1, 2, 5, 10, 20, … that is at least `ticks`."""
    power = 1
    while True:
        for nice in (1, 2, 5):
            if nice * power >= ticks:
                return nice * power
        power *= 10


def _kept(bars: BarArrays, there: NDArray[np.bool_]) -> BarArrays:
    if there.all():
        return bars
    columns = (bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume)
    start, *rest = (each[there] for each in columns)
    return BarArrays(start, *rest)  # type: ignore[arg-type]
