"""The whole desktop in one test: real window, real session, real engine in a directory; the test turns the crank."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from crs_desktop import crash, theme
from crs_desktop.actions import ActionBook
from crs_desktop.app import QtTimer, application
from crs_desktop.options import Options
from crs_desktop.pulse import Pulse
from crs_desktop.session import Session
from crs_desktop.shell.arrangement import Arrangement
from crs_desktop.window import MainWindow
from engine.profile import Profile
from engine.settings import Settings, load


class Running:
    """A session under way; `until` waits for something, `press` types like a user."""

    def __init__(self, profile: Profile, settings: Settings, options: Options) -> None:
        self.app = application()
        theme.apply(self.app)
        self.timer = QtTimer()
        self.pulse = Pulse(self.timer)
        self.timer.qt.timeout.connect(self.pulse.beat)
        self.window = MainWindow(ActionBook(), self.pulse, "test")
        self.arrangement = Arrangement(self.window, profile.layout_file)
        self.arrangement.restore()
        self.window.show()
        self.window.activateWindow()
        self.session = Session(self.window, self.arrangement, profile, options, settings, "")
        self.crashes: list[BaseException] = []

    @property
    def wiring(self) -> Any:  # noqa: ANN401 - tests look into parts
        return self.session.wiring

    @property
    def engine(self) -> Any:  # noqa: ANN401 - likewise
        return self.session.engine

    async def turn(self, seconds: float = 0.05) -> None:
        """Let Qt and asyncio both run for a while."""
        end = time.monotonic() + seconds
        while True:
            self.app.processEvents()
            await asyncio.sleep(0.002)
            if time.monotonic() >= end:
                return

    async def until(self, done: Callable[[], object], patience: float = 30.0) -> None:
        """Wait until something is true."""
        end = time.monotonic() + patience
        while not done():
            assert time.monotonic() < end, "it never happened"
            await self.turn(0.01)

    async def press(
        self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, at: QWidget | None = None
    ) -> None:
        """Press a key where the keyboard is."""
        target = at or QApplication.focusWidget() or self.window.focusWidget() or self.window
        QTest.keyClick(target, key, held)
        await self.turn()

    async def write(self, text: str) -> None:
        """Type into the widget with the keyboard."""
        QTest.keyClicks(QApplication.focusWidget() or self.window.focusWidget() or self.window, text)
        await self.turn()

    def dialog(self, kind: type[QDialog] = QDialog) -> Any:  # noqa: ANN401 - of the kind asked for
        """Return the open dialog of a kind, None if there is none."""
        return next((each for each in self.window.findChildren(kind) if each.isVisible()), None)

    def do(self, action: str) -> bool:
        """Trigger an action."""
        return self.window.book.trigger(action)


@asynccontextmanager
async def running(
    directory: Path, *, introduced: bool = True, options: Options | None = None, wait: bool = True
) -> AsyncIterator[Running]:
    """Run the desktop on a directory; closes it cleanly at the end."""
    profile = Profile(directory)
    desktop = Running(profile, load(profile.settings_file), options or Options(profile_dir=directory, seed=7))
    if introduced:
        desktop.arrangement.remember(introduced=True)
    task = asyncio.get_running_loop().create_task(desktop.session.run())
    try:
        await desktop.turn()
        crash.on_crash(desktop.crashes.append)
        if wait:
            await desktop.until(lambda: desktop.session.desk is not None)
            await desktop.turn(0.2)
        yield desktop
        assert desktop.crashes == []
    finally:
        for widget in desktop.window.findChildren(QDialog):
            widget.close()
        desktop.session.close()
        while not task.done():
            await desktop.turn(0.01)
        await task
        desktop.timer.stop()
        crash.on_crash(lambda _error: None)
        assert desktop.window.keys is not None
        desktop.window.keys.close()
        asyncio.get_running_loop().set_exception_handler(None)
        desktop.window.deleteLater()
        desktop.app.processEvents()


def labels(of: QWidget) -> list[str]:
    """Return every text that a widget's labels show."""
    from PySide6.QtWidgets import QLabel

    return [each.text() for each in of.findChildren(QLabel) if each.isVisible()]
