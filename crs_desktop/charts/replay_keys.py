"""The keys that move the time of a chart in replay."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.overlay import Plane


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


class ReplayKeys:
    """An overlay that paints nothing: Right steps, Shift+Right steps finely, Left goes back."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    def paint(self, _canvas: Canvas, _plane: Plane) -> None:
        """Paint nothing: strip, frame and legend say what the chart is."""

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
