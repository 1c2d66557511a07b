"""The dialogs about servers, with keys: what Enter and Escape do, where words stand, and that no secret stays."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.pulse import Pulse
from crs_desktop.shell.server.metrics import show_metrics
from crs_desktop.shell.server.once import OncePanel
from crs_desktop.shell.server.passphrase import PassphraseDialog
from crs_desktop.shell.server.security import SecurityDialog
from crs_desktop.shell.server.sign_in import SignInDialog
from crs_desktop.viewmodels.server.security import SecurityModel
from crs_desktop.viewmodels.server.sign_in import SignIn, Step
from engine.errors import ServerRefused, WrongPassphrase
from engine.wire.metrics import Metrics
from tests.crs_desktop.server_figures import busy
from tests.crs_desktop.server_floor import CODE, PASSWORD, MemoryAccess

pytestmark = pytest.mark.gui
MARKUP = "<img src=x>"


@pytest.fixture(scope="module")
def parent(qapp: QApplication) -> Iterator[QWidget]:
    theme.apply(qapp)
    widget = QWidget()
    widget.resize(1200, 800)
    widget.show()
    yield widget
    widget.close()
    widget.deleteLater()


async def turn(times: int = 6) -> None:
    for _ in range(times):
        QApplication.processEvents()
        await asyncio.sleep(0)


def opened(parent: QWidget, access: MemoryAccess, done: list[SignIn] | None = None) -> SignInDialog:
    async def connect(_url: str) -> MemoryAccess:
        return access

    dialog = SignInDialog(parent, SignIn(connect), (done if done is not None else []).append)
    stays(dialog)
    dialog.open()
    dialog.activateWindow()
    QApplication.processEvents()
    return dialog


def stays(dialog: QDialog) -> None:
    """Let a closed dialog be looked at."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)


def fill(dialog: SignInDialog, **values: str) -> None:
    for name, value in values.items():
        line = dialog.fields[name].line
        line.clear()
        QTest.keyClicks(line, value)


def words(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if not each.isHidden())


async def test_a_keyboard_alone_signs_in_and_nothing_secret_stays(parent: QWidget) -> None:
    access, done = MemoryAccess(mfa=True), list[SignIn]()
    dialog = opened(parent, access, done)
    for name, value in (
        ("url", "demo.example.org"),
        ("email", "ann@example.org"),
        ("password", PASSWORD),
        ("code", CODE),
    ):
        fill(dialog, **{name: value})
        if name != "email":
            QTest.keyClick(dialog.fields[name].line, Qt.Key.Key_Return)
            await turn()

    assert access.user is not None
    assert done == [dialog.model]
    assert not dialog.isVisible()
    assert [dialog.fields[name].line.text() for name in ("password", "new_password", "code")] == ["", "", ""]
    assert not dialog.fields["password"].line.isUndoAvailable()
    assert PASSWORD not in repr(vars(dialog.model))


async def test_escape_goes_back_step_by_step_and_closes_in_the_end(parent: QWidget) -> None:
    dialog = opened(parent, MemoryAccess())
    fill(dialog, url="demo.example.org")
    QTest.keyClick(dialog.fields["url"].line, Qt.Key.Key_Return)
    await turn()
    dialog.model.go(Step.REGISTER)

    seen = []
    for _ in range(3):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        seen.append(dialog.model.step if dialog.isVisible() else None)

    assert seen == [Step.SIGN_IN, Step.SERVER, None]


async def test_tab_goes_from_the_password_on_then_to_other_ways_then_back(parent: QWidget) -> None:
    dialog = opened(parent, MemoryAccess())
    fill(dialog, url="demo.example.org")
    QTest.keyClick(dialog.fields["url"].line, Qt.Key.Key_Return)
    await turn()
    dialog.fields["password"].line.setFocus()

    seen = []
    for _ in range(5):
        dialog.focusNextChild()
        seen.append(getattr(dialog.focusWidget(), "text", str)())

    assert seen == ["Show", "Sign in", "Sign up", "Forgot the password?", "Back"]
    dialog.reject()


async def test_escape_stops_what_is_going_on(parent: QWidget) -> None:
    access = MemoryAccess()
    dialog = opened(parent, access)
    fill(dialog, url="demo.example.org")
    QTest.keyClick(dialog.fields["url"].line, Qt.Key.Key_Return)
    await turn()
    access.gate.clear()
    fill(dialog, email="ann@example.org", password=PASSWORD)
    QTest.keyClick(dialog.fields["password"].line, Qt.Key.Key_Return)
    await turn()
    busy = dialog.bar.isVisible(), dialog.go_on.isEnabled(), dialog.leave.text()

    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await turn()

    assert busy == (True, False, "Stop")
    assert (dialog.isVisible(), dialog.model.step, dialog.bar.isVisible()) == (True, Step.SIGN_IN, False)
    dialog.reject()


