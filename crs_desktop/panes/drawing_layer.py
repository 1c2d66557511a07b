"""Drawing on one chart, as the chart's pane sees it: a strip at the left, and whatever belongs to it, made on use.

The modules of drawing take a moment to load. They are loaded after the first candles were painted, so that a window
opens as fast as without them; the strip keeps its place meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from crs_desktop import theme
from crs_desktop.charts.chart_view import ChartView

if TYPE_CHECKING:
    from crs_desktop.charts.drawing.overlay import DrawingOverlay
    from crs_desktop.panes.drawing_bar import DrawingBar
    from crs_desktop.panes.drawing_style import StyleCard
    from crs_desktop.viewmodels.drawings.shape import Shape

AFTER_MS = 30
"""After the first frame with candles."""
PLACE = 34
"""Width of the strip while it is empty, px at 100 % text: that of its buttons and margins."""


class DrawingLayer(QFrame):
    """The strip of a chart; `begin` brings drawings to the chart."""

    def __init__(self, chart: ChartView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chart = chart
        self._made: tuple[DrawingOverlay, DrawingBar] | None = None
        self._asked = self._closed = False
        self.setProperty("kind", "bar")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.setMinimumWidth(theme.current().px(PLACE - 6) + 6)

    @property
    def overlay(self) -> DrawingOverlay:
        """The drawings on the chart."""
        return self._parts()[0]

    @property
    def bar(self) -> DrawingBar:
        """The tools."""
        return self._parts()[1]

    def begin(self) -> None:
        """Bring drawings to the chart soon; only the first call does."""
        if not self._asked:
            self._asked = True
            QTimer.singleShot(AFTER_MS, self, self._parts_if_open)

    def menu(self, at: QPoint) -> QMenu | None:
        """Return the menu of the drawing under a point of the chart, None if there is none."""
        return self._made[0].menu(at) if self._made is not None else None

    def offer(self, menu: QMenu) -> None:
        """Add to the chart's menu what can be done with drawings."""
        if self._made is not None:
            self._made[0].offer(menu)

    def dispose(self) -> None:
        """Let go of the drawings, which other charts may go on with; safe to call twice."""
        self._closed = True
        if self._made is not None:
            overlay, bar = self._made
            overlay.close()
            bar.close_links()

    def _parts_if_open(self) -> None:
        if not self._closed:
            self._parts()

    def _parts(self) -> tuple[DrawingOverlay, DrawingBar]:
        if self._made is None:
            from crs_desktop.charts.drawing.overlay import DrawingOverlay
            from crs_desktop.panes.drawing_bar import DrawingBar
            from crs_desktop.viewmodels.drawings.desk import drawings_of

            store = drawings_of(self._chart.model.desk)
            self._made = DrawingOverlay(self._chart, store, _card), DrawingBar(store, self)
            self._chart.overlays.append(self._made[0])
            self.setMinimumWidth(0)
            self._row.addWidget(self._made[1])
            self._chart.update()
        return self._made


def _card(overlay: DrawingOverlay, shape: Shape) -> StyleCard:
    from crs_desktop.panes.drawing_style import StyleCard

    return StyleCard(overlay, shape)
