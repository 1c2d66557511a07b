"""The chart pane: candles of one pair, a Retry button when they cannot be had, a small menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.chart_alerts import ChartAlerts
from crs_desktop.panes.chart_flow import ChartFlow
from crs_desktop.panes.chart_indicators import ChartIndicators
from crs_desktop.panes.chart_trading import ChartTrading
from crs_desktop.panes.drawing_layer import DrawingLayer
from crs_desktop.viewmodels import time_zone
from crs_desktop.viewmodels.chart import ChartModel, ChartState
from crs_desktop.viewmodels.chart_memory import ChartMemory
from crs_desktop.viewmodels.chart_style import Scale
from crs_desktop.widgets.ask_line import AskLine

NARROW = 300
"""Below this width, px at 100 % text, the candles need the room of the drawing tools; keys and menus have them all."""


class ChartPane(Pane):
    """Shows a `ChartModel`."""

    name = "chart"
    memory_changed = Signal()
    """Something that `memory` keeps changed; whoever changes it says so."""

    def __init__(self, model: ChartModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Chart"), parent)
        self._model = model
        self.offers_replay: Callable[[QPoint], object] | None = None
        """Begins a replay near a point of the chart, set by whoever can."""
        self.memory = ChartMemory()
        self.chart = ChartView(model, self)
        self.indicators = ChartIndicators(self.chart, model.studies, self)
        self.memory.add("style", self.chart)
        self.flow = ChartFlow(self.chart, self.memory_changed.emit)
        self.memory.add("order flow", self.flow)
        self.memory.add("indicators", model.studies)
        self.indicators.changed = self.memory_changed.emit
        self.chart.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.chart.customContextMenuRequested.connect(self._open_menu)
        self.alerts = ChartAlerts(self.chart, self)
        self.indicators.alert_wanted = self.alerts.add_on_study
        self.trading = ChartTrading(self.chart, model)
        self.drawing = DrawingLayer(self.chart, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.drawing)
        layout.addWidget(self.chart, 1)
        self.setFocusProxy(self.chart)
        self.ask = AskLine(self)
        self.retry = QPushButton(tr("Retry"), self)
        self.retry.setAccessibleName(tr("Load the candles again"))
        self.retry.clicked.connect(model.reload)
        self.retry.hide()

    def remembered(self) -> dict[str, Any]:
        """Return what the chart's parts remember, for a workspace."""
        return self.memory.remembered()

    def restore(self, state: dict[str, Any]) -> None:
        """Give the parts back what they remembered."""
        self.memory.restore(state)

    @property
    def model_of_chart(self) -> ChartModel:
        """The view-model."""
        return self._model

    @property
    def dirty(self) -> bool:
        """Whether the model has news, the countdown moved or a flash is over."""
        return self._model.dirty or self.chart.needs_frame

    def refresh(self) -> None:
        """Take over the model's state."""
        self.chart.sync()
        self.retry.setVisible(self._model.state is ChartState.FAILED)
        super().refresh()
        if self._model.state is ChartState.READY:
            self.drawing.begin()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the button below the sentence in the middle; a strip of tools gives way in a narrow chart."""
        super().resizeEvent(event)
        self.drawing.setVisible(self.width() >= theme.current().px(NARROW))
        size = self.retry.sizeHint()
        self.retry.setGeometry((self.width() - size.width()) // 2, self.height() // 2 + 28, size.width(), size.height())

    def dispose(self) -> None:
        """Let go of the drawings, which other charts may go on with, and end what trades here."""
        self.indicators.close()
        super().dispose()
        self.alerts.close()
        self.trading.close()
        self.drawing.dispose()

    def _open_menu(self, at: QPoint) -> None:
        menu = self.drawing.menu(at)
        if menu is not None:
            self.alerts.offer_on_drawing(menu, self.drawing.overlay)
        menu = menu or self.alerts.menu_at(at) or self.indicators.menu_at(at) or self.menu(at)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.chart.mapToGlobal(at))

    def menu(self, at: QPoint) -> QMenu:
        """Return the menu for a point of the chart."""
        from crs_desktop.panes.chart_menu import chart_menu
        from crs_desktop.panes.flow_menu import add_flow

        menu = chart_menu(self, at)
        self.indicators.fill(menu)
        add_flow(self, menu)
        self.drawing.offer(menu)
        return menu

    def restyle(self, **changes: object) -> None:
        """Change some choices of the chart's style, e.g. `kind=BarKind.LINE`."""
        self.chart.set_style(replace(self.chart.current_style(), **changes))  # type: ignore[arg-type]
        self.memory_changed.emit()

    def toggle(self, scale: Scale) -> None:
        """Take a price scale, or go back to the linear one."""
        self.restyle(scale=Scale.LINEAR if self.chart.look.scale is scale else scale)

    def ask_date(self) -> None:
        """Ask for a date to go to."""
        self.ask.ask(
            tr("Go to date"),
            tr("2026-01-31, 2026-01-31 14:30 or -3d, in {zone}", zone=self._zone()),
            self._model.journey.ask,
        )

    def _zone(self) -> str:
        return time_zone.chosen().label(self._model.desk.feed.now)
