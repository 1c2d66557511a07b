"""The wallet's actions and dialogs with keys: paying, allowing and swapping in order, refusing, the small dialogs."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crs_desktop.shell.wallet.confirm import ConfirmTransaction
from crs_desktop.shell.wallet.keys import ExportDialog, RemoveDialog, RevealDialog
from crs_desktop.shell.wallet.send import SendDialog
from crs_desktop.shell.wallet.small import (
    ContactDialog,
    DetailDialog,
    EndpointsDialog,
    ReceiveDialog,
    TokenDialog,
    UnlockDialog,
)
from crs_desktop.shell.wallet.toast import TransactionToast
from engine.services.wallet.sent import SendState
from tests.crs_desktop.running import labels
from tests.crs_desktop.wallet_floor import FRIEND, approve, refusal, send, swap
from tests.crs_desktop.wallet_memory import PASSWORD, WORDS, rich
from tests.crs_desktop.wallet_stand import standing

pytestmark = pytest.mark.gui

CTRL = Qt.KeyboardModifier.ControlModifier


async def test_a_payment_is_typed_looked_at_signed_and_followed() -> None:
    front = rich()
    async with standing(front) as stand:
        stand.window.book.trigger("wallet.send")
        form = await stand.settled(SendDialog)
        await stand.press(Qt.Key.Key_Return, at=form.to.line)
        nobody = form.to.problem.text()
        form.form.set_to("Ann")  # where it is typed, the list that opens takes the keyboard of the whole screen
        QTest.keyClicks(form.amount.line, "0.5")
        await stand.press(Qt.Key.Key_Return, at=form.amount.line)
        dialog = await stand.settled(ConfirmTransaction)
        about = dialog.about.text()
        await stand.press(Qt.Key.Key_Return, CTRL, at=dialog)
        await stand.until(lambda: stand.dialog(SendDialog) is None)
        await stand.turn()
        (toast,) = [each for each in stand.toasts.shown if isinstance(each, TransactionToast)]
        pending, offers = stand.told(), not toast.speed_up.isHidden()
        front.become(front.history[0].hash, SendState.CONFIRMED, block=7, depth=2)
        await stand.turn()
        confirmed = stand.told()

        assert "To whom?" in nobody
        assert FRIEND in about.replace(" ", "")
        assert "Ann" in about
        assert "Pending" in pending
        assert offers
        assert "Confirmed 2/12" in confirmed
        assert toast.speed_up.isHidden()


async def test_what_follows_an_allowance_is_shown_only_when_that_is_mined() -> None:
    front = rich()
    ended: list[bool] = []
    async with standing(front) as stand:
        stand.actions.confirm(approve(1_000_000), swap(), then=ended.append)
        first = await stand.settled(ConfirmTransaction)
        place = first.place.text()
        await stand.press(Qt.Key.Key_Return, CTRL, at=first)
        await stand.until(lambda: len(front.history) == 1)
        await stand.turn()
        early = stand.dialog(ConfirmTransaction)
        front.become(front.history[0].hash, SendState.CONFIRMED, block=7, depth=1)
        second = await stand.settled(ConfirmTransaction)
        title = second.head.text()
        await stand.press(Qt.Key.Key_Escape, at=second)
        await stand.turn()

        assert place == "Ethereum · step 1 of 2"
        assert early is None
        assert title == "Swap"
        assert ended == [False]
        assert len(front.history) == 1


async def test_nothing_follows_what_was_not_carried_out() -> None:
    front = rich()
    async with standing(front) as stand:
        stand.actions.confirm(approve(1_000_000), swap())
        first = await stand.settled(ConfirmTransaction)
        await stand.press(Qt.Key.Key_Return, CTRL, at=first)
        await stand.until(lambda: len(front.history) == 1)
        await stand.turn()
        front.become(front.history[0].hash, SendState.FAILED, reason="no")
        await stand.turn()

        assert stand.dialog(ConfirmTransaction) is None
        assert "The rest was not begun." in stand.told()


async def test_what_is_refused_cannot_be_signed_by_any_key() -> None:
    front = rich()
    front.pipeline.remarks = (refusal("This is not Ann."),)
    async with standing(front) as stand:
        stand.actions.confirm(send())
        dialog = await stand.settled(ConfirmTransaction)
        for key, held in ((Qt.Key.Key_Return, CTRL), (Qt.Key.Key_Enter, CTRL), (Qt.Key.Key_Space, CTRL)):
            await stand.press(key, held, at=dialog)

        assert front.pipeline.sent == []


async def test_a_contact_that_was_removed_comes_back_from_its_toast() -> None:
    front = rich()
    async with standing(front) as stand:
        stand.actions.drop_contact(front.book[0])
        await stand.turn()
        gone = [each.label for each in front.book]
        toast = stand.toasts.shown[-1]
        toast.undo.click()
        await stand.turn()

        assert gone == ["Exchange"]
        assert sorted(each.label for each in front.book) == ["Ann", "Exchange"]


async def test_the_small_dialogs_open_with_what_they_are_about_and_keep_no_secret() -> None:
    front = rich()
    front.history = []
    async with standing(front) as stand:
        stand.window.book.trigger("wallet.receive")
        receive = await stand.settled(ReceiveDialog)
        shown = receive.full.text().replace(" ", "")
        receive.copy()
        receive.reject()
        stand.actions.edit_endpoints("ethereum")
        endpoints = await stand.settled(EndpointsDialog)
        hidden, revealed = " ".join(labels(endpoints)), endpoints.text.toPlainText()
        endpoints.show_them.click()
        await stand.turn()
        asked = endpoints.text.toPlainText()
        endpoints.text.setPlainText("https://wrong.example.org")
        endpoints.submit()
        await stand.turn()
        refused = endpoints.problem.text()
        endpoints.reject()
        stand.window.book.trigger("wallet.lock")
        stand.window.book.trigger("wallet.unlock")
        unlock = await stand.settled(UnlockDialog)
        QTest.keyClicks(unlock.password.line, "wrong horse")
        await stand.press(Qt.Key.Key_Return, at=unlock.password.line)
        wrong = unlock.problem.text()
        unlock.password.line.selectAll()
        QTest.keyClicks(unlock.password.line, PASSWORD)
        await stand.press(Qt.Key.Key_Return, at=unlock.password.line)
        await stand.until(lambda: stand.dialog(UnlockDialog) is None)
        stand.window.book.trigger("wallet.contact")
        contact = await stand.settled(ContactDialog)
        contact.submit()
        await stand.turn()
        nameless = contact.problem.text()

        assert front.current is not None
        assert shown == front.current.address == QApplication.clipboard().text()
        assert "s3cr3t" not in hidden + revealed
        assert "s3cr3t" in asked
        assert "chain 5" in refused
        assert "does not open" in wrong
        assert not front.keys.is_locked
        assert "name is needed" in nameless


async def test_a_transaction_is_looked_at_whole_and_cancelled_from_there() -> None:
    front = rich()
    async with standing(front) as stand:
        stand.actions.confirm(send())
        first = await stand.settled(ConfirmTransaction)
        await stand.press(Qt.Key.Key_Return, CTRL, at=first)
        await stand.until(lambda: front.history)
        await stand.until(lambda: stand.dialog(ConfirmTransaction) is None)
        stand.actions.show_transaction(front.history[0].hash)
        detail = await stand.settled(DetailDialog)
        text, verbs = detail.grid.text(), [each.text() for each in detail.acts]
        detail.acts[1].click()
        cancel = await stand.settled(ConfirmTransaction)
        title = cancel.head.text()

        assert front.history[0].hash in text
        assert verbs == ["Speed up…", "Cancel it…"]
        assert title == "Cancel a waiting transaction"


async def test_a_form_that_was_closed_while_it_was_simulated_shows_no_confirmation() -> None:
    front = rich()
    go_on = asyncio.Event()
    front.pipeline.waits_for = go_on
    async with standing(front) as stand:
        stand.window.book.trigger("wallet.send")
        form = await stand.settled(SendDialog)
        form.form.set_to("Ann")
        form.form.set_amount("1")
        form.yes.click()
        form.yes.click()
        await stand.turn()
        waits = not form.yes.isEnabled()
        form.reject()
        go_on.set()
        await stand.turn(20)

        assert waits
        assert stand.dialog(ConfirmTransaction) is None
        assert front.pipeline.sent == []


async def test_the_phrase_is_shown_again_after_the_password_and_is_gone_with_the_dialog() -> None:
    async with standing(rich()) as stand:
        stand.window.book.trigger("wallet.phrase")
        dialog = await stand.settled(RevealDialog)
        before = " ".join(labels(dialog))
        QTest.keyClicks(dialog.password.line, PASSWORD)
        await stand.press(Qt.Key.Key_Return, at=dialog.password.line)
        await stand.until(lambda: dialog.words.isVisible())
        shown = " ".join(labels(dialog))
        left = dialog.password.line.text()
        dialog.yes.click()
        await stand.until(lambda: stand.dialog(RevealDialog) is None)

        assert not any(word in before for word in WORDS if word != "year")
        assert all(word in shown for word in WORDS)
        assert left == ""


async def test_a_keystore_is_written_for_its_owner_alone_under_a_password_typed_twice(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    async with standing(rich()) as stand:
        stand.window.book.trigger("wallet.export")
        dialog = await stand.settled(ExportDialog)
        for name, text in (("password", PASSWORD), ("new", "of the file"), ("again", "other")):
            QTest.keyClicks(dialog.fields[name].line, text)
        dialog.write_to(str(path))
        await stand.until(dialog.problem.text)
        refused, there = dialog.problem.text(), path.exists()
        dialog.fields["again"].line.clear()
        QTest.keyClicks(dialog.fields["again"].line, "of the file")
        dialog.write_to(str(path))
        await stand.until(lambda: stand.dialog(ExportDialog) is None)

        assert "not the same" in refused
        assert not there
        assert path.read_text() == '{"version": 3}\n'
        assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_keys_are_removed_only_after_a_tick_and_the_password() -> None:
    front = rich()
    async with standing(front) as stand:
        stand.window.book.trigger("wallet.remove")
        dialog = await stand.settled(RemoveDialog)
        at_first = dialog.yes.isEnabled()
        dialog.sure.setChecked(True)
        QTest.keyClicks(dialog.password.line, "wrong horse")
        await stand.press(Qt.Key.Key_Return, at=dialog.password.line)
        await stand.until(dialog.problem.text)
        kept = len(front.accounts)
        dialog.password.line.clear()
        QTest.keyClicks(dialog.password.line, PASSWORD)
        await stand.press(Qt.Key.Key_Return, at=dialog.password.line)
        await stand.until(lambda: stand.dialog(RemoveDialog) is None)

        assert (at_first, kept, len(front.accounts)) == (False, 1, 0)


async def test_a_token_is_looked_up_before_it_is_added_and_what_misleads_is_said() -> None:
    front = rich()
    async with standing(front) as stand:
        stand.window.book.trigger("wallet.token")
        dialog = await stand.settled(TokenDialog)
        QTest.keyClicks(dialog.address.line, FRIEND)
        await stand.press(Qt.Key.Key_Return, at=dialog.address.line)
        about, warned, kept = dialog.about.text(), dialog.warning.text(), list(front.extra)
        await stand.press(Qt.Key.Key_Return, at=dialog.address.line)
        await stand.until(lambda: stand.dialog(TokenDialog) is None)

        assert "its contract" in about
        assert "not USD Coin" in warned
        assert kept == []
        assert [each.address for each in front.extra] == [FRIEND]
