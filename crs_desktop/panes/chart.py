"""The chart pane: candles of the desk's pair, a Retry button when they cannot be had, a small menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from crs_desktop.charts.chart_view import ChartView
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.chart_indicators import ChartIndicators
from crs_desktop.viewmodels.chart import ChartModel, ChartState
from engine.domain.number import Ticks


class ChartPane(Pane):
    """Shows a `ChartModel`."""

    name = "chart"

    def __init__(self, model: ChartModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Chart"), parent)
        self._model = model
        self.chart = ChartView(model, self)
        self.indicators = ChartIndicators(self.chart, model.studies, self)
        self.chart.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.chart.customContextMenuRequested.connect(self._open_menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.chart)
        self.setFocusProxy(self.chart)
        self.retry = QPushButton(tr("Retry"), self)
        self.retry.setAccessibleName(tr("Load the candles again"))
        self.retry.clicked.connect(model.reload)
        self.retry.hide()

    @property
    def dirty(self) -> bool:
        """Whether the model has news, the countdown moved or a flash is over."""
        return self._model.dirty or self.chart.needs_frame

    def refresh(self) -> None:
        """Take over the model's state."""
        self.chart.sync()
        self.retry.setVisible(self._model.state is ChartState.FAILED)
        super().refresh()

    def dispose(self) -> None:
        """Leave the pulse and close the model."""
        self.indicators.close()
        super().dispose()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the button below the sentence in the middle."""
        super().resizeEvent(event)
        size = self.retry.sizeHint()
        self.retry.setGeometry((self.width() - size.width()) // 2, self.height() // 2 + 28, size.width(), size.height())

    def _open_menu(self, at: QPoint) -> None:
        menu = self.indicators.menu_at(at) or self.menu(at)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.chart.mapToGlobal(at))

    def menu(self, at: QPoint) -> QMenu:
        """Return the menu for a point of the chart."""
        chart, model = self.chart, self._model
        menu = QMenu(self)
        inside = at.y() < chart.frame.price_height and model.state is ChartState.READY
        price = Ticks(max(1, round(chart.view.price(at.y()))))
        if inside:
            text = tr("Use {price} in the ticket", price=model.pair.price_text(price))
            menu.addAction(text, lambda: model.desk.pick_price(price))
            menu.addSeparator()
        menu.addAction(tr("Newest candle"), chart.gestures.show_latest)
        menu.addAction(tr("Oldest candle"), chart.gestures.show_oldest)
        follow = menu.addAction(tr("Scale prices automatically"), chart.gestures.follow_prices)
        follow.setCheckable(True)
        follow.setChecked(chart.view.auto)
        menu.addAction(tr("Reset the view"), chart.reset)
        self.indicators.fill(menu)
        return menu
