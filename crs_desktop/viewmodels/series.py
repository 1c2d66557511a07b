"""A growing series of bars as numpy columns, with a pyramid for wide views.

A bar keeps its index for life: appending counts up, prepending older bars counts down below zero, so
what is on screen stays where it is. Missing intervals become slots without a price (open and close
NaN, low +inf, high -inf), at most `MAX_HOLE_SLOTS` each, remembered as `Hole`.

`columns` answers with candles of `size` bars (a power of two), each an exact reduction of the bars
under it, the live one included; its cost depends on the number of candles asked for, never on the
length of the series. Prices are ticks and volumes lots, as float64; instants are ns UTC.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.ports.feed import BarArrays

Floats = NDArray[np.float64]

FACTOR = 8
"""Children per group from one level of the pyramid to the next."""
LEVELS = 6
"""Level 0 holds the bars, level 5 groups of 32,768."""
ALIGN = FACTOR ** (LEVELS - 1)
"""Room is added in front in multiples of this, so that groups keep their members."""
FRONT_ROOM = 48 * ALIGN
"""Room for older bars, reserved at once by the first that come: copying a million bars would be felt.

The system hands out the pages only when bars are written to them.
"""
BACK_ROOM = 65_536
MAX_HOLE_SLOTS = 40
"""A longer hole is drawn this wide; its label tells the true interval."""
EMPTY = (np.nan, -np.inf, np.inf, np.nan, 0.0)
"""A slot without a price, in the order of `Row`."""


class Row(NamedTuple):
    """One bar: prices in ticks, volume in lots."""

    open: float
    high: float
    low: float
    close: float
    volume: float


class Hole(NamedTuple):
    """Slots `first` to `stop` (exclusive) have no data; nothing is known from `since` until `until`."""

    first: int
    stop: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Candles of `size` bars, the leftmost beginning at index `first` (which may precede the series)."""

    first: int
    size: int
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.open)

    def part(self, begin: int, end: int) -> Columns:
        """Return some of the candles, without copying."""
        return Columns(
            self.first + begin * self.size,
            self.size,
            self.open[begin:end],
            self.high[begin:end],
            self.low[begin:end],
            self.close[begin:end],
            self.volume[begin:end],
        )

    def extremes(self) -> tuple[float, float] | None:
        """Return the lowest low and highest high, None where there is no price."""
        if not len(self.low):
            return None
        low, high = float(self.low.min()), float(self.high.max())
        return (low, high) if low <= high else None

    def base(self) -> float:
        """Return the close of the leftmost candle that has a price, 0 where none has."""
        there = np.flatnonzero(self.low <= self.high)
        return float(self.close[there[0]]) if len(there) else 0.0


Level = tuple[Floats, Floats, Floats, Floats, Floats]


