"""The wallet in the window, as a user does it with keys; the long form is on a real practice chain."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from crs_desktop.panes.wallet.pane import WalletPane
from crs_desktop.panes.wallet.tables import WalletTablePane
from crs_desktop.shell.wallet.confirm import ConfirmTransaction
from crs_desktop.shell.wallet.send import SendDialog
from crs_desktop.shell.wallet.setup import SetupDialog
from crs_desktop.viewmodels.wallet.setup import Step
from engine.adapters.practice.contracts import NoContracts, find
from engine.services.wallet.sent import SendState
from tests.crs_desktop.running import Running, labels, running
from tests.crs_desktop.wallet_floor import FRIEND
from tests.crs_desktop.wallet_memory import PASSWORD, WORDS, MemoryFront, rich

pytestmark = [pytest.mark.gui, pytest.mark.integration]

CTRL = Qt.KeyboardModifier.ControlModifier
PATIENCE = 120.0
"""Seconds for what is slow on purpose, on a machine that is busy."""
HEAVY = ("web3", "eth_abi", "eth_account", "eth_keyfile", "engine.bootstrap.wallet", "engine.adapters.keys.keyring")


def pane(desktop: Running) -> WalletPane:
    found = desktop.window.docks.hosts["wallet"].pane
    assert isinstance(found, WalletPane)
    return found


def table_of(desktop: Running, subject: str) -> WalletTablePane:
    found = pane(desktop).panes[subject]
    assert isinstance(found, WalletTablePane)
    return found


def told(desktop: Running) -> str:
    """Return what toasts say."""
    return " ".join(text for toast in desktop.wiring.console.toasts.shown for text in labels(toast))


async def settled(desktop: Running, kind: type) -> object:
    """Return a dialog that has stood on the screen for a moment."""
    await desktop.until(lambda: desktop.dialog(kind))
    found = desktop.dialog(kind)
    await desktop.turn(0.1)
    if isinstance(found, ConfirmTransaction):
        await desktop.until(lambda: not found.model.guard_ms or found.yes.isHidden())
        await desktop.turn(0.05)
    return found


@asynccontextmanager
async def over(directory: Path, front: MemoryFront) -> AsyncIterator[Running]:
    """Run the desktop over a wallet in memory, its dock in front."""
    async with running(directory) as desktop:

        async def opener(_tell: Callable[..., None]) -> MemoryFront:
            return front

        desktop.wiring.wallet.opener = opener
        await desktop.press(Qt.Key.Key_F8)
        await desktop.until(lambda: pane(desktop).wallet.front is not None)
        await desktop.turn(0.1)
        yield desktop
    assert front.closed


def test_nothing_of_a_wallet_is_loaded_before_one_is_opened() -> None:
    code = (
        "import sys, crs_desktop.app, crs_desktop.session, crs_desktop.panes.wallet.pane, "
        "crs_desktop.shell.wallet.confirm, crs_desktop.viewmodels.wallet.header\n"
        f"print([each for each in {HEAVY!r} if each in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


async def test_a_first_wallet_is_made_with_keys_alone(tmp_path: Path) -> None:
    front = MemoryFront()
    async with over(tmp_path, front) as desktop:
        has_keyboard = QApplication.focusWidget() is pane(desktop).welcome.buttons[0]
        await desktop.press(Qt.Key.Key_Return)
        dialog = await settled(desktop, SetupDialog)
        assert isinstance(dialog, SetupDialog)
        await desktop.write(PASSWORD)
        await desktop.press(Qt.Key.Key_Tab)
        await desktop.press(Qt.Key.Key_Tab)
        await desktop.write(PASSWORD)
        await desktop.press(Qt.Key.Key_Return)
        await desktop.until(lambda: dialog.model.step is Step.WORDS)
        shown = "  ".join(labels(dialog.words))
        await desktop.press(Qt.Key.Key_Return)
        await desktop.until(lambda: dialog.model.step is Step.CONFIRM)
        await desktop.turn(0.05)
        for at in dialog.model.positions:
            await desktop.write(WORDS[at - 1])
            await desktop.press(Qt.Key.Key_Tab)
        await desktop.press(Qt.Key.Key_Return, at=dialog)
        await desktop.until(lambda: desktop.dialog(SetupDialog) is None)
        await desktop.turn(0.1)

        assert has_keyboard
        assert all(word in shown for word in WORDS)
        assert front.accounts[0].is_confirmed
        assert pane(desktop).shown is not None
        assert not pane(desktop).head.warning.isVisible()


async def test_a_subject_is_reached_with_keys_and_a_grant_is_revoked_with_delete(tmp_path: Path) -> None:
    front = rich()
    async with over(tmp_path, front) as desktop:
        desktop.do("wallet.allowances")
        await desktop.until(
            lambda: pane(desktop).subject == "allowances" and table_of(desktop, "allowances").wallet.is_read
        )
        await desktop.turn(0.1)
        await desktop.press(Qt.Key.Key_Return)
        in_table = table_of(desktop, "allowances").table.hasFocus()
        await desktop.press(Qt.Key.Key_Escape)
        in_rail = pane(desktop).rail.hasFocus()
        await desktop.press(Qt.Key.Key_Return)
        await desktop.press(Qt.Key.Key_Delete)
        dialog = await settled(desktop, ConfirmTransaction)
        assert isinstance(dialog, ConfirmTransaction)
        title, about = dialog.head.text(), dialog.about.text()
        await desktop.press(Qt.Key.Key_Escape, at=dialog)

        assert (in_table, in_rail) == (True, True)
        assert title == "Revoke"
        assert "Until now: without end" in about


async def test_the_wallet_outlives_a_change_of_the_market_behind_the_window(tmp_path: Path) -> None:
    front = rich()
    async with over(tmp_path, front) as desktop:
        before = pane(desktop)
        await desktop.session.go_to(desktop.session.paper())
        await desktop.until(lambda: desktop.session.desk is not None)
        await desktop.press(Qt.Key.Key_F8)
        await desktop.until(lambda: desktop.window.docks.hosts["wallet"].pane not in (None, before))
        await desktop.turn(0.1)

        assert pane(desktop).wallet.has_accounts
        assert not front.closed


@pytest.mark.soak
async def test_a_wallet_is_made_and_pays_on_a_real_practice_chain(tmp_path: Path) -> None:
    try:
        find()
    except NoContracts:
        pytest.skip("the contracts of the practice chain are not here: python packaging/contracts.py")
    async with running(tmp_path) as desktop:
        await desktop.press(Qt.Key.Key_F8)
        await desktop.until(lambda: pane(desktop).wallet.front is not None)
        await desktop.turn(0.1)
        pane(desktop).welcome.buttons[3].setFocus()
        await desktop.press(Qt.Key.Key_Space)
        setup = await settled(desktop, SetupDialog)
        assert isinstance(setup, SetupDialog)
        for name in ("password", "again"):
            setup.model.set(name, PASSWORD)
        await desktop.press(Qt.Key.Key_Return, at=setup)
        await desktop.until(lambda: setup.model.step is Step.WORDS, PATIENCE)
        words = setup.model.words
        await desktop.press(Qt.Key.Key_Return, at=setup)
        await desktop.until(lambda: setup.model.step is Step.CONFIRM)
        for at, name in zip(setup.model.positions, ("word_1", "word_2", "word_3"), strict=True):
            setup.model.set(name, words[at - 1])
        await desktop.press(Qt.Key.Key_Return, at=setup)
        await desktop.until(lambda: pane(desktop).wallet.is_practice, patience=PATIENCE)
        desktop.do("wallet.send")
        form = await settled(desktop, SendDialog)
        assert isinstance(form, SendDialog)
        await desktop.until(lambda: form.form.holdings is not None, PATIENCE)
        form.form.set_to(FRIEND)
        form.form.set_amount("1.5")
        form.yes.click()
        dialog = await settled(desktop, ConfirmTransaction)
        assert isinstance(dialog, ConfirmTransaction)
        for each in dialog.remarks.warnings.values():
            each.box.setChecked(True)
        while desktop.dialog(ConfirmTransaction) is not None:  # what has changed meanwhile is shown once more
            await desktop.press(Qt.Key.Key_Return, CTRL, at=dialog)
            await desktop.turn(1)
        await desktop.until(lambda: "Done" in told(desktop), PATIENCE)
        front = pane(desktop).wallet.front
        assert front is not None
        sent = await front.sent()

        assert [(each.state, str(each.intent.leaves[0])) for each in sent] == [(SendState.FINAL, "1.5 ETH")]
        assert await front.transfers()