async def test_what_a_server_says_is_shown_as_it_is(parent: QWidget) -> None:
    access = MemoryAccess()
    dialog = opened(parent, access)
    fill(dialog, url="demo.example.org")
    QTest.keyClick(dialog.fields["url"].line, Qt.Key.Key_Return)
    await turn()
    access.error = ServerRefused(MARKUP, word="refused", status=400)
    fill(dialog, email="ann@example.org", password=PASSWORD)
    QTest.keyClick(dialog.fields["password"].line, Qt.Key.Key_Return)
    await turn()

    assert dialog.problem.text() == MARKUP
    assert all(each.textFormat() is Qt.TextFormat.PlainText for each in dialog.findChildren(QLabel))
    dialog.reject()


async def test_a_password_is_hidden_until_asked_and_caps_lock_is_told(parent: QWidget) -> None:
    dialog = opened(parent, MemoryAccess())
    dialog.model.go(Step.SIGN_IN)
    field = dialog.fields["password"]
    assert field.secret is not None
    hidden = field.line.echoMode()
    QTest.keyClick(field.secret.toggle, Qt.Key.Key_Space)
    shown = field.line.echoMode()
    quiet = field.caps.isHidden()
    field.secret.line.caps.emit(False)
    QTest.keyClicks(field.line, "A")  # a capital without Shift
    loud = not field.caps.isHidden()
    QTest.keyClicks(field.line, "A", Qt.KeyboardModifier.ShiftModifier)

    assert (hidden, shown) == (QLineEdit.EchoMode.Password, QLineEdit.EchoMode.Normal)
    assert (quiet, loud, field.caps.isHidden()) == (True, True, True)
    dialog.reject()


async def test_every_field_and_button_of_every_step_has_a_name(parent: QWidget) -> None:
    dialog = opened(parent, MemoryAccess())
    for step in Step:
        if step is not Step.DONE:
            dialog.model.go(step)
            await turn(2)
            named = [*dialog.findChildren(QLineEdit), *dialog.findChildren(QPushButton)]
            assert all(each.accessibleName() or getattr(each, "text", str)() for each in named if each.isVisible())
            assert dialog.focusWidget() is not None
    dialog.reject()


# -- security -----------------------------------------------------------------------------------------


async def security(parent: QWidget, access: MemoryAccess, subject: int = 0) -> SecurityDialog:
    dialog = SecurityDialog(parent, SecurityModel(access), "ann", lambda: access.told.append("signed out"))
    stays(dialog)
    dialog.open_at(subject)
    await turn()
    return dialog


async def test_a_session_is_ended_from_its_row_and_ones_own_is_not(parent: QWidget) -> None:
    access = MemoryAccess(signed_in=True)
    dialog = await security(parent, access)
    table = dialog.pages[0].sessions  # type: ignore[attr-defined]

    for key in ("s-1", "s-2"):
        table.removed.emit(key)
        await turn()

    assert [each.session_id for each in access.security.listed] == ["s-1"]
    dialog.reject()


async def test_a_proof_is_asked_for_below_and_enter_answers_it(parent: QWidget) -> None:
    access = MemoryAccess(signed_in=True)
    dialog = await security(parent, access, 1)
    dialog.run(dialog.model.enroll())
    await turn()
    asked = dialog.proof.isVisible(), dialog.proof.field.line.accessibleName()

    QTest.keyClicks(dialog.proof.field.line, PASSWORD)
    QTest.keyClick(dialog.proof.field.line, Qt.Key.Key_Return)
    await turn()

    assert asked == (True, "Password")
    assert (dialog.proof.isVisible(), dialog.proof.field.line.text()) == (False, "")
    assert "JBSW Y3DP EHPK 3PXP" in words(dialog)
    assert dialog.focusWidget() is dialog.pages[1].code.line  # type: ignore[attr-defined]
    dialog.reject()


async def test_a_proof_that_was_let_be_leaves_the_keyboard_with_the_subjects_not_with_signing_out(
    parent: QWidget,
) -> None:
    access = MemoryAccess(signed_in=True)
    dialog = await security(parent, access, 1)
    dialog.run(dialog.model.enroll())
    await turn()

    QTest.keyClick(dialog.proof.field.line, Qt.Key.Key_Escape)
    await turn()

    assert isinstance(dialog.focusWidget(), QListWidget)
    dialog.reject()


async def test_recovery_codes_must_be_confirmed_and_are_gone_then(parent: QWidget) -> None:
    access = MemoryAccess(signed_in=True)
    dialog = await security(parent, access, 1)
    dialog.run(dialog.model.confirm(CODE))
    await turn()
    panel = dialog.pages[1].once  # type: ignore[attr-defined]
    codes = panel.text.toPlainText()
    QTest.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    locked = panel.done.isEnabled()

    QTest.keyClick(panel.check, Qt.Key.Key_Space)
    QTest.mouseClick(panel.done, Qt.MouseButton.LeftButton)
    await turn()

    assert QGuiApplication.clipboard().text() == codes
    assert len(codes.splitlines()) == 10
    assert (locked, panel.isVisible(), panel.text.toPlainText()) == (False, False, "")
    QGuiApplication.clipboard().clear()
    dialog.reject()


