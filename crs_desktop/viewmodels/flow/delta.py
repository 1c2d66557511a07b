"""Cumulative delta of a series: what takers bought less what they sold, added up from bar to bar.

Where all prints of a bar are known its delta is exact, and so is its way within the bar. Elsewhere it is estimated: the
bar's volume, counted as bought if it closed above its open, as sold if below, as neither if at it. Both are kept apart.
The sum begins at 0 each day (UTC), or where the chart first began. Lots, as float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crs_desktop.viewmodels.flow.slots import Slots
from crs_desktop.viewmodels.flow.sums import Logs
from crs_desktop.viewmodels.series import BarSeries
from crs_desktop.viewmodels.value_column import ValueColumn
from engine.domain.number import NANOS_PER_SECOND
from engine.market.footprint import flow_of
from engine.market.prints import PrintLog

Floats = NDArray[np.float64]
DAY = 86_400 * NANOS_PER_SECOND
PIECE = 32_768
"""Bars that one `sync` looks at in front of those it knows: a few milliseconds of work."""


class DeltaRow(NamedTuple):
    """One bar: cumulative delta as it began, at its greatest, least and end; its own delta."""

    open: float
    high: float
    low: float
    close: float
    delta: float
    exact: bool


class DeltaColumns(NamedTuple):
    """Neighbouring slots from index `first` on, NaN in holes; `exact` says which are no estimate."""

    first: int
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    exact: NDArray[np.bool_]


class CumulativeDelta:
    """Follows a series; `sync` after it may have changed, until nothing is `pending`."""

    def __init__(self, series: Callable[[], BarSeries], log: Logs, *, daily: bool) -> None:
        self._series, self._log, self._daily = series, log, daily
        self.exact, self.estimated = ValueColumn(), ValueColumn()
        """Cumulative delta at each bar's end; the estimate also where it meets an exact stretch, so lines join."""
        self.pending = False
        """Whether there are older bars that were not looked at yet."""
        self._of: tuple[BarSeries, PrintLog] | None = None
        self._slots = Slots(0)

    @property
    def since(self) -> int:
        """The instant from which on prints are known, ns UTC."""
        return self._log().since

    def row(self, index: int) -> DeltaRow | None:
        """Return a bar, None in a hole and outside the series."""
        slots = self._slots
        if not slots.first <= index < slots.stop:
            return None
        at = slots.part(index, index + 1).start
        if slots.gap[at]:
            return None
        base = float(slots.base[at])
        delta, most, least = slots.bars[at].tolist()
        return DeltaRow(base, base + most, base + least, base + delta, delta, bool(slots.known[at]))

    def columns(self, first: int, stop: int) -> DeltaColumns:
        """Return the slots from `first` to `stop`, as far as there are any."""
        slots = self._slots
        first = max(first, slots.first)
        part = slots.part(first, max(min(stop, slots.stop), first))
        base = np.where(slots.gap[part], np.nan, slots.base[part])
        delta, most, least = slots.bars[part].T
        return DeltaColumns(first, base, base + most, base + least, base + delta, slots.known[part])

    def sync(self) -> None:
        """Take over what is new: the newest bars, and a piece of those in front that were not looked at."""
        series, log = self._series(), self._log()
        if self._of is None or self._of[0] is not series or self._of[1] is not log:
            self._of = (series, log)
            self._slots = Slots(0)
            self.exact, self.estimated = ValueColumn(), ValueColumn()
        self.pending = False
        if not len(series):
            return
        slots = self._slots
        if not len(slots):
            slots = self._slots = Slots(max(series.first, series.stop - PIECE))
            self._begin(series)
        elif series.first < slots.first:
            self._go_on(series, slots.stop - 1)
            self._go_back(series, max(series.first, slots.first - PIECE))
        else:
            self._go_on(series, slots.stop - 1)
        self.pending = series.first < slots.first

    def _begin(self, series: BarSeries) -> None:
        """Take the first piece; it ends at the newest bar."""
        slots = self._slots
        slots.reach(slots.first, series.stop)
        self._read(series, slots.first, series.stop)
        part = slots.part(slots.first, slots.stop)
        slots.base[part] = self._based(slots.first, slots.stop, 0.0)
        if not self._daily:  # 0 where the chart began: older bars count back from there
            slots.base[part] -= slots.base[slots.part(min(max(0, slots.first), slots.stop - 1), 0).start]
        exact, estimated = self._ends(slots.first, slots.stop)
        self.exact.replace(slots.first, exact)
        self.estimated.replace(slots.first, estimated)

    def _go_on(self, series: BarSeries, tail: int) -> None:
        """Look at the bar that was newest again, and at those after it."""
        slots = self._slots
        slots.reach(tail, series.stop)
        self._read(series, tail, slots.stop)
        carried = 0.0
        if tail > slots.first:
            before = slots.part(tail - 1, tail).start
            carried = float(slots.base[before] + slots.bars[before, 0])
        elif not self._daily:
            carried = float(slots.base[slots.part(tail, tail + 1).start])
        slots.base[slots.part(tail, slots.stop)] = self._based(tail, slots.stop, carried)
        for column, values in zip((self.exact, self.estimated), self._ends(tail, slots.stop), strict=True):
            column.put(tail, float(values[0]))
            if len(values) > 1:
                column.append(values[1:])

    def _go_back(self, series: BarSeries, first: int) -> None:
        """Take a piece in front of what is there; of that only the day that was cut changes."""
        slots, old = self._slots, self._slots.first
        slots.reach(first, slots.stop)
        self._read(series, first, old)
        part, at = slots.part(first, old), slots.part(old, old + 1).start
        changed = old + 1
        if self._daily:
            slots.base[part] = self._based(first, old, 0.0)
            end = float(slots.base[part.stop - 1] + slots.bars[part.stop - 1, 0])
            midnight = (slots.starts[at] // DAY + 1) * DAY
            same_day = slots.starts[part.stop - 1] // DAY == slots.starts[at] // DAY
            if same_day:
                changed = old + int(np.searchsorted(slots.starts[slots.part(old, slots.stop)], midnight))
                slots.base[slots.part(old, changed)] += end
        else:
            sums = np.cumsum(slots.bars[part, 0][::-1])[::-1]
            slots.base[part] = slots.base[at] - sums
        fresh, stale = self._ends(first, old), self._ends(old, changed)
        for column, front, again in zip((self.exact, self.estimated), fresh, stale, strict=True):
            column.prepend(front)
            column.rewrite(old, again)

    def _read(self, series: BarSeries, first: int, stop: int) -> None:
        """Work out the deltas of the slots from `first` to `stop`."""
        columns, starts = series.columns(first, stop, 1), series.starts(first, stop)
        log, end = self._log(), int(starts[-1]) + series.step
        gap = np.isnan(columns.close)
        signed = np.where(gap, 0.0, np.sign(np.where(gap, 0.0, columns.close - columns.open)) * columns.volume)
        bars = np.column_stack((signed, np.maximum(signed, 0.0), np.minimum(signed, 0.0)))
        known = np.zeros(len(starts), np.bool_)
        if end > log.since:
            flow = flow_of(log.between(max(log.since, int(starts[0])), end), starts, series.step)
            known = (flow.volume == columns.volume) & (starts >= log.since) & ~gap
            for column, values in enumerate((flow.delta, flow.most, flow.least)):
                bars[known, column] = values[known]
        slots = self._slots
        part = slots.part(first, stop)
        slots.starts[part], slots.bars[part], slots.known[part], slots.gap[part] = starts, bars, known, gap

    def _based(self, first: int, stop: int, carried: float) -> Floats:
        """Return what the sums of the slots from `first` to `stop` begin at, if the sum before them is `carried`."""
        slots = self._slots
        part = slots.part(first, stop)
        sums = carried + np.concatenate(([0.0], np.cumsum(slots.bars[part.start : part.stop - 1, 0])))
        if not self._daily:
            return sums
        day = slots.starts[part] // DAY
        before = slots.starts[part.start - 1] // DAY if first > slots.first else day[0] - 1
        fresh = np.concatenate(([day[0] != before], day[1:] != day[:-1]))
        opened = np.maximum.accumulate(np.where(fresh, np.arange(stop - first), -1))
        based: Floats = np.where(opened >= 0, sums - sums[np.maximum(opened, 0)], sums)
        return based

    def _ends(self, first: int, stop: int) -> tuple[Floats, Floats]:
        """Return exact and estimated sums at the ends of bars, NaN where they are the other."""
        slots = self._slots
        part = slots.part(first, stop)
        close, known, there = slots.base[part] + slots.bars[part, 0], slots.known[part], ~slots.gap[part]
        before = np.concatenate(([bool(slots.known[part.start - 1]) if first > slots.first else True], known[:-1]))
        exact: Floats = np.where(known & there, close, np.nan)
        estimated: Floats = np.where((~known | ~before) & there, close, np.nan)
        return exact, estimated
