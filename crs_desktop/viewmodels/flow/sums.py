"""Volume by price of any stretch of a series, from sums of blocks that are kept.

A block is `BLOCK` bars, a node of the next level `FACTOR` of those below. Whole nodes are added up once and kept;
what hangs over at both ends is added up each time, so a stretch of a million bars costs a few milliseconds to look
at again from elsewhere. The first time is done in pieces: `take` stops when its time is up and is asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from crs_desktop.viewmodels.series import BarSeries
from engine.market.prints import PrintLog
from engine.market.volume_profile import Rows, profile_of

BLOCK = 2_048
FACTOR = 16
LEVELS = 3
"""Nodes of 2,048, 32,768 and 524,288 bars."""
Logs = Callable[[], PrintLog]


class ProfileSums:
    """The sums of one series in rows of one height."""

    def __init__(self, series: BarSeries, group: int, log: Logs) -> None:
        self.series, self.group = series, group
        self._log = log
        self._nodes: dict[tuple[int, int], Rows] = {}
        self.made = 0
        """How many blocks were added up."""
        self._had = 0
        self._until = 0.0

    def take(self, first: int, stop: int, seconds: float) -> Rows | None:
        """Return the volume of the bars from `first` to `stop`, None if `seconds` were too short to add it up.

        What was done is kept, at least a block each time; ask again.
        """
        series = self.series
        first, stop = max(first, series.first), min(stop, series.stop)
        rows, at = Rows(self.group), first
        self._until, self._had = perf_counter() + seconds, self.made
        while at < stop:
            level = self._level(at, stop)
            if level is None:
                end = min(stop, (at // BLOCK + 1) * BLOCK)
                rows.add(self._plain(at, end))
                at = end
                continue
            size = BLOCK * FACTOR**level
            node = self._node(level, at // size)
            if node is None:
                return None
            rows.add(node)
            at += size
        return rows.trimmed()

    def _level(self, at: int, stop: int) -> int | None:
        """Return the greatest node that begins here and is closed, None if there is none."""
        end = min(stop, self.series.stop - 1)
        for level in range(LEVELS - 1, -1, -1):
            size = BLOCK * FACTOR**level
            if at % size == 0 and at + size <= end:
                return level
        return None

    def _node(self, level: int, number: int) -> Rows | None:
        found = self._nodes.get((level, number))
        if found is not None:
            return found
        if level == 0:
            if self.made > self._had and perf_counter() > self._until:
                return None
            found = self._plain(number * BLOCK, (number + 1) * BLOCK)
            self.made += 1
        else:
            found = Rows(self.group)
            for child in range(number * FACTOR, (number + 1) * FACTOR):
                part = self._node(level - 1, child)
                if part is None:
                    return None
                found.add(part)
        self._nodes[level, number] = found
        return found

    def _plain(self, first: int, stop: int) -> Rows:
        bars, step = self.series.between(first, stop), self.series.step
        if not len(bars):
            return Rows(self.group)
        log, end = self._log(), int(bars.start[-1]) + step
        prints = log.between(max(log.since, int(bars.start[0])), end) if end > log.since else None
        return profile_of(bars, step, self.group, prints)
