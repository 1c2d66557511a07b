"""Actions on drawings: take a tool, turn a switch over, undo and redo, remove all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crs_desktop.actions import DRAWING
from crs_desktop.i18n import tr
from crs_desktop.wiring.charts import ChartActions
from crs_desktop.wiring.console import Bindings, Console

if TYPE_CHECKING:
    from crs_desktop.viewmodels.drawings.store import DrawingStore
    from crs_desktop.wiring.charts import ChartActions

SWITCHES = ("magnet", "stay", "lock_all", "hide_all", "folded")


class DrawingActions:
    """The group `draw`; charts and their strips show what it does."""

    def __init__(self, console: Console, charts: ChartActions) -> None:
        self._console, self._charts = console, charts

    def bindings(self) -> Bindings:
        """Return what each action does."""
        others: Bindings = {
            **{f"draw.{flag}": partial(self._toggle, flag) for flag in SWITCHES},
            "draw.undo": self._undo,
            "draw.redo": self._redo,
            "draw.clear": self._clear,
        }
        tools = {f"draw.{name}": partial(self._take, name) for name, *_ in DRAWING if f"draw.{name}" not in others}
        return {**tools, **others}

    def close(self) -> None:
        """See that every drawing is on the disk before the engine goes."""
        from crs_desktop.viewmodels.drawings.desk import flush

        if self._console.open_desk is not None:
            flush(self._console.open_desk)

    @property
    def _store(self) -> DrawingStore:
        from crs_desktop.viewmodels.drawings.desk import drawings_of

        return drawings_of(self._console.desk)

    @property
    def _symbol(self) -> str:
        """The pair of the chart that is active."""
        return self._charts.active.model_of_chart.pair.symbol

    def _take(self, name: str) -> None:
        """Take a tool, and the keyboard to the chart, where it is used."""
        self._store.tools.choose(name)
        self._console.window.docks.show("chart")
        pane = self._charts.active
        if not pane.isAncestorOf(pane.window().focusWidget()):
            pane.setFocus()

    def _toggle(self, flag: str) -> None:
        self._store.tools.toggle(flag)

    def _undo(self) -> None:
        if not self._store.undo(self._symbol):
            self._console.toasts.say(tr("Nothing to undo"), tr("No drawing of this pair was changed."))

    def _redo(self) -> None:
        if not self._store.redo(self._symbol):
            self._console.toasts.say(tr("Nothing to redo"), tr("No drawing step of this pair was taken back."))

    def _clear(self) -> None:
        symbol = self._symbol
        gone = self._store.clear(symbol)
        if gone:
            text = tr("{count} drawings of {pair} removed", count=gone, pair=symbol)
            self._console.toasts.say(text, tr("Ctrl+Z in the chart brings them back."))
        else:
            self._console.toasts.say(tr("No drawings to remove"), tr("Locked ones stay."))
