"""The window of a feed's condition: beside the main window, so that one can trade and look at it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.panes.feed_health import FeedHealthPane
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.feed_health import HealthModel

NAME = "feed health window"
WIDTH, HEIGHT = 640, 480


class FeedHealthWindow(QDialog):
    """Holds the pane; Escape closes it. One per window."""

    def __init__(self, parent: QWidget, model: HealthModel, pulse: Pulse) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(NAME)
        self.pane = FeedHealthPane(model, self)
        self.setWindowTitle(self.pane.title)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.pane)
        scale = theme.current().px
        self.resize(max(WIDTH, scale(WIDTH)), max(HEIGHT, scale(HEIGHT)))
        self.pane.join(pulse)

    def done(self, result: int) -> None:
        """Read no more."""
        self.pane.dispose()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Enter do nothing: there is nothing to answer."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)


def show_health(parent: QWidget, pulse: Pulse, model: HealthModel) -> FeedHealthWindow:
    """Show a feed's condition; brings the window to the front if there is one."""
    held = parent.findChild(FeedHealthWindow)
    if held is not None and held.isVisible():
        model.close()
        held.showNormal()
        held.activateWindow()
        return held
    window = FeedHealthWindow(parent, model, pulse)
    window.show()
    return window
