"""The indicators on one chart: added, changed, moved, hidden, taken away and brought back.

`follow` keeps all of them beside the bars, once per refresh. `remembered` and `restore` turn the list into plain data
and back; what cannot be restored (a file that is gone) is kept as it was and said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from time import perf_counter
from typing import Any, Protocol

from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.indicators.bars import Units
from crs_desktop.viewmodels.indicators.presets import Presets
from crs_desktop.viewmodels.indicators.run import LocalRun, OwnRun, Run, badge
from crs_desktop.viewmodels.indicators.setup import PRICE, Setup, first_setup, setup_of
from crs_desktop.viewmodels.indicators.study import Study
from crs_desktop.viewmodels.series import BarSeries
from crs_desktop.viewmodels.words import Sentence, say
from engine.bus import Bus
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.indicators.spec import Indicator
from engine.services.indicators import Indicators, IndicatorsChanged

MOST_PANES = 4
"""Panes under the candles, besides the volume."""
MOST_STUDIES = 24
BUDGET_S = 0.008
"""Time for all indicators within one frame."""


class Bars(Protocol):
    """The chart that is followed: its pair and the bars that it has now."""

    @property
    def pair(self) -> TradingPair: ...  # noqa: D102 - the names say it
    @property
    def series(self) -> BarSeries: ...  # noqa: D102


@dataclass(slots=True)
class _Seat:
    study: Study
    run: Run
    version: int
    """Of an own indicator's code."""


