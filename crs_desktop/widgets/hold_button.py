"""A button that acts only when held: for what must not happen by accident."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from crs_desktop import theme

HOLD_MS = 1000


class HoldButton(QPushButton):
    """Fills up while it is pressed (mouse, Space) and emits `held` after one second."""

    held = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", "danger")
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(33)
        self._timer.timeout.connect(self._advance)
        self.pressed.connect(self._begin)
        self.released.connect(self._stop)

    @property
    def progress(self) -> float:
        """How much of the time it was held, 0 to 1."""
        return min(1.0, self._clock.elapsed() / HOLD_MS) if self._timer.isActive() else 0.0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the button and how long it still takes."""
        super().paintEvent(event)
        if self._timer.isActive():
            painter = QPainter(self)
            width = self.width() * self.progress
            painter.fillRect(QRectF(0, self.height() - 3, width, 3), theme.color("error"))
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ignore the repeat of a held key; Enter is as good as Space."""
        if event.isAutoRepeat():
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.setDown(True)
            self.pressed.emit()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let go with the key."""
        if event.isAutoRepeat():
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.setDown(False)
            self.released.emit()
            return
        super().keyReleaseEvent(event)

    def _begin(self) -> None:
        self._clock.start()
        self._timer.start()

    def _stop(self) -> None:
        self._timer.stop()
        self.update()

    def _advance(self) -> None:
        self.update()
        if self.progress >= 1.0:
            self._stop()
            self.held.emit()
