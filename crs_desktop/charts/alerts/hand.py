"""The mouse on the alerts of a chart: drag a line to another price, press its cross, open it with a double click.

Escape lets go of what is dragged and leaves it where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from crs_desktop.charts.overlay import Plane

if TYPE_CHECKING:
    from crs_desktop.charts.alerts.overlay import AlertOverlay, Spot

SLOP = 4.0
"""Pixels that a click may move."""


@dataclass(slots=True)
class Held:
    """An alert that is dragged: where it is now (ticks)."""

    alert_id: str
    at: int


class Hand:
    """What the mouse holds now."""

    def __init__(self, overlay: AlertOverlay) -> None:
        self._overlay = overlay
        self._pressed: Spot | None = None
        self._from = QPointF()
        self._offset = 0.0
        self.held: Held | None = None
        self.lit: str | None = None
        """The alert under the pointer."""
        self.open: Callable[[str], object] = _nobody
        """Called with an alert that is to be changed in a dialog."""

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle an event; False leaves it to the next."""
        if isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape and self._let_go()
        if event.type() == QEvent.Type.Leave:
            self._light(None)
            return False
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseMove:
            return self._move(event.position(), plane)
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            return self._press(event, plane)
        if event.type() == QEvent.Type.MouseButtonRelease:
            return self._release(event.position())
        return event.type() == QEvent.Type.MouseButtonDblClick and self._open(event.position())

    def _press(self, event: QMouseEvent, plane: Plane) -> bool:
        if event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            return False  # that places orders
        self._pressed, self._from = self._overlay.spot(event.position()), event.position()
        if self._pressed is None:
            return False
        self._overlay.chart.setFocus(Qt.FocusReason.MouseFocusReason)
        level = next((each for each in self._overlay.shown() if each.alert.id == self._pressed.alert_id), None)
        self._offset = 0.0 if level is None else plane.view.y(level.at) - self._from.y()
        return True

    def _move(self, at: QPointF, plane: Plane) -> bool:
        chart = self._overlay.chart
        if self._pressed is None:
            return self._hover(at)
        if self.held is None and self._pressed.drags and abs(at.y() - self._from.y()) >= SLOP:
            self.held = Held(self._pressed.alert_id, 1)
        if self.held is not None:
            self.held.at = max(1, round(plane.view.price(at.y() + self._offset)))
        chart.hover = (at.x(), at.y())
        chart.update()
        return True

    def _release(self, at: QPointF) -> bool:
        pressed, held, self._pressed, self.held = self._pressed, self.held, None, None
        if pressed is None:
            return False
        if held is not None:
            self._overlay.model.move(held.alert_id, held.at)
        elif pressed.removes and pressed.rect.contains(at):
            self._overlay.model.remove(pressed.alert_id)
        self._overlay.chart.update()
        return True

    def _open(self, at: QPointF) -> bool:
        spot = self._overlay.spot(at)
        if spot is None:
            return False
        self.open(spot.alert_id)
        return True

    def _hover(self, at: QPointF) -> bool:
        """Show that something can be pressed or dragged."""
        spot = self._overlay.spot(at)
        self._light(None if spot is None else spot.alert_id)
        if spot is None:
            return False
        chart = self._overlay.chart
        chart.setCursor(Qt.CursorShape.SizeVerCursor if spot.drags else Qt.CursorShape.PointingHandCursor)
        chart.hover = (at.x(), at.y())
        chart.update()
        return True

    def _light(self, alert_id: str | None) -> None:
        if alert_id != self.lit:
            self.lit = alert_id
            self._overlay.chart.update()

    def _let_go(self) -> bool:
        was, self.held, self._pressed = self.held is not None, None, None
        self._overlay.chart.update()
        return was


def _nobody(_alert_id: str) -> None:
    """Nobody can open it."""
