"""The dialog before a signature: all that a transaction does, then one button; no way to a signature leads past it.

Ctrl+Enter signs, Escape leaves, F5 simulates again, Page Down scrolls: what does not fit has to be seen before it can
be signed. Enter in the wrong moment does nothing: what is new on the screen
cannot be signed for a moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.dialogs import Sheet
from crs_desktop.shell.server.form import FormField
from crs_desktop.shell.wallet.confirm_fee import FeeRow
from crs_desktop.shell.wallet.confirm_remarks import RemarkList
from crs_desktop.viewmodels.wallet.confirm import ConfirmModel, Stage
from crs_desktop.viewmodels.wallet.confirm_lines import Line
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.line_grid import LineGrid, ShownLine

WIDTH = 560
SCREEN_SHARE = 0.9
BEAT_MS = 1000
END = 8
"""So near to the end everything is seen, px."""


class ConfirmTransaction(Sheet):
    """Shows a `ConfirmModel`; `done_with` hears of it when the dialog has closed, signed or not."""

    def __init__(self, parent: QWidget, model: ConfirmModel, done_with: Callable[[ConfirmModel], object]) -> None:
        super().__init__(parent, spoken(model.title), WIDTH)
        self.setObjectName("confirm transaction")
        self.model, self._done_with = model, done_with
        self._tasks: set[asyncio.Task[Any]] = set()
        self._waits_for_yes = True
        """Whether the button has not had the keyboard yet: what is new cannot be signed at once."""
        self.setMinimumWidth(theme.current().px(WIDTH))
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(lambda: self.run(model.beat()))
        self._guard = QTimer(self)
        self._guard.setSingleShot(True)
        self._guard.timeout.connect(self._show_buttons)
        self._link = model.on_change(lambda _model: self.refresh())
        bar = self.area.verticalScrollBar()
        for moved in (bar.valueChanged, bar.rangeChanged):
            moved.connect(lambda *_: self._look())
        model.watch()
        self.refresh()

    # -- parts --------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        model = self.model
        self.place = plain_label(tone="replay" if model.chain.is_practice else "muted")
        self.column.addWidget(self.place)
        self.moves = LineGrid(tr("What leaves and what arrives"), "large")
        self.about = LineGrid(tr("Who and on which terms"))
        self.route = LineGrid(tr("Route"))
        self.fee = FeeRow(model, self.run)
        self.simulated = LineGrid(tr("Simulation"))
        self.freshness = plain_label(role="small", tone="muted", wrap=True)
        self.again = _button(tr("Simulate again"), "chip", lambda: self.run(model.refresh()))
        self.again.setToolTip("F5")
        self.remarks = RemarkList(model)
        self.more = _button(tr("Every field that is signed"), "chip", self._unfold)
        self.more.setCheckable(True)
        self.fields = LineGrid(tr("Every field that is signed"))
        self.fields.hide()
        inside = QWidget()
        box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, 8, 0)
        box.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(self.freshness, 1)
        head.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(self.remarks.refusals)
        parts = (self.moves, self.about, self.route, self.remarks, _line(), self.simulated, head, _line(), self.fee)
        for each in parts:
            if isinstance(each, QWidget):
                box.addWidget(each)
            else:
                box.addLayout(each)
        box.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self.fields)
        box.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        self._inside = inside
        self.column.addWidget(self.area, 1)
        self._lay_out_foot()

    def _lay_out_foot(self) -> None:
        self.note = plain_label(tone="warn", wrap=True)
        self.problem = plain_label(tone="error", wrap=True)
        self.hindrance = plain_label(role="small", tone="muted", wrap=True)
        self.password = FormField(tr("Password of the wallet"), lambda _text: None, secret=True)
        self.password.line.returnPressed.connect(self._unlock)
        for each in (self.note, self.problem, self.hindrance, self.password):
            self.column.addWidget(each)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.leave = _button(tr("Do not sign"), "", self.reject)
        self.yes = _button("", "primary", self._yes)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.yes)
        self.column.addLayout(foot)

    # -- showing ------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the model as it is."""
        model = self.model
        if model.stage is Stage.SENT:
            self.accept()
            return
        title = spoken(model.title)
        self.head.setText(title)
        self.setWindowTitle(title)
        self.place.setText(spoken(model.place))
        self.moves.show_lines(shown(model.moves))
        deadline, tone = model.deadline
        about = [*shown(model.parties), *shown(model.allowance), *shown(model.terms)]
        if model.seconds_left is not None:
            about.append(ShownLine(tr("Deadline"), spoken(deadline), tone))
        self.about.show_lines(about)
        self.route.show_lines([ShownLine("" if at else tr("Route"), each) for at, each in enumerate(model.route)])
        self.simulated.show_lines(shown(model.simulated))
        self.freshness.setText(spoken(model.freshness))
        theme.set_tone(self.freshness, "warn" if model.is_stale else "muted")
        self.again.setEnabled(model.stage is Stage.SHOWN)
        self.fee.refresh()
        self.remarks.refresh()
        if self.fields.isVisible():
            self.fields.show_lines(shown(model.fields))
        if self.isVisible():
            QTimer.singleShot(0, self, self._look)
        for label, sentence in ((self.note, model.note), (self.problem, model.problem)):
            label.setText(spoken(sentence))
            label.setVisible(sentence != NOTHING)
        self._show_buttons()

    def _show_buttons(self) -> None:
        model = self.model
        is_locked = model.stage is Stage.LOCKED
        hindrance = NOTHING if is_locked and model.busy == NOTHING else model.hindrance
        text = spoken(hindrance)
        if self.hindrance.text() != text:
            self.hindrance.setText(text)
        self.hindrance.setVisible(bool(text))
        theme.set_tone(self.hindrance, "muted" if model.offers_signing else "error")
        if self.password.isHidden() == is_locked:
            self.password.setVisible(is_locked)
            if is_locked:
                self.password.line.setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self.password.wipe()
        self.yes.setVisible(model.offers_signing)
        self.yes.setText(tr("Unlock and sign") if is_locked else spoken(model.verb))
        self.yes.setEnabled(model.busy == NOTHING and (is_locked or model.can_sign))
        if self._waits_for_yes and self.yes.isEnabled() and not self.yes.isHidden() and self.isVisible():
            self._waits_for_yes = False
            if self.area.hasFocus():  # nobody has gone elsewhere meanwhile
                self.yes.setFocus(Qt.FocusReason.OtherFocusReason)
        self.leave.setText(tr("Do not sign") if model.offers_signing else tr("Close"))
        self.leave.setEnabled(model.stage is not Stage.SIGNING)
        if model.guard_ms and model.hindrance == NOTHING and not self._guard.isActive():
            self._guard.start(model.guard_ms)

    def _look(self) -> None:
        """Tell the model when all of it was in view."""
        bar = self.area.verticalScrollBar()
        if self.isVisible() and bar.value() >= bar.maximum() - END:
            self.model.see()

    def _unfold(self) -> None:
        unfolded = self.more.isChecked()
        self.fields.setVisible(unfolded)
        if unfolded:
            self.fields.show_lines(shown(self.model.fields))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Take the room that the words need, as far as the screen has it; begin where there is something to do."""
        super().showEvent(event)
        self._fit()
        self._timer.start()
        QTimer.singleShot(0, self, self._look)  # once the layout has its places
        first = self.remarks.first_open() or (self.area if self.model.offers_signing else self.leave)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit(self) -> None:
        wanted = self._inside.sizeHint().height() + 8
        screen = self.screen().availableGeometry()
        most = screen.height() * SCREEN_SHARE
        layout = self.layout()
        rest = (layout.sizeHint().height() if layout is not None else 0) - self.area.sizeHint().height()
        self.resize(self.width(), int(min(most, wanted + rest)))
        frame = self.frameGeometry()
        top = max(screen.top(), min(frame.top(), screen.bottom() - frame.height()))
        self.move(frame.left(), top)  # it may stand over a smaller dialog

    # -- doing --------------------------------------------------------------------------------------

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something; it is cancelled when the dialog closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _yes(self) -> None:
        if self.model.stage is Stage.LOCKED:
            self._unlock()
        else:
            self.run(self.model.sign())

    def _unlock(self) -> None:
        if self.model.busy != NOTHING:  # what is typed meanwhile stays
            return
        password = self.password.line.text()
        self.password.wipe()
        self.run(self.model.unlock(password))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl+Enter signs, F5 simulates again; Enter is only the button's that has the keyboard."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_F5:
            self.run(self.model.refresh())
        elif event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            bar = self.area.verticalScrollBar()
            bar.setValue(bar.value() + (bar.pageStep() if event.key() == Qt.Key.Key_PageDown else -bar.pageStep()))
        elif is_enter and event.isAutoRepeat():
            event.accept()
        elif is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if self.yes.isEnabled() and not self.yes.isHidden():
                self._yes()
        elif is_enter:
            focused = self.focusWidget()
            if isinstance(focused, QPushButton):
                focused.click()
        elif event.key() == Qt.Key.Key_Escape and self.model.stage is Stage.SIGNING:
            event.accept()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Close: the clock stops, what is on its way is dropped, no password stays."""
        if self.model.stage is Stage.SIGNING:
            return
        self._link.close()
        self._timer.stop()
        self._guard.stop()
        current = _current_task()
        for task in tuple(self._tasks):
            if task is not current:
                task.cancel()
        self.password.wipe()
        super().done(result)
        self.model.leave()
        self._done_with(self.model)


def shown(lines: list[Line]) -> list[ShownLine]:
    """Return lines in the user's language."""
    return [
        ShownLine(spoken(each.title), spoken(each.text), each.tone, spoken(each.note), each.address) for each in lines
    ]


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _button(text: str, kind: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    if kind:
        button.setProperty("kind", kind)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _=False: act())
    return button


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("kind", "line")
    line.setFixedHeight(1)
    return line
