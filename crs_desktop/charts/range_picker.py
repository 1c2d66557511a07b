"""Choosing a stretch of bars on a chart: drag over it, or Enter at its first and at its last bar; Escape lets it be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.frame import Zone
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.overlay import Plane

Key = Qt.Key
Pointer = Callable[[], tuple[float, float] | None]


class RangePicker:
    """An overlay that waits for a stretch; `done` gets its first instant and the one before which it ends, or None."""

    def __init__(self, pointer: Pointer, done: Callable[[tuple[int, int] | None], object]) -> None:
        self._pointer, self._done = pointer, done
        self._begin: int | None = None
        """An instant of the bar at which the stretch begins, once there is one: it outlives a change of timeframe."""

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Tint the bars from the first edge to the pointer."""
        at = self._pointer()
        if at is None or self._begin is None:
            return
        low, high = self._bars(plane, at[0])
        left, right = plane.view.x(low), plane.view.x(high)
        canvas.box(left, 0, right - left, plane.frame.price_height, theme.color("accent", 36))
        for x in (left, right):
            canvas.vertical(x, 0, plane.frame.price_height, theme.color("accent"))

    def labels(self, plane: Plane) -> list[AxisLabel]:
        """Return nothing: it is about time."""
        return []

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle presses in the panes and the keys Enter and Escape."""
        if isinstance(event, QKeyEvent):
            return self._key(event, plane)
        if not isinstance(event, QMouseEvent):
            return False
        at = event.position()
        if event.type() == QEvent.Type.MouseMove:
            return False  # the chart moves its crosshair; it pans only while it holds a press of its own
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            if plane.frame.zone(at.x(), at.y()) not in (Zone.PLOT, Zone.SUBPANE):
                return False
            if self._begin is None:
                self._begin = plane.series.start(self._bar(plane, at.x()))
            return True
        if event.type() == QEvent.Type.MouseButtonRelease and self._begin is not None:
            if self._bar(plane, at.x()) != plane.series.index_at(self._begin):  # a click only marks the first bar
                self._finish(plane, at.x())
            return True
        return False

    def _key(self, event: QKeyEvent, plane: Plane) -> bool:
        ours = event.key() in (Key.Key_Return, Key.Key_Enter, Key.Key_Escape)
        if not ours:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        at = self._pointer()
        if event.key() == Key.Key_Escape:
            self._done(None)
        elif at is not None and self._begin is None:
            self._begin = plane.series.start(self._bar(plane, at[0]))
        elif at is not None:
            self._finish(plane, at[0])
        return True

    def _finish(self, plane: Plane, x: float) -> None:
        low, high = self._bars(plane, x)
        self._done((plane.series.start(low), plane.series.start(high - 1) + plane.series.step))

    def _bars(self, plane: Plane, x: float) -> tuple[int, int]:
        """Return the first bar, and one past the last."""
        bar, begin = self._bar(plane, x), plane.series.index_at(self._begin or 0)
        return min(bar, begin), max(bar, begin) + 1

    def _bar(self, plane: Plane, x: float) -> int:
        return min(max(int(plane.view.bar(x) // 1), plane.series.first), plane.series.stop - 1)
