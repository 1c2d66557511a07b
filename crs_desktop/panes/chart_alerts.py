"""Joins a chart with the alerts of its pair: the overlay, what menus offer, and the key that sets one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu, QWidget

from crs_desktop.charts.alerts.overlay import AlertOverlay
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import say
from engine.domain.number import Ticks
from engine.services.alerts import PriceRule, StudyRule

if TYPE_CHECKING:
    from crs_desktop.charts.drawing.overlay import DrawingOverlay
    from crs_desktop.viewmodels.indicators.study import Study


class ChartAlerts:
    """The alerts on one chart, laid over it; `close` ends them."""

    def __init__(self, chart: ChartView, parent: QWidget) -> None:
        self._chart, self._parent = chart, parent
        self.overlay = AlertOverlay(chart)
        self.overlay.hand.open = self.edit
        chart.overlays.append(self.overlay)

    def close(self) -> None:
        """End subscriptions; safe to call twice."""
        self.overlay.close()

    def edit(self, alert_id: str) -> None:
        """Open the dialog on an alert."""
        from crs_desktop.panes.alert_dialog import open_alert

        alert = self.overlay.model.find(alert_id)
        if alert is not None:
            open_alert(self._parent.window(), self._chart.model.desk, alert)

    def add_here(self) -> None:
        """Set an alert at the crosshair's price; without a crosshair ask for one."""
        price = self.overlay.price_here()
        if price is not None:
            self.overlay.model.add(self._symbol, PriceRule(price))
            return
        from crs_desktop.panes.alert_dialog import open_alert

        open_alert(self._parent.window(), self._chart.model.desk, None, symbol=self._symbol)

    def add_on_study(self, study: Study) -> None:
        """Ask when to tell of an indicator as it is on the chart."""
        from crs_desktop.panes.alert_dialog import open_alert

        chart = self._chart.model
        if ":" in study.setup.name:
            told = say("Alerts watch the built-in indicators; one of your own is watched on its chart only.")
            chart.desk.tell(say("Alert"), told)
            return
        output = next((each.name for at, each in enumerate(study.indicator.outputs) if study.drawn(at)), "")
        rule = StudyRule(study.setup.name, chart.timeframe.value, output, dict(study.setup.values))
        open_alert(self._parent.window(), chart.desk, None, symbol=self._symbol, rule=rule)

    # -- menus --------------------------------------------------------------------------------------

    def menu_at(self, at: QPoint) -> QMenu | None:
        """Return the menu of the alert at a point of the chart, None if there is none."""
        spot = self.overlay.spot(QPointF(at))
        if spot is None:
            return None
        menu = QMenu(self._parent)
        self.overlay.fill(menu, spot.alert_id)
        return menu

    def offer(self, menu: QMenu, price: Ticks) -> None:
        """Add an alert at a price to the menu of the chart."""
        text = tr("Alert at {price}", price=fmt.price(self._chart.model.pair, price))
        menu.addAction(text, lambda: self.overlay.model.add(self._symbol, PriceRule(price)))

    def offer_on_drawing(self, menu: QMenu, drawings: DrawingOverlay) -> None:
        """Add an alert on the chosen drawing to its menu, if it is a line."""
        from crs_desktop.viewmodels.drawn_alerts import line_rule

        shape = drawings.store.find(drawings.symbol, drawings.hand.selected)
        rule = line_rule(self._chart.model.pair, shape) if shape is not None else None
        if rule is not None:
            menu.addSeparator()
            words = spoken(say("Alert when the price crosses it"))
            menu.addAction(words, lambda: self.overlay.model.add(drawings.symbol, rule))

    @property
    def _symbol(self) -> str:
        return self._chart.model.pair.symbol
