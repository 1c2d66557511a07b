"""The wallet's part of the window alone: its actions, dialogs and toasts over a wallet in memory, no market behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from crs_desktop import theme
from crs_desktop.actions import DESK, ActionBook
from crs_desktop.app import application
from crs_desktop.shell.wallet.confirm import ConfirmTransaction
from crs_desktop.wiring.console import Console
from crs_desktop.wiring.wallet import WalletActions
from engine.settings import Settings
from tests.crs_desktop.running import labels
from tests.crs_desktop.wallet_memory import MemoryFront


class Docks:
    """A dock's place in the corner, without docks."""

    def __init__(self) -> None:
        self.hosts = {"wallet": SimpleNamespace(pane=None)}

    def corner(self) -> QPoint:
        return QPoint(1200, 700)

    def focus(self, _name: str) -> None: ...


class StandWindow(QWidget):
    """What dialogs stand over."""

    def __init__(self) -> None:
        super().__init__()
        self.book, self.docks = ActionBook(), Docks()
        self.book.provide(DESK)
        self.resize(1280, 720)


class Stand:
    """The wallet's actions over a front; `press` and `settled` are the user."""

    def __init__(self, front: MemoryFront) -> None:
        self.app, self.front = application(), front
        theme.apply(self.app)
        self.window = StandWindow()
        self._tasks: set[asyncio.Task[Any]] = set()
        run: Any = SimpleNamespace(window=self.window, settings=Settings(), profile=None, start=self.start)
        self.actions = WalletActions(Console(run), SimpleNamespace(), self._no_secrets)  # type: ignore[arg-type]
        self.toasts = self.actions.sending._console.toasts

        async def opener(_tell: Callable[..., None]) -> MemoryFront:
            return front

        self.actions.opener = opener
        for action, call in self.actions.bindings().items():
            self.window.book.bind(action, call)  # type: ignore[arg-type]

    def start(self, work: Coroutine[Any, Any, Any], *, lasting: bool = False) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def turn(self, times: int = 8) -> None:
        for _ in range(times):
            self.app.processEvents()
            await asyncio.sleep(0)

    async def until(self, done: Callable[[], object], patience: float = 20.0) -> None:
        end = time.monotonic() + patience
        while not done():
            assert time.monotonic() < end, "it never happened"
            self.app.processEvents()
            await asyncio.sleep(0.005)

    async def press(
        self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, *, at: QWidget
    ) -> None:
        QTest.keyClick(at, key, held)
        await self.turn()

    async def settled(self, kind: type[QDialog]) -> Any:  # noqa: ANN401 - of the kind asked for
        """Return a dialog that has stood on the screen for a moment."""
        await self.until(lambda: self.dialog(kind))
        found = self.dialog(kind)
        if isinstance(found, ConfirmTransaction):
            await self.until(lambda: found.yes.isEnabled() or found.yes.isHidden() or found.remarks.first_open())
        await self.turn()
        return found

    def dialog(self, kind: type[QDialog]) -> Any:  # noqa: ANN401 - of the kind asked for
        return next((each for each in self.window.findChildren(kind) if each.isVisible()), None)

    def told(self) -> str:
        """Return what toasts say."""
        return " ".join(text for toast in self.toasts.shown for text in labels(toast))

    async def end(self) -> None:
        for each in self.window.findChildren(QDialog):
            each.close()
        await self.actions.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.turn()
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()

    async def _no_secrets(self) -> None: ...


@asynccontextmanager
async def standing(front: MemoryFront) -> AsyncIterator[Stand]:
    """Put the wallet's part of the window up, and take it down."""
    stand = Stand(front)
    stand.window.show()
    await stand.actions.door.opened()
    try:
        yield stand
    finally:
        await stand.end()
