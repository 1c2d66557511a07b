"""Actions on the replay of the active chart; Space is its own while the keyboard is in a chart in replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crs_desktop.i18n import tr
from crs_desktop.wiring.charts import ChartActions
from crs_desktop.wiring.console import Bindings, Console

if TYPE_CHECKING:
    from crs_desktop.viewmodels.bar_replay import BarReplay


class ReplayActions:
    """The group `replay`."""

    def __init__(self, console: Console, charts: ChartActions) -> None:
        self._console, self._charts = console, charts

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "replay.start": lambda: self._charts.active_cell.replay.toggle(),
            "replay.play": lambda: self._do(lambda model: model.toggle()),
            "replay.step": lambda: self._do(lambda model: model.step()),
            "replay.step_finely": lambda: self._do(lambda model: model.step_finely()),
            "replay.back": lambda: self._do(lambda model: model.back()),
            "replay.go_to": lambda: self._do(lambda _model: self._charts.active_cell.replay.ask_date()),
            "replay.to_end": lambda: self._do(lambda model: model.to_end()),
            "replay.result": lambda: self._do(lambda _model: self._charts.active_cell.replay.show_result()),
            "market.pause": self._pause,
        }

    def _do(self, what: Callable[[BarReplay], object]) -> None:
        cell = self._charts.active_cell
        model = cell.replay.model if cell.is_replaying else None
        if model is None:
            self._console.toasts.say(tr("No replay"), tr("Begin one on this chart with Alt+R."))
        else:
            what(model)

    def _pause(self) -> None:
        """Pause or play the replay that has the keyboard, or else the market."""
        from crs_desktop.panes.chart_area import cell_of

        cell = cell_of(self._charts.front.focusWidget())
        if cell is not None and cell.is_replaying and cell.replay.model is not None:
            cell.replay.model.toggle()
            return
        market = self._console.window.market_bar.model
        if market is not None:
            market.toggle_pause()
