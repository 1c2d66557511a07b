"""Choosing where a replay begins: a line over the chart, a click on a bar, or a date that is typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QPushButton, QToolButton

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.frame import Zone
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.overlay import Plane
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.journey import parse_when
from crs_desktop.viewmodels.time_zone import chosen
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.label import plain_label

VEIL = 150
"""How strongly what would be hidden is covered, of 255."""
FIELD_WIDTH, LEAST_FIELD = 190, 70
ROOMY = 620
"""From this width on, px at 100 % text, all of it stands in one row."""


class StartLine:
    """The overlay that shows and takes the bar with which a replay begins."""

    def __init__(self, chart: ChartView, begin: Callable[[int], object], leave: Callable[[], object]) -> None:
        self._chart, self._begin, self._leave = chart, begin, leave
        chart.overlays.append(self)
        chart.update()

    def close(self) -> None:
        """Take it off the chart; safe to call twice."""
        if self in self._chart.overlays:
            self._chart.overlays.remove(self)
            self._chart.update()

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Cover what comes after the bar under the pointer."""
        hover = self._chart.hover
        at = None if hover is None else self._instant(plane, hover[0])
        if at is None:
            return
        x, frame = plane.x(at), plane.frame
        veil = QColor(theme.color("surface"))
        veil.setAlpha(VEIL)
        canvas.painter.fillRect(QRectF(x, 0, max(0.0, frame.plot_width - x), frame.price_height), veil)
        canvas.vertical(x, 0, frame.price_height, theme.color("replay"))

    def labels(self, _plane: Plane) -> list[AxisLabel]:
        """Return none."""
        return []

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Begin at a click or Enter, leave with Escape."""
        kind = event.type()
        if isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton:
            x, y = event.position().x(), event.position().y()
            if kind == QEvent.Type.MouseButtonPress and plane.frame.zone(x, y) is Zone.PLOT:
                return self._begun(plane, x)
        if isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._leave()
                return True
            hover = self._chart.hover
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and hover is not None:
                return self._begun(plane, hover[0])
        return False

    def _begun(self, plane: Plane, x: float) -> bool:
        at = self._instant(plane, x)
        if at is not None:
            self._begin(at)
        return True

    def _instant(self, plane: Plane, x: float) -> int | None:
        """Return the end of the bar at a pixel (ns UTC)."""
        if not len(plane.series):
            return None
        length = self._chart.model.timeframe.nanos
        at = plane.instant(x)
        return at - at % length + length


class ReplayChoice(QFrame):
    """The strip that asks where to begin."""

    def __init__(self, begin: Callable[[int], object], leave: Callable[[], object], now: Callable[[], int]) -> None:
        super().__init__()
        self._begin, self._leave, self._now = begin, leave, now
        self._roomy: bool | None = None
        self.setProperty("kind", "bar")
        self.mark = plain_label(tr("REPLAY"), role="strong", tone="replay")
        self.said = plain_label(tr("Click the bar with which it begins, or type a date"), tone="muted", wrap=True)
        self.said.setMinimumWidth(1)
        self.field = QLineEdit()
        self.field.setMinimumWidth(theme.current().px(LEAST_FIELD))
        self.field.setMaximumWidth(theme.current().px(FIELD_WIDTH))
        self.field.setPlaceholderText(tr("2026-01-31 14:30 or -3d"))
        self.field.setAccessibleName(tr("Date at which the replay begins"))
        self.field.returnPressed.connect(self._entered)
        self.go = QPushButton(tr("Begin"))
        self.go.clicked.connect(self._entered)
        self.cancel = QToolButton()
        self.cancel.setProperty("kind", "ghost")
        self.cancel.setIcon(theme.icon("x"))
        self.cancel.setToolTip(tr("Begin no replay (Esc)"))
        self.cancel.setAccessibleName(tr("Begin no replay"))
        self.cancel.clicked.connect(lambda: self._leave())
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 4, 8, 4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._lay_out(roomy=True)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the sentence a line of its own where there is little room."""
        super().resizeEvent(event)
        self._lay_out(roomy=self.width() >= theme.current().px(ROOMY))

    def _lay_out(self, *, roomy: bool) -> None:
        if roomy is self._roomy:
            return
        self._roomy = roomy
        self._grid.addWidget(self.mark, 0, 0)
        self._grid.addWidget(self.said, *((0, 1) if roomy else (1, 0, 1, 5)))
        for column, widget in enumerate((self.field, self.go, self.cancel), start=2):
            self._grid.addWidget(widget, 0, column)
        self.go.setVisible(roomy)

    def say(self, sentence: Sentence) -> None:
        """Say why it did not begin."""
        self.said.setText(spoken(sentence))
        theme.set_tone(self.said, "warn")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def _entered(self) -> None:
        instant, problem = parse_when(self.field.text(), self._now(), chosen())
        if instant is None:
            self.say(problem)
        else:
            self._begin(instant)
