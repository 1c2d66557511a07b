"""Volume profiles of a chart: of what is in view, of each day (UTC), or of a chosen stretch of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from crs_desktop.viewmodels.flow.style import AUTO_ROWS, FlowStyle, ProfileSpan
from crs_desktop.viewmodels.flow.sums import Logs, ProfileSums
from crs_desktop.viewmodels.series import BarSeries, Row
from engine.domain.number import NANOS_PER_SECOND
from engine.market.volume_profile import Rows, round_group, value_area

DAY = 86_400 * NANOS_PER_SECOND
BUDGET = 0.004
"""Seconds of one frame that adding up may take."""
ROW_PX = 4.0
"""Least height of a row, px, unless rows are chosen."""
MOST_ROWS = 600
"""More rows over what is in view are not told apart, whatever was chosen."""
MOST_SESSIONS = 60


@dataclass(frozen=True, slots=True)
class Profile:
    """The volume of bars `first` to `stop` by price; `poc`, `low`, `high` are places in `rows`."""

    first: int
    stop: int
    rows: Rows
    poc: int
    low: int
    high: int
    """The last row of the value area."""

    def price(self, row: float) -> float:
        """Return the price at the lower edge of a row, in ticks."""
        return (self.rows.first + row) * self.rows.group

    def row_at(self, price: float) -> int | None:
        """Return the row of a price, None where nothing traded."""
        row = int(price // self.rows.group) - self.rows.first
        return row if 0 <= row < len(self.rows) else None


Key = tuple[int, int, Row | None]


class ProfileModel:
    """Keeps the profiles of a chart up to date; `update` when the view or the data may have changed."""

    def __init__(self, series: Callable[[], BarSeries], log: Logs) -> None:
        self._series, self._log = series, log
        self.style = FlowStyle()
        self.group = 1
        """Height of a row now, in ticks."""
        self.shown: list[Profile] = []
        self.pending = False
        """Whether something is still to be added up: ask again soon."""
        self.crowded = False
        """Whether there are too many days in view to tell them apart."""
        self._sums = ProfileSums(series(), 1, log)
        self._kept: dict[Key, Profile | None] = {}

    def update(self, first: int, stop: int, height: float) -> None:
        """Bring the profiles of the bars in view up to date, as far as one frame has time; `height` in px."""
        series = self._series()
        low, high = _reach(series, first, stop)
        group = self._wanted(high - low, height)
        if series is not self._sums.series or group != self.group:
            self._sums, self.group = ProfileSums(series, group, self._log), group
            self._kept.clear()
        spans = self._spans(series, first, stop)
        self.crowded = len(spans) > MOST_SESSIONS
        self._show([] if self.crowded else spans)

    def _wanted(self, reach: float, height: float) -> int:
        """Return the height of a row for prices that reach over `reach` ticks."""
        least = round_group(max(reach, 1.0) / MOST_ROWS)
        if self.style.group:
            return max(self.style.group, least)
        count = self.style.rows if self.style.rows != AUTO_ROWS else max(height / ROW_PX, 1.0)
        return round_group(max(reach, 1.0) / count)

    def _spans(self, series: BarSeries, first: int, stop: int) -> list[tuple[int, int]]:
        """Return the stretches of bars that get a profile each."""
        first, stop = max(first, series.first), min(stop, series.stop)
        if first >= stop:
            return []
        kind, style = self.style.profile, self.style
        if kind is ProfileSpan.VISIBLE:
            return [(first, stop)]
        if kind is ProfileSpan.FIXED:
            if style.until <= style.since:
                return []
            begin, end = (series.index_at(each) for each in (style.since, style.until - 1))
            return [(begin, end + 1)] if begin < series.stop and end >= series.first else []
        days = range(series.start(first) // DAY, series.start(stop - 1) // DAY + 1)
        if len(days) > MOST_SESSIONS:
            return [(0, 0)] * len(days)
        edges = [_first_at(series, day * DAY) for day in (*days, days.stop)]
        return list(pairwise(edges))

    def _show(self, spans: list[tuple[int, int]]) -> None:
        series, kept = self._sums.series, dict[Key, Profile | None]()
        shown: list[Profile] = []
        waiting = False
        for first, stop in spans:
            live = series.row(series.stop - 1) if stop >= series.stop else None
            key = (max(first, series.first), min(stop, series.stop), live)
            if key not in self._kept:
                rows = None if waiting else self._sums.take(first, stop, BUDGET)
                if rows is None:
                    waiting = True
                    continue
                self._kept[key] = _made(key[0], key[1], rows)
            kept[key] = found = self._kept[key]
            if found is not None:
                shown.append(found)
        self.pending = waiting
        if not waiting or len(spans) > 1:
            if len(shown) != len(self.shown) or any(a is not b for a, b in zip(shown, self.shown, strict=True)):
                self.shown = shown
            self._kept = kept
        elif self.shown and self.shown[0].rows.group != self.group:
            self.shown = []  # what was on screen is of other rows


def _made(first: int, stop: int, rows: Rows) -> Profile | None:
    if not rows.total:
        return None
    return Profile(first, stop, rows, *value_area(rows.volume))


def _first_at(series: BarSeries, instant: int) -> int:
    """Return the first slot that begins at or after an instant."""
    index = series.index_at(instant)
    return index if series.start(index) >= instant else index + 1


def _reach(series: BarSeries, first: int, stop: int) -> tuple[float, float]:
    size = 1
    while (stop - first) // size > 2_000:
        size *= 2
    return series.columns(first, stop, size).extremes() or (0.0, 1.0)
