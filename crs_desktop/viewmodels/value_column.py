"""A column of numbers beside a series of bars, with a pyramid of least and greatest values for wide views.

Value `i` belongs to the bar of index `i`; NaN says that there is none. The column grows at both ends and its newest
value may change. `strip` reduces exactly; its cost depends on how much is asked for, never on the column's length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FACTOR = 8
LEVELS = 6
ALIGN = FACTOR ** (LEVELS - 1)
"""Room is added in front in multiples of this, so that groups keep their members and lie on multiples of their size."""
BACK_ROOM = 4_096
FRONT_ROOM = 48 * ALIGN
"""Room for older values, reserved at once by the first that come; the system hands out its pages when written to."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Groups of `size` values, the leftmost begins at index `first`: the least and greatest of each, NaN for none."""

    first: int
    size: int
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.low)

    def part(self, begin: int, end: int) -> Strip:
        """Return some of the groups, without copying."""
        return Strip(self.first + begin * self.size, self.size, self.low[begin:end], self.high[begin:end])

    def extremes(self) -> tuple[float, float] | None:
        """Return the least and the greatest value, None if there is none."""
        low = np.fmin.reduce(self.low, initial=np.inf)
        high = np.fmax.reduce(self.high, initial=-np.inf)
        return (float(low), float(high)) if low <= high else None