class Studies:
    """The list of a chart's indicators, in the order in which they are drawn."""

    def __init__(
        self, chart: Bars, bus: Bus, indicators: Indicators, presets: Presets, touch: Callable[[], None]
    ) -> None:
        self.indicators, self.presets = indicators, presets
        self._chart, self._touch = chart, touch
        self._seats: list[_Seat] = []
        self._numbers = count(1)
        self._missing: list[tuple[int, Setup]] = []
        """Remembered with their places, but not to be had now: kept, in case their files, or room, come back."""
        self._removed: list[tuple[int, Setup]] = []
        self._changed: Hook[Studies] = Hook()
        self._subscription = bus.subscribe(IndicatorsChanged, self._own_changed)

    def __iter__(self) -> Iterator[Study]:
        return iter([seat.study for seat in self._seats])

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def panes(self) -> list[str]:
        """The panes under the candles that are in use, from top to bottom."""
        return list(dict.fromkeys(each.setup.pane for each in self if not each.over_candles))

    @property
    def missing(self) -> list[Sentence]:
        """Why some of what was remembered is not shown."""
        return [self._why_missing(setup) for _, setup in self._missing]

    def on_change(self, call: Callable[[Studies], object]) -> Link[Studies]:
        """Be told when the list, a place or a look changed."""
        return self._changed.add(call)

    def close(self) -> None:
        """End every run and subscription."""
        self._subscription.close()
        for seat in self._seats:
            seat.run.close()

    # -- the list -----------------------------------------------------------------------------------

    def add(self, name: str, pane: str = "") -> Study:
        """Put an indicator on the chart, as its default preset says.

        Raises:
            InvalidInput: there is none of that name, or no room for it.
        """
        indicator = self.indicators.find(name)
        self._check_room()
        place = pane or (PRICE if indicator.overlay else self.free_pane())
        preset = self.presets.get(name, self.presets.default(name))
        used = [each.setup.looks[at].color for each in self for at in range(len(each.columns)) if each.drawn(at)]
        study = self._seated(indicator, first_setup(indicator, place, used, preset), len(self._seats))
        self._tell()
        return study

    def duplicate(self, study: Study) -> Study:
        """Put the same indicator on the chart once more, in a place of its own.

        Raises:
            InvalidInput: there is no room.
        """
        self._check_room()
        place = PRICE if study.over_candles else self.free_pane()
        twin = self._seated(study.indicator, replace(study.setup, pane=place), self._at(study) + 1)
        self._tell()
        return twin

    def remove(self, study: Study) -> None:
        """Take an indicator off the chart; `undo_remove` brings it back."""
        at = self._at(study)
        seat = self._seats.pop(at)
        seat.run.close()
        self._removed.append((at, study.setup))
        self._tell()

    def undo_remove(self) -> Study | None:
        """Bring the indicator back that was taken off last; None if there is none.

        Raises:
            InvalidInput: there is no room for it now.
        """
        if not self._removed:
            return None
        at, setup = self._removed[-1]
        indicator = self.indicators.find(setup.name)
        self._check_room()
        if setup.pane != PRICE and setup.pane not in self.panes and len(self.panes) >= MOST_PANES:
            raise InvalidInput(str(_no_room()))
        self._removed.pop()
        study = self._seated(indicator, setup, min(at, len(self._seats)))
        self._tell()
        return study

    def move(self, study: Study, by: int) -> None:
        """Move an indicator up (negative) or down in the list; panes stand in that order."""
        at = self._at(study)
        to = min(max(at + by, 0), len(self._seats) - 1)
        self._seats.insert(to, self._seats.pop(at))
        self._tell()

    # -- one of them --------------------------------------------------------------------------------

    def configure(self, study: Study, setup: Setup) -> None:
        """Take other parameters, looks or another place."""
        seat = self._seats[self._at(study)]
        if study.take(study.indicator, setup, self._units.price):
            seat.run.restart()
        self._tell()

    def set_hidden(self, study: Study, hidden: bool) -> None:
        """Draw an indicator or not."""
        study.hide(hidden)
        self._tell()

    def places(self, study: Study) -> list[str]:
        """Return where an indicator can go: over the candles if it is a price, the panes in use, a new one."""
        found = [PRICE] if study.indicator.overlay else []
        found += self.panes
        if len(self.panes) < MOST_PANES:
            found.append(self._next_pane())
        return [each for each in found if each != study.setup.pane]

    def set_pane(self, study: Study, pane: str) -> None:
        """Move an indicator to another place.

        Raises:
            InvalidInput: that would be one pane too many, or it is no price and cannot stand over the candles.
        """
        if pane == PRICE and not study.indicator.overlay:
            raise InvalidInput(f"{study.title} is no price: it has a scale of its own.")
        if pane != PRICE and pane not in self.panes and len(self.panes) >= MOST_PANES:
            raise InvalidInput(str(_no_room()))
        self.configure(study, replace(study.setup, pane=pane))

    def retry(self, study: Study) -> None:
        """Try an indicator again that stands still."""
        self._seats[self._at(study)].run.restart()
        self._touch()

    def free_pane(self) -> str:
        """Return the name of a new pane.

        Raises:
            InvalidInput: there are as many as there can be.
        """
        if len(self.panes) >= MOST_PANES:
            raise InvalidInput(str(_no_room()))
        return self._next_pane()

    def warning(self, study: Study) -> Sentence:
        """Return what is wrong with an indicator: its newest text, or what it did."""
        own = self.indicators.own(study.setup.name)
        if own is not None and own.trouble is not None:
            return badge(own, own.trouble)
        return study.trouble

    # -- the bars -----------------------------------------------------------------------------------

    def follow(self) -> None:
        """Bring every indicator that is shown up to date with the bars; what takes too long goes on next time."""
        units, end = self._units, perf_counter() + BUDGET_S
        for seat in self._seats:
            if not seat.study.setup.hidden:
                seat.run.follow(self._chart.series, units)
            if perf_counter() > end:
                self._touch()
                return

    # -- memory -------------------------------------------------------------------------------------

    def remembered(self) -> dict[str, Any]:
        """Return the list as plain data."""
        setups = [each.setup for each in self]
        for at, setup in sorted(self._missing, key=lambda each: each[0]):
            setups.insert(at, setup)
        return {"studies": [each.plain() for each in setups]}

    def restore(self, data: object) -> None:
        """Take a list from plain data; entries that make no sense are left out."""
        for seat in self._seats:
            seat.run.close()
        self._seats, self._missing, self._removed = [], [], []
        kept = data.get("studies", []) if isinstance(data, dict) else []
        for at, each in enumerate(kept[:MOST_STUDIES] if isinstance(kept, list) else []):
            try:
                setup = setup_of(each)
            except (TypeError, ValueError, KeyError):
                continue
            self._restore_one(at, setup)
        self._tell()

    def _restore_one(self, at: int, setup: Setup) -> None:
        try:
            indicator = self.indicators.find(setup.name)
        except InvalidInput:
            self._missing.append((at, setup))
            return
        if setup.pane == PRICE and not indicator.overlay:
            setup = replace(setup, pane=self._next_pane())
        no_pane = setup.pane != PRICE and setup.pane not in self.panes and len(self.panes) >= MOST_PANES
        if no_pane or len(self._seats) >= MOST_STUDIES:
            self._missing.append((at, setup))
            return
        self._seated(indicator, setup, min(at, len(self._seats)))

    # -- inside -------------------------------------------------------------------------------------

    @property
    def _units(self) -> Units:
        return Units.of(self._chart.pair)

    def _seated(self, indicator: Indicator, setup: Setup, at: int) -> Study:
        study = Study(next(self._numbers), indicator, setup, self._units.price)
        study.take(indicator, setup, self._units.price)
        own = self.indicators.own(setup.name)
        run: Run = LocalRun(study, self._touch, self.indicators) if own is None else OwnRun(study, self._touch, own)
        self._seats.insert(at, _Seat(study, run, 0 if own is None else own.version))
        return study

    def _own_changed(self, event: IndicatorsChanged) -> None:
        """Take up new versions of the user's own indicators, and those that came back."""
        for at, seat in reversed(list(enumerate(self._seats))):
            name = seat.study.setup.name
            if name not in event.names:
                continue
            own = self.indicators.own(name)
            if own is None:  # its file is gone
                seat.run.close()
                del self._seats[at]
                self._missing.append((at, seat.study.setup))
            elif own.good is not None and own.version != seat.version:
                seat.version = own.version
                seat.study.take(own.good, seat.study.setup, self._units.price)
                seat.run.restart()
        waiting, self._missing = sorted(self._missing, key=lambda each: each[0]), []
        for at, setup in waiting:
            self._restore_one(at, setup)
        self._tell()

    def _why_missing(self, setup: Setup) -> Sentence:
        try:
            self.indicators.find(setup.name)
        except InvalidInput as error:
            return say("{name} is not shown. {why}", name=setup.name.partition(":")[2] or setup.name, why=str(error))
        return say("{name} is not shown: there is no room for it.", name=setup.name.partition(":")[2] or setup.name)

    def _check_room(self) -> None:
        if len(self._seats) >= MOST_STUDIES:
            raise InvalidInput(f"A chart shows at most {MOST_STUDIES} indicators. Remove one first.")

    def _next_pane(self) -> str:
        return next(str(number) for number in count(1) if str(number) not in self.panes)

    def _at(self, study: Study) -> int:
        return next(at for at, seat in enumerate(self._seats) if seat.study is study)

    def _tell(self) -> None:
        self._changed.fire(self)
        self._touch()


def _no_room() -> Sentence:
    return say(
        "A chart has at most {most} panes under the candles. Remove one, or move it to another.", most=MOST_PANES
    )
