"""How a study keeps up with its bars: whole series at once, then bar by bar, with a look at the forming one.

    LocalRun   a built-in indicator: its stream is here; what is long is computed in a process and comes back with one
    OwnRun     the user's own: everything is asked of its worker, one question at a time

Both promise the same: once nothing is under way, every value equals the batch over all bars of the series, row by row.
The newest bar is always looked at and never pushed: whether it still forms is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from crs_desktop.viewmodels.indicators.bars import Cut, Units
from crs_desktop.viewmodels.indicators.study import Study
from crs_desktop.viewmodels.series import BarSeries, Row
from crs_desktop.viewmodels.value_column import ValueColumn
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import InvalidInput
from engine.indicators.message import Filled, Trouble, floats
from engine.indicators.spec import BarRow, Columns, Floats, Stream
from engine.indicators.warm import pushed
from engine.services.indicators import Indicators
from engine.services.offload import offload
from engine.services.own_indicator import OwnIndicator
from engine.services.task import TaskOwner

INLINE = 1_600
"""Up to so many bars are computed at once where they are: a few milliseconds."""
LONG = 50_000
"""More bars than this are computed twice: all at once, to be seen, and bar by bar, to go on from."""
MOST_PUSHED = 300
"""More bars than this are not pushed one by one."""


class Run(Protocol):
    """Keeps one study up to date."""

    def follow(self, series: BarSeries, units: Units) -> None:
        """Take over what is new in the series; what is long goes on in the background and `touched` is called."""
        ...

    def restart(self) -> None:
        """Compute everything anew at the next `follow`: parameters or code changed."""
        ...

    def close(self) -> None:
        """Stop what is under way."""
        ...


class _Follower:
    """What both have: where they are in the series."""

    def __init__(self, study: Study, touched: Callable[[], None]) -> None:
        self.study = study
        self.tasks = TaskOwner(f"indicator {study.setup.name}")
        self._touched = touched
        self._series: BarSeries | None = None
        self._first = self._done = 0
        """Bars from `first` to `done` are computed for good."""
        self._ready = False
        self.asking = False
        """Whether an answer of a moment is awaited."""
        self._epoch = 0
        """Counts starts: an answer to an older question is of no use."""

    def follow(self, series: BarSeries, units: Units) -> None:
        """Take over what is new in the series."""
        if series is not self._series:
            self._stop()
            self._series = series
            self.study.clear(units.price)
        if not len(series) or self.study.trouble.source:
            return
        if self.study.busy:
            self._meanwhile(series, units)
        elif self.asking:
            return
        elif not self._ready or series.first != self._first or series.stop - 1 - self._done > MOST_PUSHED:
            self._begin(series, units)
        else:
            self._advance(series, units)

    def restart(self) -> None:
        """Compute everything anew at the next `follow`."""
        self._stop()
        self.study.trouble = NOTHING

    def close(self) -> None:
        """Stop what is under way."""
        self.tasks.close()

    def _stop(self) -> None:
        self.tasks.close()
        self.study.busy = self.asking = self._ready = False
        self._epoch += 1

    def _meanwhile(self, series: BarSeries, units: Units) -> None:
        """Do what can be done while something is under way."""

    def _begin(self, series: BarSeries, units: Units) -> None:
        raise NotImplementedError

    def _advance(self, series: BarSeries, units: Units) -> None:
        raise NotImplementedError

    def _filled(self, columns: tuple[ValueColumn, ...], cut: Cut) -> None:
        """Take what was computed; older bars may have come in the meantime, then it will be computed again."""
        self.study.fill(columns)
        self._first, self._done, self._ready = cut.first, cut.stop, True

    def _closed(self, series: BarSeries, units: Units) -> list[tuple[int, BarRow]]:
        """Return the bars that closed since, with their indices."""
        rows: list[tuple[int, BarRow]] = []
        for index in range(self._done, series.stop - 1):
            row = series.row(index)
            if row is not None:
                rows.append((index, units.bar(series.start(index), row)))
        return rows

    def _fail(self, trouble: Sentence) -> None:
        self.study.trouble = trouble
        self._ready = False


class LocalRun(_Follower):
    """Runs a built-in indicator; `indicators` computes what is long, None computes everything here."""

    def __init__(self, study: Study, touched: Callable[[], None], indicators: Indicators | None) -> None:
        super().__init__(study, touched)
        self._indicators = indicators
        self._stream: Stream | None = None

    def _begin(self, series: BarSeries, units: Units) -> None:
        cut = Cut.of(series, units)
        if len(cut) > INLINE and self._indicators is not None:
            self.study.busy = True
            self.tasks.start(self._calculate(cut, self._epoch, self._indicators))
            return
        study = self.study
        try:
            stream = study.indicator.stream(study.setup.values)
        except InvalidInput as error:
            self._fail(verbatim(str(error)))
            return
        self._stream = stream
        self._filled(_placed(cut, pushed(stream, cut.columns(), len(study.columns)), study.unit), cut)
        self._advance(series, units)

    def _advance(self, series: BarSeries, units: Units) -> None:
        stream, study = self._stream, self.study
        assert stream is not None  # noqa: S101 - `_ready` says so
        for index, bar in self._closed(series, units):
            study.put(index, stream.push(bar), closed=True)
        self._done = series.stop - 1
        newest = series.row(series.stop - 1)
        if newest is not None:
            bar = units.bar(series.start(series.stop - 1), newest)
            study.put(series.stop - 1, stream.preview(bar), closed=False)

    async def _calculate(self, cut: Cut, epoch: int, indicators: Indicators) -> None:
        study, name, values = self.study, self.study.setup.name, dict(self.study.setup.values)
        columns = await offload(cut.columns)
        if len(cut) > LONG:  # show them at once, and let the stream follow
            outputs = await indicators.outputs(name, values, columns)
            if epoch == self._epoch and not isinstance(outputs, Trouble):
                study.fill(await offload(_placed, cut, outputs, study.unit))
                self._touched()
        answer = await indicators.stream(name, values, columns)
        placed = () if isinstance(answer, Trouble) else await offload(_placed, cut, answer[0], study.unit)
        if epoch != self._epoch:
            return
        study.busy = False
        if isinstance(answer, Trouble):
            self._fail(verbatim(answer.message))
        else:
            self._stream = answer[1]
            self._filled(placed, cut)
        self._touched()

    def _meanwhile(self, series: BarSeries, units: Units) -> None:
        """Go on with the stream of before: only older bars are missing in it."""
        if self._ready and series.stop - 1 - self._done <= MOST_PUSHED:
            self._advance(series, units)


class OwnRun(_Follower):
    """Runs the user's own indicator."""

    def __init__(self, study: Study, touched: Callable[[], None], own: OwnIndicator) -> None:
        super().__init__(study, touched)
        self._own = own
        self._session = own.new_session()
        self._looked: tuple[int, Row | None] = (0, None)

    def _begin(self, series: BarSeries, units: Units) -> None:
        self.study.busy = True
        self.tasks.start(self._start(Cut.of(series, units), self._epoch))

    def _advance(self, series: BarSeries, units: Units) -> None:
        index = series.stop - 1
        newest = series.row(index)
        if self._looked == (index, newest) and self._done == index:
            return
        self._looked = (index, newest)
        self.asking = True
        live = None if newest is None else units.bar(series.start(index), newest)
        self.tasks.start(self._ask(self._closed(series, units), index, live, self._epoch))

    def close(self) -> None:
        """Stop what is under way and let the worker go."""
        super().close()
        self._own.release(self._session)

    async def _start(self, cut: Cut, epoch: int) -> None:
        study = self.study
        columns: Columns = await offload(cut.columns)
        answer = await self._own.start(self._session, dict(study.setup.values), columns)
        placed = None
        if isinstance(answer, Filled):
            outputs: tuple[Floats, ...] = floats(answer.outputs)
            placed = await offload(_placed, cut, outputs, study.unit)
        if epoch != self._epoch:
            return
        study.busy = False
        if placed is not None:
            self._filled(placed, cut)
            self._looked = (0, None)
        elif isinstance(answer, Trouble):
            self._fail(badge(self._own, answer))
        self._touched()

    async def _ask(self, closed: list[tuple[int, BarRow]], index: int, live: BarRow | None, epoch: int) -> None:
        answer = await self._own.advance(self._session, [row for _, row in closed], live)
        if epoch != self._epoch:
            return
        study = self.study
        self.asking = False
        if isinstance(answer, Trouble):
            if answer.lost and not answer.gone:
                self._ready = False  # another study's fault cost the worker its life: begin again
            else:
                self._fail(badge(self._own, answer))
        else:
            for (at, _), values in zip(closed, answer.closed, strict=True):
                study.put(at, values, closed=True)
            self._done = index
            if answer.live is not None:
                study.put(index, answer.live, closed=False)
        self._touched()


def badge(own: OwnIndicator, trouble: Trouble) -> Sentence:
    """Return what went wrong in a user's file, and where."""
    if trouble.line:
        return say("{file}, line {line}: {message}", file=own.file_name, line=trouble.line, message=trouble.message)
    return say("{file}: {message}", file=own.file_name, message=trouble.message)


def _placed(cut: Cut, outputs: tuple[Floats, ...], unit: float) -> tuple[ValueColumn, ...]:
    return tuple(cut.placed(each, unit) for each in outputs)
