"""Actions on order flow: ladder, heatmap and depth chart come to the front; what the ladder sends gets its toast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.trading import TradingActions

if TYPE_CHECKING:
    from crs_desktop.panes.base import Pane
    from crs_desktop.viewmodels.ladder import LadderModel


class FlowActions:
    """The actions that show order flow."""

    def __init__(self, console: Console, trading: TradingActions) -> None:
        self._console, self._trading = console, trading
        self._links: list[Any] = []
        console.window.pane_made.connect(self._made)

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "view.ladder": self._ladder,
            "view.heatmap": lambda: self._console.window.docks.focus("heatmap"),
            "view.depth": lambda: self._console.window.docks.focus("depth"),
        }

    def close(self) -> None:
        """Follow the ladder's orders no more: the engine goes."""
        for each in self._links:
            each.close()
        self._links, self._trading.senders = [], []

    def _ladder(self) -> None:
        """Show the ladder with the keyboard in it; if it has that already, go back to the ticket."""
        docks = self._console.window.docks
        host = docks.hosts["ladder"]
        focus = self._console.window.focusWidget()
        inside = focus is not None and host.isAncestorOf(focus)
        docks.focus("ticket" if inside and host.in_view else "ladder")

    def _made(self, pane: Pane) -> None:
        if pane.name != "ladder" or pane.model is None:
            return
        model: LadderModel = pane.model  # type: ignore[assignment]
        ticket = model.ticket
        self._trading.senders.append(ticket)
        self._links += [
            ticket.outbox.on_sent(lambda timeline: self._trading.sent(timeline, ticket)),
            ticket.outbox.on_progress(self._console.toasts.progress),
        ]
