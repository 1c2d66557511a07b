"""The footprint of each bar of a series, as far as its prints are known."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from crs_desktop.viewmodels.flow.sums import Logs
from crs_desktop.viewmodels.series import BarSeries
from engine.market.footprint import Cells, cells_of, merged

MOST_KEPT = 600


class Known(Enum):
    """How much of a bar's prints is known."""

    NONE = "none"
    PART = "part"
    WHOLE = "whole"


class Footprints:
    """Cells of bars, one row per price that traded; those of closed bars are kept."""

    def __init__(self, series: Callable[[], BarSeries], log: Logs) -> None:
        self._series, self._log = series, log
        self._of: tuple[object, object] = (None, None)
        self._closed: dict[int, Cells] = {}
        self._live = (0, 0, cells_of(log().from_number(log().count)))
        """Start of the newest bar, number of the first print that is not in its cells, and these."""

    @property
    def since(self) -> int:
        """The instant from which on prints are known, ns UTC."""
        return self._log().since

    def cells(self, index: int) -> Cells | None:
        """Return what traded in a bar, None where no print of it is known."""
        series, log = self._series(), self._log()
        if self._of != (series, log):
            self._of = (series, log)
            self._closed.clear()
            self._live = (-1, 0, self._live[2])
        if not series.first <= index < series.stop:
            return None
        start = series.start(index)
        if start + series.step <= log.since and index not in self._closed:
            return None
        if index == series.stop - 1:
            return self._newest(start, series.step)
        found = self._closed.get(index)
        if found is None:
            if len(self._closed) >= MOST_KEPT:
                self._closed.clear()
            found = self._closed[index] = cells_of(log.between(start, start + series.step))
        return found if len(found.price) else None

    def known(self, index: int) -> Known:
        """Say whether the cells of a bar are all of its volume."""
        cells, row = self.cells(index), self._series().row(index)
        if row is None or (cells is None and row.volume):
            return Known.NONE
        return Known.WHOLE if (cells.total if cells is not None else 0) == row.volume else Known.PART

    def _newest(self, start: int, step: int) -> Cells | None:
        log = self._log()
        before, number, cells = self._live
        if before != start or number < log.dropped:
            cells = cells_of(log.between(start, start + step))
        elif number < log.count:
            fresh = log.from_number(number)
            cells = merged(cells, cells_of(fresh.part(int(fresh.at.searchsorted(start)), len(fresh))))
        self._live = (start, log.count, cells)
        return cells if len(cells.price) else None
