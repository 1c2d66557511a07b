"""The window of recordings: beside the main window, one per window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.panes.recordings import Doing, RecordingsPane
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.recordings.listed import RecordingsModel

NAME = "recordings window"
"""By which it is found without an import."""
WIDTH, HEIGHT = 720, 420


class RecordingsWindow(QDialog):
    """Holds the pane; Escape closes it."""

    def __init__(self, parent: QWidget, model: RecordingsModel, doing: Doing, pulse: Pulse) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(NAME)
        self.pane = RecordingsPane(model, doing, self)
        self.setWindowTitle(self.pane.title)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.pane)
        scale = theme.current().px
        self.resize(max(WIDTH, scale(WIDTH)), max(HEIGHT, scale(HEIGHT)))
        self.pane.join(pulse)
        self.pane.setFocus()

    def done(self, result: int) -> None:
        """Read no more."""
        self.pane.dispose()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Enter be the table's alone."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)


def held_by(parent: QWidget) -> RecordingsWindow | None:
    """Return the window that is open; one that was closed may not be gone yet."""
    return next((each for each in parent.findChildren(RecordingsWindow) if each.isVisible()), None)