class ValueColumn:
    """A growing column of values."""

    def __init__(self) -> None:
        self.version = 0
        """Changes whenever values other than the newest do."""
        self._origin = self._low = self._high = self._clean = 0
        self._levels: list[tuple[Floats, Floats]] = [_room(0) for _ in range(LEVELS)]

    def __len__(self) -> int:
        return self._high - self._low

    @property
    def first(self) -> int:
        """Index of the oldest value."""
        return self._low - self._origin

    @property
    def stop(self) -> int:
        """One past the index of the newest value."""
        return self._high - self._origin

    def at(self, index: int) -> float:
        """Return a value, NaN outside the column."""
        if not self.first <= index < self.stop:
            return float("nan")
        return float(self._levels[0][0][index + self._origin])

    def values(self) -> Floats:
        """Return all values, oldest first, without copying; not to be changed."""
        return self._levels[0][0][self._low : self._high]

    def replace(self, first: int, values: Floats) -> None:
        """Begin anew with values of which the oldest has index `first`."""
        self._levels = [_room(0) for _ in range(LEVELS)]
        self._origin = -(-max(0, -first) // ALIGN) * ALIGN
        self._low = self._high = self._clean = first + self._origin
        self._reserve(len(values))
        self._write(self._low, values)
        self._high = self._low + len(values)
        self._rebuild(self._low, self._high)
        self._clean = self._high
        self.version += 1

    def append(self, values: Floats | float) -> None:
        """Add newer values."""
        more = np.atleast_1d(np.asarray(values, np.float64))
        self._reserve(len(more))
        self._write(self._high, more)
        self._high += len(more)
        self.version += 1

    def prepend(self, values: Floats) -> None:
        """Add older values in front; those that are there are not touched."""
        count = len(values)
        if self._low < count:
            self._reserve_front(count - self._low)
        self._low -= count
        self._levels[0][0][self._low : self._low + count] = values
        self._rebuild(self._low, self._low + count)
        self.version += 1

    def rewrite(self, index: int, values: Floats) -> None:
        """Give neighbouring values from an index on, all of them in the column, anew."""
        position = index + self._origin
        self._levels[0][0][position : position + len(values)] = values
        self._rebuild(position, position + len(values))
        self.version += 1

    def put(self, index: int, value: float) -> None:
        """Set the value of an index inside the column, or append if it is the next; between them come NaN."""
        if index >= self.stop:
            if index > self.stop:
                self.append(np.full(index - self.stop, np.nan))
            self.append(value)
            return
        if index < self.first:
            raise IndexError(index)
        position = index + self._origin
        self._levels[0][0][position] = value
        self._clean = min(self._clean, position)
        if index != self.stop - 1:
            self.version += 1

    def strip(self, first: int, stop: int, size: int) -> Strip:
        """Return groups of `size` (a power of two) values that cover the indices from `first` to `stop`."""
        level, below = 0, size
        while below >= FACTOR and level < LEVELS - 1:
            level, below = level + 1, below // FACTOR
        if level and self._clean < self._high:
            self._rebuild(self._clean, self._high)
            self._clean = self._high
        low, high = max(first + self._origin, self._low), min(stop + self._origin, self._high)
        begin = low // size
        end = max(begin, -(-high // size))
        return Strip(begin * size - self._origin, size, *self._reduced(level, below, begin, end))

    def _write(self, position: int, values: Floats) -> None:
        self._levels[0][0][position : position + len(values)] = values
        self._clean = min(self._clean, position)

    def _reserve(self, after: int) -> None:
        capacity = len(self._levels[0][0])
        if self._high + after <= capacity:
            return
        room = self._high + after + max(len(self), BACK_ROOM)
        grown = []
        for number, (low, high) in enumerate(self._levels):
            wider = _room(-(-room // FACTOR**number), same=number == 0)
            wider[0][: len(low)] = low
            wider[1][: len(high)] = high
            grown.append(wider)
        self._levels = grown

    def _reserve_front(self, before: int) -> None:
        shift = -(-max(before, len(self), FRONT_ROOM) // ALIGN) * ALIGN
        room = len(self._levels[0][0]) + shift
        grown = []
        for number, (low, high) in enumerate(self._levels):
            width = FACTOR**number
            wider = _room(-(-room // width), same=number == 0)
            by = shift // width
            wider[0][by : by + len(low)] = low
            wider[1][by : by + len(high)] = high
            grown.append(wider)
        self._levels = grown
        self._low, self._high = self._low + shift, self._high + shift
        self._origin, self._clean = self._origin + shift, self._clean + shift

    def _rebuild(self, begin: int, end: int) -> None:
        for number in range(1, LEVELS):
            width = FACTOR**number
            first, stop = begin // width, -(-end // width)
            low, high = self._reduced(number - 1, FACTOR, first, stop)
            self._levels[number][0][first:stop] = low
            self._levels[number][1][first:stop] = high

    def _reduced(self, level: int, size: int, begin: int, end: int) -> tuple[Floats, Floats]:
        width = FACTOR**level
        ends = self._low // width, -(-self._high // width)
        lows, highs = (_padded(each, begin * size, end * size, *ends) for each in self._levels[level])
        if size == 1:
            return lows, highs
        return _folded(lows, size, np.fmin), _folded(highs, size, np.fmax)


def strip_of(values: Floats, origin: int, first: int, stop: int, size: int) -> Strip:
    """Return what `ValueColumn.strip` would for plain values, the oldest at `origin`; cost grows with the view."""
    column = ValueColumn()
    low, high = min(max(first - first % size, origin), origin + len(values)), min(stop + size, origin + len(values))
    column.replace(low, values[low - origin : max(high, low) - origin])
    return column.strip(first, stop, size)


def _room(length: int, *, same: bool = True) -> tuple[Floats, Floats]:
    """Return two columns; one and the same on the ground, where least and greatest are the value itself."""
    low = np.empty(length)
    return low, low if same else np.empty(length)


def _folded(values: Floats, size: int, fold: np.ufunc) -> Floats:
    """Reduce every `size` (a power of two) neighbours by halves: quicker than a reduction along a short axis."""
    while size > 1:
        values, size = fold(values[::2], values[1::2]), size // 2
    return values


def _padded(column: Floats, begin: int, end: int, low: int, high: int) -> Floats:
    if low <= begin and end <= high:
        return column[begin:end]
    padded = np.full(end - begin, np.nan)
    first, stop = max(begin, low), min(end, high)
    if first < stop:
        padded[first - begin : stop - begin] = column[first:stop]
    return padded