class BarSeries:
    """Bars of one pair and timeframe, `step` ns each; the oldest of the first that come gets the index `first`."""

    uneven = False
    """Whether bars may be any time apart."""

    def __init__(self, step: int, first: int = 0) -> None:
        self.step = step
        self.version = 0
        """Changes whenever closed bars do; the live bar alone does not touch it."""
        self.bars = 0
        """How many slots hold a real bar."""
        self._origin: int = -(-max(0, -first) // ALIGN) * ALIGN
        self._low: int = first + self._origin
        self._high: int = self._low
        self._starts: NDArray[np.int64] = np.empty(0, np.int64)
        self._levels: list[Level] = [_room(0) for _ in range(LEVELS)]
        self._clean = self._low
        self._holes: list[Hole] = []

    def __len__(self) -> int:
        return self._high - self._low

    @property
    def first(self) -> int:
        """Index of the oldest slot."""
        return self._low - self._origin

    @property
    def stop(self) -> int:
        """One past the index of the newest bar."""
        return self._high - self._origin

    def start(self, index: int) -> int:
        """Return the opening instant of a slot; beyond the ends, what it would be."""
        if not len(self):
            return 0
        inside = min(max(index, self.first), self.stop - 1)
        return int(self._starts[inside + self._origin]) + (index - inside) * self.step

    def row(self, index: int) -> Row | None:
        """Return a bar, None for a hole or outside the series."""
        if not self.first <= index < self.stop:
            return None
        values = Row(*(float(column[index + self._origin]) for column in self._levels[0]))
        return values if values.open == values.open else None

    def index_at(self, instant: int) -> int:
        """Return the slot whose interval holds the instant; extrapolated beyond the ends."""
        if not len(self):
            return 0
        if instant < self.start(self.first):
            return self.first + (instant - self.start(self.first)) // self.step
        last = self.stop - 1
        if instant >= self.start(last):
            return last + (instant - self.start(last)) // self.step
        found = np.searchsorted(self._starts[self._low : self._high], instant, side="right")
        return self.first + int(found) - 1

    def starts(self, first: int, stop: int) -> NDArray[np.int64]:
        """Return the opening instants of slots of the series, without copying."""
        return self._starts[first + self._origin : stop + self._origin]

    def holes(self, first: int, stop: int) -> list[Hole]:
        """Return the holes that reach into the slots from `first` to `stop`."""
        begin = bisect_left(self._holes, first, key=lambda hole: hole.stop)
        found = []
        for hole in self._holes[begin:]:
            if hole.first >= stop:
                break
            found.append(hole)
        return found

    def append(self, start: int, row: Row) -> None:
        """Add a newer bar, or replace the newest if it begins at the same instant."""
        if len(self) and start <= self.start(self.stop - 1):
            if start == self.start(self.stop - 1):
                self._put(self._high - 1, start, row)
            return
        if len(self):
            self._skip(start)
        self._reserve(0, 1)
        self._put(self._high, start, row)
        self._high += 1
        self.bars += 1
        self.version += 1

    def extend(self, bars: BarArrays) -> None:
        """Add many newer bars; what is not newer than the newest is left out."""
        if len(self) and len(bars):
            bars = _cut(bars, int(np.searchsorted(bars.start, self.start(self.stop - 1), side="right")), len(bars))
        if not len(bars):
            return
        if len(self):
            self._skip(int(bars.start[0]))
        starts, level, holes = _with_slots(bars, self.step)
        self._reserve(0, len(starts))
        self._holes += [hole._replace(first=hole.first + self.stop, stop=hole.stop + self.stop) for hole in holes]
        self._write(self._high, starts, level)
        self._high += len(starts)
        self.bars += len(bars)
        self.version += 1

    def prepend(self, bars: BarArrays) -> None:
        """Add older bars in front; what is not older than the oldest is left out."""
        if not len(self):
            self.extend(bars)
            return
        oldest = self.start(self.first)
        bars = _cut(bars, 0, int(np.searchsorted(bars.start, oldest)))
        if not len(bars):
            return
        starts, level, holes = _with_slots(bars, self.step, until=oldest)
        count = len(starts)
        self._reserve(count, 0)
        self._low -= count
        begin = self.first
        self._holes = [h._replace(first=h.first + begin, stop=h.stop + begin) for h in holes] + self._holes
        self._write(self._low, starts, level)
        self._rebuild(self._low, self._low + count)
        self.bars += len(bars)
        self.version += 1

    def between(self, first: int, stop: int) -> BarArrays:
        """Return the real bars of the slots from `first` to `stop`, without the empty slots between them."""
        low, high = max(first + self._origin, self._low), min(stop + self._origin, self._high)
        part = slice(low, max(high, low))
        there = ~np.isnan(self._levels[0][0][part])
        start, (opens, highs, lows, closes, volumes) = self._starts[part], (each[part] for each in self._levels[0])
        bars = BarArrays(start, opens, highs, lows, closes, volumes)
        return bars if there.all() else _kept(bars, there)

    def closes(self, first: int, stop: int) -> Floats:
        """Return the closes of the slots from `first` to `stop`, NaN in holes, without copying; not to be changed."""
        low, high = max(first + self._origin, self._low), min(stop + self._origin, self._high)
        return self._levels[0][3][low : max(high, low)]

    def rewrite(self, bars: BarArrays) -> None:
        """Give bars that are in the series other values."""
        if not len(bars):
            return
        place = self._low + np.searchsorted(self._starts[self._low : self._high], bars.start)
        columns: Level = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        for column, values in zip(self._levels[0], columns, strict=True):
            column[place] = values
        self._rebuild(int(place[0]), int(place[-1]) + 1)
        self.version += 1

    def columns(self, first: int, stop: int, size: int) -> Columns:
        """Return candles of `size` bars (a power of two) that cover the slots from `first` to `stop`."""
        level, below = 0, size
        while below >= FACTOR and level < LEVELS - 1:
            level, below = level + 1, below // FACTOR
        if level and self._clean < self._high:
            self._rebuild(max(self._clean, self._low), self._high)
            self._clean = self._high
        low, high = max(first + self._origin, self._low), min(stop + self._origin, self._high)
        begin = low // size
        end = max(begin, -(-high // size))
        values = self._reduced(level, below, begin, end)
        return Columns(begin * size - self._origin, size, *values)

    def _put(self, position: int, start: int, row: Row) -> None:
        self._starts[position] = start
        for column, value in zip(self._levels[0], row, strict=True):
            column[position] = value
        self._clean = min(self._clean, position)

    def _write(self, position: int, starts: NDArray[np.int64], level: Level) -> None:
        self._starts[position : position + len(starts)] = starts
        for column, values in zip(self._levels[0], level, strict=True):
            column[position : position + len(starts)] = values

    def _skip(self, start: int) -> None:
        """Leave a hole between the newest bar and one that begins at `start`."""
        since = self.start(self.stop - 1) + self.step
        missing = min((start - since) // self.step, MAX_HOLE_SLOTS)
        if missing <= 0:
            return
        self._reserve(0, missing)
        self._holes.append(Hole(self.stop, self.stop + missing, since, start))
        for number in range(missing):
            self._put(self._high, since + number * self.step, Row(*EMPTY))
            self._high += 1

    def _reserve(self, before: int, after: int) -> None:
        """Make room; at least doubles, so that growing stays cheap per bar."""
        capacity = len(self._starts)
        if self._low >= before and self._high + after <= capacity:
            return
        count = len(self)
        shift = 0
        if self._low < before:
            shift = -(-max(before - self._low, count, FRONT_ROOM) // ALIGN) * ALIGN
        room = max(capacity + shift, self._high + shift + after + max(count, BACK_ROOM))
        starts = np.empty(room, np.int64)
        starts[self._low + shift : self._high + shift] = self._starts[self._low : self._high]
        grown = []
        for number, level in enumerate(self._levels):
            width = FACTOR**number
            wider = _room(-(-room // width))
            low, high, by = self._low // width, -(-self._high // width), shift // width
            for new, old in zip(wider, level, strict=True):
                part = old[low:high]
                new[low + by : low + by + len(part)] = part
            grown.append(wider)
        self._starts, self._levels = starts, grown
        self._low, self._high, self._origin = self._low + shift, self._high + shift, self._origin + shift
        self._clean += shift

    def _rebuild(self, begin: int, end: int) -> None:
        """Bring the groups over positions `begin` to `end` up to date."""
        for number in range(1, LEVELS):
            width = FACTOR**number
            first, stop = begin // width, -(-end // width)
            for column, values in zip(
                self._levels[number], self._reduced(number - 1, FACTOR, first, stop), strict=True
            ):
                column[first:stop] = values

    def _reduced(self, level: int, size: int, begin: int, end: int) -> Level:
        """Reduce groups `begin` to `end` of `size` children from one level of the pyramid."""
        width = FACTOR**level
        low, high = self._low // width, -(-self._high // width)
        columns = [
            _padded(column, begin * size, end * size, low, high, fill).reshape(-1, size)
            for column, fill in zip(self._levels[level], EMPTY, strict=True)
        ]
        opens, highs, lows, closes, volumes = columns
        if size == 1:
            return opens[:, 0], highs[:, 0], lows[:, 0], closes[:, 0], volumes[:, 0]
        return _edge(opens), highs.max(axis=1), lows.min(axis=1), _edge(closes[:, ::-1]), volumes.sum(axis=1)


def _room(length: int) -> Level:
    return (np.empty(length), np.empty(length), np.empty(length), np.empty(length), np.empty(length))


def _cut(bars: BarArrays, begin: int, end: int) -> BarArrays:
    columns = (bars.start, bars.open, bars.high, bars.low, bars.close, bars.volume)
    start, *rest = (column[begin:end] for column in columns)
    return BarArrays(start, *rest)  # type: ignore[arg-type]


def _kept(bars: BarArrays, there: NDArray[np.bool_]) -> BarArrays:
    return BarArrays(
        bars.start[there], bars.open[there], bars.high[there], bars.low[there], bars.close[there], bars.volume[there]
    )


def _padded(column: Floats, begin: int, end: int, low: int, high: int, fill: float) -> Floats:
    """Return `column[begin:end]`, with `fill` where it is outside `low` to `high`."""
    if low <= begin and end <= high:
        return column[begin:end]
    padded = np.full(end - begin, fill)
    first, stop = max(begin, low), min(end, high)
    if first < stop:
        padded[first - begin : stop - begin] = column[first:stop]
    return padded


def _edge(block: Floats) -> Floats:
    """Return the first value of each row that is a number."""
    found = block[:, 0].copy()
    for number in range(1, block.shape[1]):
        missing = np.isnan(found)
        if not missing.any():
            break
        found[missing] = block[missing, number]
    return found


def _with_slots(bars: BarArrays, step: int, until: int | None = None) -> tuple[NDArray[np.int64], Level, list[Hole]]:
    """Lay bars out with slots for the holes between them (and before `until`); hole indices count from 0."""
    columns: Level = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    following = np.append(bars.start[1:], bars.start[-1] + step if until is None else until)
    missing = np.maximum((following - bars.start) // step - 1, 0)
    slots = np.minimum(missing, MAX_HOLE_SLOTS)
    if not slots.any():
        return bars.start, columns, []
    place = np.arange(len(bars)) + np.concatenate(([0], np.cumsum(slots[:-1])))
    length = len(bars) + int(slots.sum())
    starts = np.empty(length, np.int64)
    laid: Level = (
        np.full(length, EMPTY[0]),
        np.full(length, EMPTY[1]),
        np.full(length, EMPTY[2]),
        np.full(length, EMPTY[3]),
        np.full(length, EMPTY[4]),
    )
    starts[place] = bars.start
    for new, old in zip(laid, columns, strict=True):
        new[place] = old
    holes = []
    for number in np.flatnonzero(slots):
        first, count = int(place[number]) + 1, int(slots[number])
        since = int(bars.start[number]) + step
        starts[first : first + count] = since + np.arange(count) * step
        holes.append(Hole(first, first + count, since, int(following[number])))
    return starts, laid, holes
