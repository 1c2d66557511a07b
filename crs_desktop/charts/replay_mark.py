"""What marks a chart in replay: the word in its corner; and the keys that move its time."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QKeyEvent

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.labels import CENTRE, AxisLabel
from crs_desktop.charts.overlay import Plane
from crs_desktop.i18n import tr

EDGE = 8.0


class Moves(Protocol):
    """What the keys do."""

    def step(self) -> None:
        """Go a bar on."""
        ...

    def step_finely(self) -> None:
        """Go on by one of the finest bars."""
        ...

    def back(self) -> None:
        """Go a bar back."""
        ...


class ReplayMark:
    """An overlay: Right steps, Shift+Right steps finely, Left goes back."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Write the word into the upper right corner."""
        text = tr("REPLAY")
        width, height = canvas.text_width(text) + 14.0, float(canvas.painter.fontMetrics().height()) + 4.0
        box = QRectF(plane.frame.plot_width - width - EDGE, EDGE, width, height)
        ink = theme.color("replay")
        canvas.tag(box, theme.color("raised"), ink)
        canvas.text(box.x(), box.y(), width, height, text, ink, CENTRE)

    def labels(self, _plane: Plane) -> list[AxisLabel]:
        """Return none."""
        return []

    def take(self, event: QEvent, _plane: Plane) -> bool:
        """Move time with the arrow keys."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        finely = held == Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_Right and (finely or held == Qt.KeyboardModifier.NoModifier):
            if finely:
                self._moves.step_finely()
            else:
                self._moves.step()
            return True
        if event.key() == Qt.Key.Key_Left and held == Qt.KeyboardModifier.NoModifier:
            self._moves.back()
            return True
        return False
