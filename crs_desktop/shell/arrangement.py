"""Takes the window's layout from its file and puts it back: 5 s after a change, and at the close."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from crs_desktop.viewmodels.layout import Layout, LayoutFile, Rect, clamp
from crs_desktop.viewmodels.words import NOTHING, Sentence, say

if TYPE_CHECKING:
    from crs_desktop.window import MainWindow

QUIET_MS = 5000
"""A change is written when nothing has moved for this long."""


class Arrangement:
    """The layout of one window and its file."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        self._window = window
        self._file = LayoutFile(path)
        self.layout = Layout()
        self.problem: Sentence = NOTHING
        self._timer = QTimer(window)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self.save)

    def restore(self) -> None:
        """Put the window where it stood, on a screen that is there; `problem` says what could not be used."""
        self.layout = self._file.load()
        self.problem = self._file.problem
        window, layout = self._window, self.layout
        screens = [_rect(each.availableGeometry()) for each in QGuiApplication.screens()]
        if QGuiApplication.platformName() in ("offscreen", "minimal"):
            screens = [Rect(0, 0, 1600, 900)]  # nobody looks; what is drawn should be a usual size
        wanted = layout.window or Rect(screens[0].x, screens[0].y, 1600, 900)
        window.setGeometry(*clamp(wanted, screens))
        if layout.docks and not window.docks.restore(layout.docks):
            window.docks.arrange()
            self.problem = say("The saved arrangement of panes could not be used; panes stand as at first.")
        elif not layout.docks:
            QTimer.singleShot(0, window.docks.size_docks)
        if layout.maximised:
            window.showMaximized()
        window.moved.connect(self.touch)

    def touch(self) -> None:
        """Write soon: something moved."""
        self._timer.start()

    def remember(
        self, *, symbol: str | None = None, timeframe: str | None = None, introduced: bool | None = None
    ) -> None:
        """Take what the desk shows; None leaves a part as it is."""
        self.layout = replace(
            self.layout,
            symbol=self.layout.symbol if symbol is None else symbol,
            timeframe=self.layout.timeframe if timeframe is None else timeframe,
            introduced=self.layout.introduced if introduced is None else introduced,
        )
        self.touch()

    def save(self) -> bool:
        """Write what is there now; False if the disk refuses (the next change tries again)."""
        self._timer.stop()
        window = self._window
        normal = window.normalGeometry() if window.isMaximized() else window.geometry()
        self.layout = replace(
            self.layout, window=_rect(normal), maximised=window.isMaximized(), docks=window.docks.save()
        )
        return self._file.save(self.layout)


def _rect(of: object) -> Rect:
    x, y, width, height = of.getRect()  # type: ignore[attr-defined]
    return Rect(x, y, width, height)
