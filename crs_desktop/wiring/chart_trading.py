"""Actions that trade on the chart with the keyboard: place at the crosshair, guard the position, reverse."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.chart_position import Way
from crs_desktop.wiring.console import Bindings, Console
from engine.domain.order import Side

if TYPE_CHECKING:
    from crs_desktop.charts.trading.overlay import TradingOverlay


class ChartTradingActions:
    """What `chart.buy_here`, `chart.sell_here`, `chart.exits` and `orders.reverse` do on the chart in use."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "chart.buy_here": partial(self._place, Side.BUY),
            "chart.sell_here": partial(self._place, Side.SELL),
            "chart.exits": self._exits,
            "orders.reverse": self._reverse,
        }

    def undo(self) -> bool:
        """Move the last line back; False if that is not offered."""
        overlay = self._overlay()
        return overlay is not None and overlay.model.undo()

    def _overlay(self) -> TradingOverlay | None:
        from crs_desktop.charts.trading.overlay import TradingOverlay

        chart = getattr(self._console.window.pane("chart"), "chart", None)
        overlays = chart.overlays if chart is not None else ()
        return next((each for each in overlays if isinstance(each, TradingOverlay)), None)

    def _at_chart(self) -> TradingOverlay | None:
        """Show the chart and give it the keyboard, so that Enter and Escape are its own."""
        self._console.window.docks.show("chart")
        overlay = self._overlay()
        if overlay is not None:
            overlay.focus()
        return overlay

    def _place(self, side: Side) -> None:
        overlay = self._at_chart()
        if overlay is not None:
            overlay.place(side)

    def _exits(self) -> None:
        overlay = self._at_chart()
        if overlay is not None:
            overlay.model.offer_exits()

    def _reverse(self) -> None:
        overlay = self._at_chart()
        if overlay is not None:
            overlay.model.buttons.ask(Way.REVERSE, overlay.model.chart.pair)
