"""The window of a server's figures: beside the main window, read only while it can be seen."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.panes.server.metrics import MetricsPane
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.server.metrics import MetricsModel
from engine.ports.server import ServerApi
from engine.wire.metrics import Metrics

WIDTH, HEIGHT = 900, 640
PATH = "/v1/metrics"


class MetricsWindow(QDialog):
    """Holds the pane; Escape closes it. One per window."""

    def __init__(self, parent: QWidget, model: MetricsModel, pulse: Pulse) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("server metrics")
        self.pane = MetricsPane(model, self)
        self.setWindowTitle(self.pane.title)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.pane)
        scale = theme.current().px
        self.resize(max(WIDTH, scale(WIDTH) * 3 // 4), max(HEIGHT, scale(HEIGHT) * 3 // 4))
        self.pane.join(pulse)
        self._reading = asyncio.get_running_loop().create_task(model.follow(self._is_seen))

    def done(self, result: int) -> None:
        """Read no more."""
        self._reading.cancel()
        self.pane.dispose()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Enter do nothing: there is nothing to answer."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def _is_seen(self) -> bool:
        return self.isVisible() and not self.isMinimized()


def show_metrics(parent: QWidget, pulse: Pulse, api: ServerApi, name: str) -> MetricsWindow:
    """Show how a server is doing; brings the window to the front if there is one."""
    held = parent.findChild(MetricsWindow)
    if held is not None and held.isVisible():
        held.showNormal()
        held.activateWindow()
        return held
    fetch = partial(api.call, "GET", PATH, Metrics)
    window = MetricsWindow(parent, MetricsModel(fetch, name, time.monotonic), pulse)
    window.show()
    return window
