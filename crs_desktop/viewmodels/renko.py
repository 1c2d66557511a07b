"""Renko bricks of a series: equal steps of the close, a turn needs two.

Bricks lie on multiples of their height, so that they do not depend on where the history begins. The last brick covers
`[m, m + 1]` in bricks. A close at or above `m + 2` adds rising bricks, one at or below `m - 1` falling ones; between
them nothing happens. Each brick carries the instant of the bar whose close made it, and a share of the volume
since the brick before. The newest slot is the brick in progress: from the last edge to the newest close.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from crs_desktop.viewmodels.series import BarSeries, Level, Row
from engine.ports.feed import BarArrays

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PERIOD = 14
"""Bars of the average true range that gives a brick its height."""
BLOCK = 512
MOST_BRICKS = 2_000_000
"""A height that makes more of them is doubled until it does not."""


def brick_of(bars: BarArrays) -> float:
    """Return the average true range of the newest bars, in ticks: at least 1, a whole number."""
    if len(bars) < 2:
        return 1.0
    high, low, before = bars.high[1:], bars.low[1:], bars.close[:-1]
    ranges = np.maximum(high, before) - np.minimum(low, before)
    return float(max(1, round(float(ranges[-PERIOD:].mean()))))


def brick_levels(places: Floats, level: int) -> Ints:
    """Return the lower edge of the last brick after each close; `places` are closes in bricks, `level` the edge before.

    A close pulls the edge up to `floor - 1` and down to `ceil`. Such clamps put together are clamps again, so blocks
    are combined side by side instead of one close after the other.
    """
    lows, highs = np.floor(places).astype(np.int64) - 1, np.ceil(places).astype(np.int64)
    count = len(lows)
    rows = -(-count // BLOCK)
    padding = rows * BLOCK - count
    free = np.iinfo(np.int64)
    lows = np.concatenate((lows, np.full(padding, free.min))).reshape(rows, BLOCK).T.copy()
    highs = np.concatenate((highs, np.full(padding, free.max))).reshape(rows, BLOCK).T.copy()
    for i in range(1, BLOCK):  # row i becomes the clamp of all closes of its block up to it
        low, high = lows[i].copy(), highs[i].copy()
        np.minimum(np.maximum(lows[i - 1], low), high, out=lows[i])
        np.minimum(np.maximum(highs[i - 1], low), high, out=highs[i])
    levels = np.empty((BLOCK, rows), np.int64)
    for row in range(rows):
        levels[:, row] = np.minimum(np.maximum(level, lows[:, row]), highs[:, row])
        level = int(levels[-1, row])
    return levels.T.ravel()[:count]


@dataclass(slots=True)
class Wall:
    """Where the bricks stand: the last one's lower edge, whether it rose, the volume since."""

    level: int
    rising: bool = True
    volume: float = 0.0


def lay(bars: BarArrays, brick: float, wall: Wall) -> tuple[Ints, Level]:
    """Return instants and columns of the bricks that closes add to a wall; the wall is moved on."""
    levels = brick_levels(bars.close / brick, wall.level)
    before = np.concatenate(([wall.level], levels[:-1]))
    moves = levels - before
    counts = np.abs(moves)
    total = int(counts.sum())
    bar = np.repeat(np.arange(len(bars)), counts)
    nth = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    sign = np.sign(moves)[bar]
    lower = before[bar] + sign * (nth + 1)
    opened, closed = (lower + (sign < 0)) * brick, (lower + (sign > 0)) * brick
    volume = _shared(bars.volume, counts, wall)
    if len(levels):
        wall.level = int(levels[-1])
    if total:
        wall.rising = bool(sign[-1] > 0)
    return bars.start[bar], (opened, np.maximum(opened, closed), np.minimum(opened, closed), closed, volume)


def _shared(volumes: Floats, counts: Ints, wall: Wall) -> Floats:
    """Return each brick's share of the volume since the bar that made bricks before; the rest stays on the wall."""
    sums = np.cumsum(volumes) + wall.volume
    makers = np.flatnonzero(counts)
    if not len(makers):
        wall.volume = float(sums[-1]) if len(sums) else wall.volume
        return np.empty(0)
    wall.volume = float(sums[-1] - sums[makers[-1]])
    return np.repeat(np.diff(sums[makers], prepend=0.0) / counts[makers], counts[makers])


class BrickSeries(BarSeries):
    """Bricks in sequence: no holes however far apart in time they are; some share an instant."""

    uneven = True

    def lay(self, starts: Ints, level: Level) -> None:
        """Add bricks at the end."""
        self._reserve(0, len(starts) + 1)
        self._write(self._high, starts, level)
        self._clean = min(self._clean, self._high)
        self._high += len(starts)
        self.bars += len(starts)
        self.version += 1

    def stack(self, start: int, row: Row) -> None:
        """Put the brick in progress at the end."""
        self._reserve(0, 1)
        self._put(self._high, start, row)
        self._high += 1

    def drop(self, stop: int) -> None:
        """Take away the bricks from an index on."""
        position = max(stop + self._origin, self._low)
        self.bars -= self._high - position
        self._high = position
        self._clean = min(self._clean, position)


class Renko:
    """The bricks of a source; `sync` takes over what is new, `brick` is their height in ticks."""

    def __init__(self, source: BarSeries, brick: float = 0.0) -> None:
        self._source = source
        bars = source.between(source.first, source.stop)
        self.brick = brick or brick_of(bars)
        self.series = BrickSeries(source.step)
        self._wall = Wall(0)
        self._first: int | None = None
        self._closed = self._laid = self._ghosts = 0
        self.sync()

    def sync(self) -> None:
        """Bring the bricks up to date; the newest bar may have changed, older bars may have come in front."""
        source = self._source
        if not len(source):
            return
        if self._first is None or source.first < self._first:
            self._build(source)
        newest = source.stop - 1
        closed, live = source.between(self._closed, newest), source.between(newest, source.stop)
        if len(closed):
            self.series.drop(self._laid)
            self.series.lay(*lay(closed, self.brick, self._wall))
            self._laid = self.series.stop
        self._closed = newest
        self._forming(live)

    def _build(self, source: BarSeries) -> None:
        """Begin anew; the newest brick keeps about its index."""
        newest = source.stop - 1
        bars = source.between(source.first, source.stop)
        while float(np.abs(np.diff(bars.close)).sum()) / self.brick > MOST_BRICKS:
            self.brick *= 2
        self._wall = Wall(floor(bars.close[0] / self.brick))
        starts, level = lay(source.between(source.first, newest), self.brick, self._wall)
        stop = self._laid if self._first is not None else len(starts)
        self.series = BrickSeries(source.step, stop - len(starts))
        self.series.lay(starts, level)
        self._first, self._closed, self._laid, self._ghosts = source.first, newest, stop, 0

    def _forming(self, live: BarArrays) -> None:
        """Lay what the newest bar would, and the brick in progress."""
        if not len(live):
            return
        series, brick = self.series, self.brick
        wall = Wall(self._wall.level, self._wall.rising, self._wall.volume)
        starts, level = lay(live, brick, wall)
        series.drop(self._laid)
        if len(starts):
            series.lay(starts, level)
        if len(starts) != self._ghosts:
            self._ghosts = len(starts)
            series.version += 1
        close, low, high = float(live.close[-1]), wall.level * brick, (wall.level + 1) * brick
        edge = low if close < low or (not wall.rising and close <= high) else high
        row = Row(edge, max(edge, close), min(edge, close), close, wall.volume)
        series.stack(int(live.start[-1]), row)