async def test_a_closed_dialog_holds_no_secret(parent: QWidget) -> None:
    access = MemoryAccess(signed_in=True)
    access.security.proofs = 1
    dialog = await security(parent, access, 3)
    dialog.run(dialog.model.make_key("Bot", ("read",), ""))
    await turn()
    shown = "the-secret-of-the-key" in "".join(each.toPlainText() for each in dialog.findChildren(QPlainTextEdit))
    for line in dialog.findChildren(QLineEdit):
        if line.echoMode() is QLineEdit.EchoMode.Password:
            line.setText("typed secret")

    dialog.reject()

    texts = [each.toPlainText() for each in dialog.findChildren(QPlainTextEdit)]
    secret = [
        each.text() for each in dialog.findChildren(QLineEdit) if each.echoMode() is not QLineEdit.EchoMode.Normal
    ]
    assert shown
    assert set(texts) | set(secret) == {""}
    assert dialog.model.secret is None


async def test_signing_out_closes_the_dialog(parent: QWidget) -> None:
    access = MemoryAccess(signed_in=True)
    dialog = await security(parent, access)

    button = next(each for each in dialog.findChildren(QPushButton) if each.text() == "Sign out")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await turn()

    assert access.user is None
    assert (access.told, dialog.isVisible()) == (["signed out"], False)


def test_what_is_saved_can_be_read_by_its_owner_only(qapp: QApplication, tmp_path: Path) -> None:
    panel = OncePanel("Recovery codes", lambda: None)
    panel.show_text("Once.", "one\ntwo")
    there_before = tmp_path / "codes.txt"
    there_before.write_text("old")
    there_before.chmod(0o644)

    panel.write(str(there_before))
    kept, rights = panel.check.isChecked(), stat.S_IMODE(there_before.stat().st_mode)
    panel.check.setChecked(False)
    panel.write(str(tmp_path / "nowhere" / "codes.txt"))

    assert there_before.read_text() == "one\ntwo\n"
    assert (kept, rights) == (True, 0o600)
    assert not panel.check.isChecked()
    assert "Not saved" in panel.problem.text()
    panel.deleteLater()


# -- figures ------------------------------------------------------------------------------------------


class Api:
    """Answers with figures; counts how often it was asked."""

    asked = 0

    async def call(self, method: str, path: str, answer: object) -> Metrics:
        assert (method, path, answer) == ("GET", "/v1/metrics", Metrics)
        self.asked += 1
        return await busy()


class Nobody:
    """A timer that never ticks."""

    def start(self, interval_ms: int) -> None:
        """Not now."""

    def stop(self) -> None:
        """Not now either."""


async def test_figures_have_a_window_of_their_own_and_one_only(parent: QWidget) -> None:
    api, pulse = Api(), Pulse(Nobody())
    window = show_metrics(parent, pulse, api, "demo.example.org")  # type: ignore[arg-type]
    stays(window)
    await turn()
    window.pane.refresh()

    again = show_metrics(parent, pulse, api, "demo.example.org")  # type: ignore[arg-type]
    window.close()
    await turn()

    assert again is window
    assert api.asked == 1
    assert "DEGRADED" in window.pane.state.text()
    assert "Commits take 140 ms" in window.pane.reasons.text()
    assert [row.key for row in window.pane.table.row_model.rows] == ["POST /v1/orders", "GET /v1/account"]


# -- the vault ----------------------------------------------------------------------------------------


async def test_a_new_passphrase_is_typed_twice_and_a_wrong_one_may_be_tried_again(parent: QWidget) -> None:
    taken, answers = list[str](), list[bool | None]()

    async def take(phrase: str) -> None:
        taken.append(phrase)
        if phrase == "wrong phrase":
            raise WrongPassphrase("This passphrase does not open the vault.")

    dialog = PassphraseDialog(parent, is_new=True, take=take, answer=answers.append)
    stays(dialog)
    dialog.open()
    QTest.keyClicks(dialog.phrase.line, "wrong phrase")
    QTest.keyClicks(dialog.again.line, "another one")
    dialog.yes.click()
    different = dialog.again.problem.text(), list(taken)
    dialog.again.line.setText("wrong phrase")
    dialog.yes.click()
    await turn()
    refused = dialog.phrase.problem.text(), list(answers)
    dialog.phrase.line.setText("right phrase")
    dialog.again.line.setText("right phrase")
    dialog.yes.click()
    await turn()

    assert different == ("These are two different ones.", [])
    assert refused == ("This passphrase does not open the vault.", [])
    assert (taken, answers) == (["wrong phrase", "right phrase"], [True])
    assert dialog.phrase.line.text() == dialog.again.line.text() == ""


@pytest.mark.parametrize(("how", "answer"), [("without", False), ("no", None)])
async def test_who_wants_no_vault_says_so_or_leaves(parent: QWidget, how: str, answer: bool | None) -> None:
    answers = list[bool | None]()

    async def take(_phrase: str) -> None:
        raise AssertionError("nobody asked for it")

    dialog = PassphraseDialog(parent, is_new=False, take=take, answer=answers.append)
    stays(dialog)
    dialog.open()
    getattr(dialog, how).click()

    assert answers == [answer]
