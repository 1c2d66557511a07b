"""Actions on the replay of the active chart.

While the keyboard is in a chart in replay, the keys of trading and of the market's pause are the replay's: nobody who
presses B there means the live account.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crs_desktop.i18n import tr
from crs_desktop.wiring.charts import ChartActions
from crs_desktop.wiring.console import Bindings, Console

if TYPE_CHECKING:
    from crs_desktop.panes.cell_replay import CellReplay
    from crs_desktop.viewmodels.bar_replay import BarReplay


class ReplayActions:
    """The group `replay`; `live` is what the keys it shares do outside of a replay."""

    def __init__(self, console: Console, charts: ChartActions, live: Bindings) -> None:
        self._console, self._charts, self._live = console, charts, live

    def bindings(self) -> Bindings:
        """Return what each action does."""
        shared: dict[str, Callable[[CellReplay], object]] = {
            "market.pause": lambda replay: _model(replay).toggle(),
            "ticket.buy": lambda replay: replay.aim("buy"),
            "ticket.sell": lambda replay: replay.aim("sell"),
            "orders.flatten": lambda replay: replay.aim("close_position"),
            "orders.cancel_last": lambda replay: _model(replay).cancel_last(),
            "orders.cancel_symbol": lambda replay: _model(replay).cancel_all(),
            "orders.cancel_all": lambda replay: _model(replay).cancel_all(),
        }
        return {
            "replay.start": lambda: self._charts.active_cell.replay.toggle(),
            "replay.play": lambda: self._do(lambda replay: _model(replay).toggle()),
            "replay.step": lambda: self._do(lambda replay: _model(replay).step()),
            "replay.step_finely": lambda: self._do(lambda replay: _model(replay).step_finely()),
            "replay.back": lambda: self._do(lambda replay: _model(replay).back()),
            "replay.go_to": lambda: self._do(lambda replay: replay.ask_date()),
            "replay.to_end": lambda: self._do(lambda replay: _model(replay).to_end()),
            "replay.result": lambda: self._do(lambda replay: replay.show_result()),
            **{action: partial(self._share, action, what) for action, what in shared.items()},
        }

    def _do(self, what: Callable[[CellReplay], object]) -> None:
        cell = self._charts.active_cell
        if cell.is_replaying:
            what(cell.replay)
        else:
            self._console.toasts.say(tr("No replay"), tr("Begin one on this chart with Alt+R."))

    def _share(self, action: str, what: Callable[[CellReplay], object]) -> None:
        """Do it in the replay that has the keyboard, or else to the live market or account."""
        from crs_desktop.panes.chart_area import cell_of

        cell = cell_of(self._charts.front.focusWidget())
        if cell is not None and cell.is_replaying:
            what(cell.replay)
        else:
            self._live[action]()


def _model(replay: CellReplay) -> BarReplay:
    assert replay.model is not None, "asked only while a replay is on"  # noqa: S101 - by whoever calls
    return replay.model
