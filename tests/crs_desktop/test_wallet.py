"""The wallet in the window, as a user does it with keys; on a real practice chain where that matters."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget

from crs_desktop.panes.wallet.pane import WalletPane
from crs_desktop.shell.wallet.confirm import ConfirmTransaction
from crs_desktop.shell.wallet.send import SendDialog
from crs_desktop.shell.wallet.setup import SetupDialog
from crs_desktop.viewmodels.wallet.setup import Step
from tests.crs_desktop.running import Running, labels, running
from tests.crs_desktop.wallet_memory import MemoryFront

pytestmark = [pytest.mark.gui, pytest.mark.integration]

PASSWORD = "correct horse battery staple"


def pane(desktop: Running) -> WalletPane:
    found = desktop.window.docks.hosts["wallet"].pane
    assert isinstance(found, WalletPane)
    return found


def told(desktop: Running) -> str:
    """Return what toasts say."""
    return " ".join(text for toast in desktop.wiring.console.toasts.shown for text in labels(toast))


@asynccontextmanager
async def over(directory: Path, front: MemoryFront) -> AsyncIterator[Running]:
    """Run the desktop over a wallet in memory."""
    async with running(directory) as desktop:

        async def opener(_tell: Callable[..., None]) -> MemoryFront:
            return front

        desktop.wiring.wallet.opener = opener
        await desktop.press(Qt.Key.Key_F8)
        await desktop.until(lambda: pane(desktop).wallet.front is not None)
        await desktop.turn(0.1)
        yield desktop
    assert front.closed


async def test_practice(tmp_path: Path) -> None:
    async with running(tmp_path) as desktop:
        await desktop.press(Qt.Key.Key_F8)
        await desktop.until(lambda: pane(desktop).wallet.front is not None)
        await desktop.turn(0.2)
        print(QApplication.focusWidget())
        pane(desktop).welcome.buttons[3].setFocus()
        await desktop.press(Qt.Key.Key_Space)
        await desktop.until(lambda: desktop.dialog(SetupDialog))
        d = desktop.dialog(SetupDialog)
        d.grab().save("/tmp/uilook/s1.png")
        await desktop.write(PASSWORD)
        await desktop.press(Qt.Key.Key_Tab)
        await desktop.press(Qt.Key.Key_Tab)
        await desktop.write(PASSWORD)
        d.grab().save("/tmp/uilook/s2.png")
        await desktop.press(Qt.Key.Key_Return)
        await desktop.until(lambda: d.model.step is Step.WORDS)
        await desktop.turn(0.2)
        d.grab().save("/tmp/uilook/s3.png")
        words = d.model.words
        await desktop.press(Qt.Key.Key_Return)
        await desktop.until(lambda: d.model.step is Step.CONFIRM)
        await desktop.turn(0.1)
        d.grab().save("/tmp/uilook/s4.png")
        for at in d.model.positions:
            await desktop.write(words[at - 1])
            await desktop.press(Qt.Key.Key_Tab)
        await desktop.press(Qt.Key.Key_Return, at=d)
        import time

        t = time.monotonic()
        await desktop.turn(3)
        print("STEP", told(desktop))
        await desktop.until(lambda: pane(desktop).wallet.is_practice, patience=25)
        print("practice", time.monotonic() - t)
        await desktop.turn(1.5)
        desktop.window.grab().save("/tmp/uilook/s5.png")
        assert desktop.do("wallet.send")
        await desktop.until(lambda: desktop.dialog(SendDialog))
        d = desktop.dialog(SendDialog)
        await desktop.turn(0.2)
        await desktop.write("0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f")
        await desktop.press(Qt.Key.Key_Tab)
        await desktop.write("1.5")
        await desktop.turn(0.5)
        d.grab().save("/tmp/uilook/s6.png")
        await desktop.press(Qt.Key.Key_Return)
        await desktop.until(lambda: desktop.dialog(ConfirmTransaction))
        await desktop.turn(1)
        c = desktop.dialog(ConfirmTransaction)
        c.grab().save("/tmp/uilook/s7.png")
        for each in c.remarks.warnings.values():
            each.box.setChecked(True)
        await desktop.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, at=c)
        await desktop.turn(2)
        desktop.window.grab().save("/tmp/uilook/s9.png")
        print(told(desktop))
        pane(desktop).show_subject("history")
        await desktop.turn(3)
        desktop.window.grab().save("/tmp/uilook/s10.png")
        print(told(desktop))
