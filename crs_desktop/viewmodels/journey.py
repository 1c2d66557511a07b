"""Going to a date: what the user typed, and how a chart gets its bars from there.

Near dates are reached by loading everything in between, in chunks. A far one replaces the window of bars by one
around the date: such a chart is detached from the market until it is asked to return, or scrolled back to it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.series import BarSeries
from crs_desktop.viewmodels.time_zone import TimeZone, chosen
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import CrsError
from engine.services.task import TaskOwner

if TYPE_CHECKING:
    from crs_desktop.viewmodels.chart import ChartModel

FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
AGO = re.compile(r"-\s*(\d{1,6})\s*([smhdwy])")
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
NEAR = 120_000
"""Up to this many bars in between are loaded; beyond, the window is replaced."""
CHUNK = 20_000
WINDOW = 3_000
"""Bars of a detached window, at first."""
AHEAD = 600
"""Of those, how many come after the date."""


def parse_when(text: str, now: int, zone: TimeZone) -> tuple[int | None, Sentence]:
    """Return the instant (ns UTC) that a text means in a zone, or why it means none."""
    text = " ".join(text.replace("T", " ").split())
    if ago := AGO.fullmatch(text.lower()):
        instant = now - int(ago[1]) * UNITS[ago[2]] * NANOS_PER_SECOND
        return (instant, NOTHING) if instant > 0 else (None, say("That is before all data."))
    for form in FORMS:
        try:
            wall = datetime.strptime(text, form)  # noqa: DTZ007 - the zone comes next
        except ValueError:
            continue
        if wall.year < 1971:
            return None, say("That is before all data.")
        instant = zone.instant(wall)
        return (instant, NOTHING) if instant <= now else (None, say("That is in the future."))
    example = (zone.moment(now) - timedelta(days=27)).strftime("%Y-%m-%d")
    return None, say("Enter a date such as {day}, {day} 14:30, or -3d for three days ago.", day=example)


class Journey:
    """One chart's way to a date; `target` is where it goes, None while it stays."""

    def __init__(self, model: ChartModel) -> None:
        self._model = model
        self._tasks = TaskOwner("chart journey")
        self.target: int | None = None
        self.percent = 0
        self.arrived: int | None = None
        """Where the view is to jump to; whoever shows it takes it."""
        self.detached = False
        """Whether the bars are a window of the past that the newest ones do not belong to."""
        self._forward = False
        self._sought = 0
        """Up to which instant newer bars were asked for: there may be none for long."""

    def ask(self, text: str) -> Sentence:
        """Go where a text says; return why that is not possible, or NOTHING."""
        instant, problem = parse_when(text, self._model.desk.feed.now, chosen())
        if instant is not None:
            self.go(instant)
        return problem

    def go(self, instant: int) -> None:
        """Go to an instant (ns UTC)."""
        self.cancel()
        self._model.notice = NOTHING
        series = self._model.series
        if len(series) and series.start(series.first) <= instant <= series.start(series.stop):
            self._arrive(instant)
            return
        self.target, self.percent = instant, 0
        self._tasks.start(self._travel(series, instant))
        self._model.hurry()

    def cancel(self) -> None:
        """Stay where the view is."""
        self._tasks.close()
        if self.target is not None:
            self.target = None
            self._model.hurry()

    def stay(self) -> None:
        """Forget everything: the bars are others now, and live."""
        self._tasks.close()
        self.target, self.arrived, self.detached, self._forward = None, None, False, False

    def need_newer(self, right: float, bars: float) -> None:
        """In a detached window, load newer bars if the view comes near its end."""
        series = self._model.series
        if not self.detached or self._forward or self.target is not None or series.stop - right > max(bars, 500.0):
            return
        self._forward = True
        self._tasks.start(self._onward(series, int(min(max(2 * bars, WINDOW), CHUNK))))

    async def _travel(self, series: BarSeries, instant: int) -> None:
        distance = (series.start(series.first) - instant) // series.step if len(series) else NEAR + 1
        try:
            if not self.detached and 0 <= distance <= NEAR:
                await self._load_between(series, instant, int(distance))
            else:
                await self._load_around(instant)
        except CrsError as error:
            self._model.notice = verbatim(str(error))
        self.target = None
        self._model.hurry()

    async def _load_between(self, series: BarSeries, instant: int, distance: int) -> None:
        model = self._model
        while series.start(series.first) > instant and series is model.series:
            end = Nanos(series.start(series.first))
            left = (end - instant) // series.step
            chunk = await model.desk.bars.history(
                model.pair.symbol, model.timeframe, end=end, count=int(min(left + AHEAD, CHUNK))
            )
            before = series.first
            series.prepend(chunk)
            self.percent = min(99, round(100 * (1 - left / max(distance, 1))))
            model.hurry()
            if series.first == before:
                model.exhausted = True
                break
        if series is model.series:
            self._arrive(max(instant, series.start(series.first)))

    async def _load_around(self, instant: int) -> None:
        model = self._model
        step = model.timeframe.nanos
        end = Nanos(min(instant + AHEAD * step, model.desk.feed.now))
        window = await model.desk.bars.history(model.pair.symbol, model.timeframe, end=end, count=WINDOW)
        if not len(window) or window.start[-1] < instant - WINDOW * step:
            model.notice = say("There is no data of {symbol} at that date.", symbol=model.pair.symbol)
            return
        series = BarSeries(step)
        series.extend(window)
        model.take_window(series)
        self._sought = 0
        self.detached = end < model.desk.feed.now - step
        self._arrive(max(instant, int(window.start[0])))

    async def _onward(self, series: BarSeries, count: int) -> None:
        model = self._model
        try:
            since = max(series.start(series.stop), self._sought)
            end = Nanos(min(since + count * series.step, model.desk.feed.now))
            newer = await model.desk.bars.history(model.pair.symbol, model.timeframe, end=end, count=count)
        except CrsError as error:
            model.notice = verbatim(str(error))
        else:
            series.extend(newer)
            self._sought = end
            if end >= model.desk.feed.now - series.step and series is model.series:
                self.detached = False  # caught up: the newest bars belong to these again
        finally:
            self._forward = False
        model.hurry()

    def _arrive(self, instant: int) -> None:
        self.target, self.arrived = None, instant
        self._model.hurry()
