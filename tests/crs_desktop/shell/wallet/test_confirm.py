"""The dialog before a signature, with keys: what Enter and Escape do, and that nothing in it is markup."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.shell.wallet.confirm import ConfirmTransaction
from crs_desktop.viewmodels.wallet.confirm import GUARD_NS, ConfirmModel
from engine.defi.intent import Intent
from engine.defi.prepared import FeePreset, Prepared, Remark
from tests.crs_desktop.wallet_floor import CHAIN, MemoryPipeline, approve, prepared, refusal, send, swap, warning

pytestmark = pytest.mark.gui
MARKUP = "<img src=x>"


@pytest.fixture(scope="module")
def parent(qapp: QApplication) -> Iterator[QWidget]:
    theme.apply(qapp)
    widget = QWidget()
    widget.resize(1280, 720)
    widget.show()
    yield widget
    widget.close()
    widget.deleteLater()


async def turn(times: int = 6) -> None:
    for _ in range(times):
        QApplication.processEvents()
        await asyncio.sleep(0)


class Shown:
    """A dialog and what is behind it."""

    def __init__(self, parent: QWidget, intent: Intent, *remarks: Remark, locked: bool = False) -> None:
        self.pipeline = MemoryPipeline(is_locked=locked)
        pipeline = self.pipeline
        model = ConfirmModel(
            pipeline,
            prepared(intent, *remarks),
            CHAIN,
            clock=pipeline.clock,
            wall=pipeline.clock,
            unlock=pipeline.unlock,
        )
        self.ended: list[ConfirmModel] = []
        self.dialog = ConfirmTransaction(parent, model, self.ended.append)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.dialog.open()
        self.dialog.activateWindow()

    async def settled(self) -> ConfirmTransaction:
        """Let it stand on the screen for a moment."""
        self.pipeline.now += GUARD_NS
        self.dialog.refresh()
        await turn()
        return self.dialog

    async def press(
        self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, at: QWidget | None = None
    ) -> None:
        QTest.keyClick(at or self.dialog.focusWidget() or self.dialog, key, held)
        await turn()


def words(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


async def test_a_keyboard_alone_ticks_the_warning_and_signs(parent: QWidget) -> None:
    shown = Shown(parent, swap(), warning())
    dialog = await shown.settled()

    has_box = dialog.focusWidget() is next(iter(dialog.remarks.warnings.values())).box
    await shown.press(Qt.Key.Key_Return)
    before = len(shown.pipeline.sent)
    await shown.press(Qt.Key.Key_Space)
    await shown.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    assert (has_box, before, len(shown.pipeline.sent)) == (True, 0, 1)
    assert not dialog.isVisible()
    assert shown.ended == [dialog.model]


async def test_without_warnings_the_button_has_the_keyboard_and_enter_signs_once(parent: QWidget) -> None:
    shown = Shown(parent, send())
    await shown.press(Qt.Key.Key_Return)
    at_once = len(shown.pipeline.sent)
    dialog = await shown.settled()
    has_keyboard = dialog.focusWidget() is dialog.yes
    await shown.press(Qt.Key.Key_Return)
    await shown.press(Qt.Key.Key_Return, at=dialog)

    assert (at_once, has_keyboard, len(shown.pipeline.sent)) == (0, True, 1)


async def test_the_button_has_the_keyboard_again_after_it_was_simulated_anew(parent: QWidget) -> None:
    shown = Shown(parent, send())
    dialog = await shown.settled()
    may = asyncio.Event()
    refresh = shown.pipeline.refresh

    async def slowly(prepared: Prepared) -> Prepared:
        await may.wait()
        return await refresh(prepared)

    shown.pipeline.refresh = slowly  # type: ignore[method-assign, assignment]
    await shown.press(Qt.Key.Key_F5, at=dialog)
    meanwhile = dialog.focusWidget()
    await shown.press(Qt.Key.Key_Return)
    may.set()
    await turn()
    await shown.settled()

    assert not isinstance(meanwhile, QPushButton)
    assert dialog.isVisible()
    assert dialog.focusWidget() is dialog.yes
    dialog.reject()


async def test_escape_leaves_without_a_signature(parent: QWidget) -> None:
    shown = Shown(parent, send())
    dialog = await shown.settled()

    await shown.press(Qt.Key.Key_Escape, at=dialog)

    assert not dialog.isVisible()
    assert shown.pipeline.sent == []
    assert shown.ended[0].sent is None


async def test_a_refusal_has_no_button_to_sign(parent: QWidget) -> None:
    shown = Shown(parent, send(), refusal(f"It looks like Ann's {MARKUP}."))
    dialog = await shown.settled()

    await shown.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, at=dialog)

    assert dialog.yes.isHidden()
    assert shown.pipeline.sent == []
    assert f"Not signed: It looks like Ann's {MARKUP}." in words(dialog)
    dialog.reject()


async def test_a_locked_wallet_is_unlocked_in_place_and_no_password_stays(parent: QWidget) -> None:
    shown = Shown(parent, send(), locked=True)
    dialog = await shown.settled()

    await shown.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, at=dialog)
    is_asked = dialog.focusWidget() is dialog.password.line
    for password in ("wrong", "correct horse"):
        QTest.keyClicks(dialog.password.line, password)
        await shown.press(Qt.Key.Key_Return, at=dialog.password.line)

    assert is_asked
    assert len(shown.pipeline.sent) == 1
    assert (dialog.password.line.text(), dialog.password.line.isUndoAvailable()) == ("", False)


async def test_fees_are_chosen_with_keys_and_own_figures_complain_in_place(parent: QWidget) -> None:
    shown = Shown(parent, send())
    dialog = await shown.settled()
    dialog.fee.chips[FeePreset.FAST].setFocus()
    await shown.press(Qt.Key.Key_Space)
    fast = dialog.model.prepared.fee.preset
    dialog.fee.own.setFocus()
    await shown.press(Qt.Key.Key_Space)
    QTest.keyClicks(dialog.fee.max, "3")
    await shown.press(Qt.Key.Key_Return, at=dialog.fee.max)
    told = dialog.fee.problem.text()
    dialog.fee.max.selectAll()
    QTest.keyClicks(dialog.fee.max, "33")
    await shown.press(Qt.Key.Key_Return, at=dialog.fee.max)

    assert fast is FeePreset.FAST
    assert "cannot be more than 3 gwei" in told
    assert dialog.model.prepared.transaction.max_fee == 33 * 10**9
    assert dialog.fee.own.isChecked()
    dialog.reject()


async def test_what_strangers_wrote_is_shown_as_it_is(parent: QWidget) -> None:
    shown = Shown(parent, approve(5, symbol=MARKUP), warning("w", f"Beware of {MARKUP}\n\u202eevil"))
    dialog = await shown.settled()

    text = words(dialog)

    assert f"Exactly 0.000005 {MARKUP}" in text
    assert f"Beware of {MARKUP} \ufffdevil" in text
    assert all(each.textFormat() is Qt.TextFormat.PlainText for each in dialog.findChildren(QLabel))
    dialog.reject()


async def test_f5_simulates_again_and_the_fields_unfold(parent: QWidget) -> None:
    shown = Shown(parent, swap())
    dialog = await shown.settled()

    await shown.press(Qt.Key.Key_F5, at=dialog)
    dialog.more.setFocus()
    await shown.press(Qt.Key.Key_Space)

    assert "19,000,002" in dialog.freshness.text()
    assert "Data" in dialog.fields.text()
    dialog.reject()


async def test_what_does_not_fit_has_to_be_seen_before_it_can_be_signed(parent: QWidget) -> None:
    shown = Shown(parent, swap(), *(warning(f"w{at}", f"Warning {at}. " * 12) for at in range(6)))
    dialog = await shown.settled()
    dialog.resize(dialog.width(), 320)
    for each in dialog.remarks.warnings.values():
        each.box.setChecked(True)
    await turn()
    shown.dialog.model.watch()
    dialog.refresh()
    await turn()

    before, told = dialog.yes.isEnabled(), dialog.hindrance.text()
    for _ in range(12):
        await shown.press(Qt.Key.Key_PageDown, at=dialog)
    after = dialog.yes.isEnabled()

    assert (before, after) == (False, True)
    assert "more to see" in told
    dialog.reject()
