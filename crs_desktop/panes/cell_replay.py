"""A replay in the place of a chart: choosing where it begins, the chart of the past before the live one, leaving.

The live chart stays open behind it and goes on; what the user changed of the look meanwhile is taken over at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from crs_desktop.charts.replay_keys import ReplayKeys
from crs_desktop.i18n import tr
from crs_desktop.panes.chart import ChartPane
from crs_desktop.panes.replay_bar import ReplayBar
from crs_desktop.panes.replay_choice import ReplayChoice, StartLine
from crs_desktop.panes.replay_dialog import ReplayDialog
from crs_desktop.viewmodels import time_zone
from crs_desktop.viewmodels.bar_replay import BarReplay, begin_replay
from crs_desktop.viewmodels.chart import ChartModel, ChartState
from crs_desktop.viewmodels.link import ChartLink
from crs_desktop.viewmodels.replay_result import ReplayResult
from crs_desktop.viewmodels.words import say, verbatim
from engine.domain.market import FeedState
from engine.errors import CrsError
from engine.ports.feed import FeedStateChanged
from engine.services.task import TaskOwner

if TYPE_CHECKING:
    from crs_desktop.panes.chart_cell import ChartCell


class CellReplay:
    """The replays of one cell; `close` ends whatever is on."""

    def __init__(self, cell: ChartCell) -> None:
        self._cell = cell
        self.model: BarReplay | None = None
        self.bar: ReplayBar | None = None
        self.pane: ChartPane | None = None
        self.choice: ReplayChoice | None = None
        self.dialog: ReplayDialog | None = None
        self._line: StartLine | None = None
        self._zoom: float | None = None
        """How wide bars are to be when the next ones are there."""
        self._tasks = TaskOwner("replay")
        self._link = cell.slot.link.on_change(self._follow)

    def toggle(self) -> None:
        """Begin to choose, or leave what is on."""
        if self.model is not None:
            self.ask_end()
        elif self.choice is not None:
            self.leave_choice()
        else:
            self.choose()

    def choose(self) -> None:
        """Let the user say where the replay begins."""
        cell = self._cell
        self.choice = ReplayChoice(self.begin, self.leave_choice, lambda: cell.live.model_of_chart.desk.feed.now)
        cell.put(self.choice)
        self._line = StartLine(cell.chart, self.begin, self.leave_choice)
        cell.chart.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave_choice(self) -> None:
        """Choose no more."""
        if self._line is not None:
            self._line.close()
        had_keys = self.choice is not None and self.choice.isAncestorOf(self._cell.window().focusWidget() or self._cell)
        _drop(self.choice)
        self.choice = self._line = None
        if had_keys:
            self._cell.chart.setFocus()

    def begin(self, at: int) -> None:
        """Begin after the bar that is over at an instant (ns UTC)."""
        self._tasks.close()
        self._tasks.start(self._begin(at))

    def ask_date(self) -> None:
        """Ask for a date to go to."""
        model, pane = self.model, self.pane
        if model is not None and pane is not None:
            zone = time_zone.chosen().label(model.session.now)
            hint = tr("2026-01-31 14:30, in {zone}; back only while no order was sent", zone=zone)
            pane.ask.ask(tr("Go to a date in the replay"), hint, model.jump)

    def aim(self, button: str) -> None:
        """Give the keyboard to a button of the strip: Enter presses it, Escape goes back to the chart."""
        if self.bar is not None:
            getattr(self.bar, button).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_result(self, *, leaving: bool = False) -> None:
        """Show what it came to so far; when leaving, ask whether to."""
        model = self.model
        if model is None:
            return
        model.pause()
        session = model.session
        result = ReplayResult(model.pair, session.result(), session.market.price)
        name = f"replay-{model.pair.symbol.replace('/', '-')}-{model.timeframe.value}"
        self.dialog = ReplayDialog(self._cell.window(), result, name, leaving=leaving)
        self.dialog.accepted.connect(self.end)
        self.dialog.open()

    def ask_end(self) -> None:
        """End it; ask first, with the result, if anything was traded."""
        if self.model is not None and self.model.session.traded:
            self.show_result(leaving=True)
        else:
            self.end()

    def end(self) -> None:
        """Show the live chart again and throw the replay away."""
        if self.model is None or self.pane is None:
            return
        pane, cell = self.pane, self._cell
        cell.live.restore(pane.remembered())
        self._throw_away()
        cell.show_pane(cell.live)
        _drop(pane)
        cell.live.memory_changed.emit()

    def close(self) -> None:
        """End everything; safe to call twice."""
        self._link.close()
        self._tasks.close()
        self.leave_choice()
        pane = self.pane
        if pane is not None:
            self._throw_away()
            self._cell.show_pane(self._cell.live)
            _drop(pane)

    # -- inside -----------------------------------------------------------------------------------

    async def _begin(self, at: int) -> None:
        chart = self._cell.live.model_of_chart
        try:
            model = await begin_replay(chart.desk, chart.pair.symbol, chart.timeframe, at)
        except CrsError as error:
            if self.choice is not None:
                self.choice.say(verbatim(str(error)))
            return
        self.leave_choice()
        self._enter(model)

    def _enter(self, model: BarReplay) -> None:
        cell = self._cell
        self.model = model
        self._zoom = cell.live.chart.view.bar_px
        pane = self.pane = ChartPane(ChartModel(model.inside, ChartLink(model.inside.links.a)), cell)
        pane.restore(cell.live.remembered())
        pane.chart.overlays.insert(0, ReplayKeys(model))
        pane.chart.pointed.connect(self._keep_view)
        model.inside.bus.subscribe(FeedStateChanged, self._restarted)
        bar = self.bar = ReplayBar(model, cell)
        bar.wants_date.connect(self.ask_date)
        bar.wants_result.connect(self.show_result)
        bar.wants_end.connect(self.ask_end)
        bar.left.connect(pane.chart.setFocus)
        cell.put(bar)
        cell.show_pane(pane)
        cell.join(pane)
        cell.join(bar)
        pane.chart.setFocus(Qt.FocusReason.OtherFocusReason)

    def _throw_away(self) -> None:
        if self.pane is not None and self.bar is not None:
            link = self.pane.model_of_chart.link
            self.pane.dispose()
            link.close()
            self.bar.dispose()
            _drop(self.bar)
        self.model = self.pane = self.bar = None

    def _restarted(self, event: FeedStateChanged) -> None:
        """Keep the width of bars over a jump."""
        if event.state is FeedState.SNAPSHOT and self.pane is not None:
            self._zoom = self.pane.chart.view.bar_px

    def _keep_view(self) -> None:
        pane = self.pane
        if self._zoom is None or pane is None or pane.model_of_chart.state is not ChartState.READY:
            return
        chart = pane.chart
        if len(chart.shown):
            chart.view.bar_px, self._zoom = self._zoom, None
            chart.view.show_latest(chart.shown.stop)
            chart.moved()

    def _follow(self, link: ChartLink) -> None:
        """Take the timeframe of the slot; another pair ends a replay in which nothing was traded."""
        model = self.model
        if model is None:
            return
        if link.symbol == model.pair.symbol:
            if link.timeframe is not model.timeframe:
                model.set_timeframe(link.timeframe)
        elif model.session.traded:
            model.say(say("This replay is of {symbol}. End it to see another pair here.", symbol=model.pair.symbol))
        else:
            self.end()


def _drop(widget: QWidget | None) -> None:
    if widget is not None:
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()
