"""Joins a chart with what trades on it: our fills, and the overlay of orders, new orders and the position."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.marks import FillMarks
from crs_desktop.charts.trading.offer_menu import add_offers
from crs_desktop.charts.trading.overlay import TradingOverlay
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_fills import ChartFills
from crs_desktop.viewmodels.chart_orders import ChartOrders


class ChartTrading:
    """The trading parts of one chart, laid over it; `close` ends them."""

    def __init__(self, chart: ChartView, model: ChartModel) -> None:
        self.fills = ChartFills(model, chart.update)
        self.marks = FillMarks(self.fills, lambda: chart.hover)
        self.model = ChartOrders(model)
        self.overlay = TradingOverlay(chart, self.model)
        chart.overlays += [self.marks, self.overlay]

    def add_offers(self, menu: QMenu, price: float) -> None:
        """Add what can be placed at a price to a menu."""
        add_offers(menu, self.model, price)

    def close(self) -> None:
        """End subscriptions and tasks; safe to call twice."""
        self.overlay.close()
        self.fills.close()
