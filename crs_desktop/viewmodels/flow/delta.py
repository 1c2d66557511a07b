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

from crs_desktop.viewmodels.flow.sums import Logs
from crs_desktop.viewmodels.series import BarSeries
from crs_desktop.viewmodels.value_column import ValueColumn
from engine.domain.number import NANOS_PER_SECOND
from engine.market.footprint import flow_of
from engine.market.prints import PrintLog

Floats = NDArray[np.float64]
DAY = 86_400 * NANOS_PER_SECOND


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
    """Follows a series; `sync` after it may have changed."""

    def __init__(self, series: Callable[[], BarSeries], log: Logs, *, daily: bool) -> None:
        self._series, self._log, self._daily = series, log, daily
        self.exact, self.estimated = ValueColumn(), ValueColumn()
        """Cumulative delta at each bar's end; the estimate also where it meets an exact stretch, so lines join."""
        self._of: tuple[BarSeries, PrintLog] | None = None
        self._first = 0
        self._starts = np.zeros(0, np.int64)
        self._bars = np.zeros((0, 3))
        """Of each slot: delta, most and least on the way."""
        self._known = np.zeros(0, np.bool_)
        self._gap = np.zeros(0, np.bool_)
        self._base = np.zeros(0)
        """What a bar's cumulative delta began at."""
        self._length = 0

    @property
    def since(self) -> int:
        """The instant from which on prints are known, ns UTC."""
        return self._log().since

    def row(self, index: int) -> DeltaRow | None:
        """Return a bar, None in a hole and outside the series."""
        at = index - self._first
        if not 0 <= at < self._length or self._gap[at]:
            return None
        base = float(self._base[at])
        delta, most, least = self._bars[at].tolist()
        return DeltaRow(base, base + most, base + least, base + delta, delta, bool(self._known[at]))

    def columns(self, first: int, stop: int) -> DeltaColumns:
        """Return the slots from `first` to `stop`, as far as there are any."""
        low, high = max(first - self._first, 0), min(stop - self._first, self._length)
        part = slice(low, max(high, low))
        base = np.where(self._gap[part], np.nan, self._base[part])
        delta, most, least = self._bars[part].T
        return DeltaColumns(self._first + low, base, base + most, base + least, base + delta, self._known[part])

    def sync(self) -> None:
        """Take over what is new: the newest bars only, unless older ones came."""
        series, log = self._series(), self._log()
        if self._of is None or self._of[0] is not series or self._of[1] is not log:
            self._of = (series, log)
            self._first, self._length = series.first, 0
            self.exact, self.estimated = ValueColumn(), ValueColumn()
        if not len(series):
            self._length = 0
            return
        older = self._first - series.first
        if not self._length or older > 0:
            self._grow_front(series, older)
        tail = max(self._first + self._length - 1, series.first)
        self._read(series, tail, series.stop)
        self._add_up(tail - self._first if self._columns_fit() else 0)

    def _grow_front(self, series: BarSeries, older: int) -> None:
        """Make room for older bars, and read them."""
        had, before = self._length, max(older, 0)
        room = before + max(had, len(series) - before) + 4_096
        for name in ("_starts", "_bars", "_known", "_gap", "_base"):
            old = getattr(self, name)
            fresh = np.zeros((room, *old.shape[1:]), old.dtype)
            fresh[before : before + had] = old[:had]
            setattr(self, name, fresh)
        self._first, self._length = series.first, before + had
        if before:
            self._read(series, series.first, series.first + before)

    def _read(self, series: BarSeries, first: int, stop: int) -> None:
        """Work out the slots from `first` to `stop`."""
        low, high = first - self._first, stop - self._first
        if high > len(self._starts):
            self._room(high)
        columns = series.columns(first, stop, 1)
        starts = series.starts(first, stop)
        flow = None
        log, end = self._log(), int(starts[-1]) + series.step
        if end > log.since:
            flow = flow_of(log.between(max(log.since, int(starts[0])), end), starts, series.step)
        gap = np.isnan(columns.close)
        signed = np.where(gap, 0.0, np.sign(np.where(gap, 0.0, columns.close - columns.open)) * columns.volume)
        bars = np.column_stack((signed, np.maximum(signed, 0.0), np.minimum(signed, 0.0)))
        known = np.zeros(len(starts), np.bool_)
        if flow is not None:
            known = (flow.volume == columns.volume) & (starts >= log.since) & ~gap
            for column, values in enumerate((flow.delta, flow.most, flow.least)):
                bars[known, column] = values[known]
        self._starts[low:high], self._bars[low:high] = starts, bars
        self._known[low:high], self._gap[low:high] = known, gap
        self._length = max(self._length, high)

    def _room(self, length: int) -> None:
        for name in ("_starts", "_bars", "_known", "_gap", "_base"):
            old = getattr(self, name)
            fresh = np.zeros((2 * length, *old.shape[1:]), old.dtype)
            fresh[: self._length] = old[: self._length]
            setattr(self, name, fresh)

    def _columns_fit(self) -> bool:
        """Whether the columns hold all but the newest bars."""
        return len(self.exact) > 0 and self.exact.first == self._first and self.exact.stop <= self._first + self._length

    def _add_up(self, begin: int) -> None:
        """Add the deltas up from a slot on, and put the ends into the columns."""
        end = self._length
        if begin:
            carried = float(self._base[begin - 1] + self._bars[begin - 1, 0])
            self._base[begin:end] = self._based(begin, end, carried)
        else:
            self._base[:end] = self._based(0, end, 0.0)
            if not self._daily:  # 0 where the chart began: older bars count back from there
                origin = min(max(-self._first, 0), end - 1)
                self._base[:end] -= self._base[origin]
        close = self._base[begin:end] + self._bars[begin:end, 0]
        known, gap = self._known[begin:end], self._gap[begin:end]
        before = np.concatenate(([bool(self._known[begin - 1]) if begin else True], known[:-1]))
        exact = np.where(known & ~gap, close, np.nan)
        estimated = np.where((~known | ~before) & ~gap, close, np.nan)
        for column, values in ((self.exact, exact), (self.estimated, estimated)):
            if not begin:
                column.replace(self._first, values)
                continue
            column.put(self._first + begin, float(values[0]))
            if len(values) > 1:
                column.append(values[1:])

    def _based(self, begin: int, end: int, carried: float) -> Floats:
        """Return what each bar's sum begins at."""
        sums = carried + np.concatenate(([0.0], np.cumsum(self._bars[begin : end - 1, 0])))
        if not self._daily:
            return sums
        day = self._starts[begin:end] // DAY
        before = self._starts[begin - 1] // DAY if begin else day[0] - 1
        fresh = np.concatenate(([day[0] != before], day[1:] != day[:-1]))
        opened = np.maximum.accumulate(np.where(fresh, np.arange(end - begin), -1))
        based: Floats = np.where(opened >= 0, sums - sums[np.maximum(opened, 0)], sums)
        return based
