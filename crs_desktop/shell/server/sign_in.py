"""The dialog of a server: its address, signing in or up, codes, a forgotten password. Enter goes on, Escape back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.dialogs import Sheet, plain
from crs_desktop.shell.server.form import FormField
from crs_desktop.viewmodels.server.sign_in import SignIn, Step
from crs_desktop.viewmodels.words import NOTHING

WIDTH = 420
JUDGE_MS = 150
"""How long a password is left alone before it is judged."""

TITLES = {
    Step.SERVER: "Trade on a server",
    Step.SIGN_IN: "Sign in to {server}",
    Step.CODE: "Second factor for {server}",
    Step.REGISTER: "Sign up at {server}",
    Step.VERIFY: "Check your e-mail",
    Step.FORGOT: "Forgotten password",
    Step.RESET: "Set a new password",
    Step.DONE: "Signed in to {server}",
}
TEXTS = {
    Step.SERVER: "The address of a CRS server. It is asked what it is before anything else is sent.",
    Step.SIGN_IN: "",
    Step.CODE: "",
    Step.REGISTER: "A check code is sent to the e-mail address.",
    Step.VERIFY: "",
    Step.FORGOT: "A code that lets you set a new password is sent to the e-mail address.",
    Step.RESET: "Every session of yours ends with it.",
    Step.DONE: "",
}
VERBS = {
    Step.SERVER: "Go on",
    Step.SIGN_IN: "Sign in",
    Step.CODE: "Sign in",
    Step.REGISTER: "Sign up",
    Step.VERIFY: "Check",
    Step.FORGOT: "Send a code",
    Step.RESET: "Change the password",
    Step.DONE: "Close",
}
NAMES = {
    "url": "Server",
    "email": "E-mail",
    "username": "User name",
    "password": "Password",
    "new_password": "New password",
    "code": "Code",
    "mail_code": "Code from the e-mail",
}
WAYS = {
    Step.SIGN_IN: (("Sign up", Step.REGISTER), ("Forgot the password?", Step.FORGOT)),
    Step.REGISTER: (("I have a user already", Step.SIGN_IN), ("I have a code already", Step.VERIFY)),
}
"""Other steps that one may go to from a step."""


class SignInDialog(Sheet):
    """Shows a `SignIn`; `done` is called when somebody is signed in."""

    def __init__(self, parent: QWidget, model: SignIn, done: Callable[[SignIn], object]) -> None:
        super().__init__(parent, tr(TITLES[Step.SERVER]), WIDTH)
        self.model, self._done = model, done
        self._task: asyncio.Task[None] | None = None
        self._step: Step | None = None
        self.setMinimumWidth(theme.current().px(WIDTH))
        self.text = plain("", "muted")
        self.column.addWidget(self.text)
        self.note = plain("", "good")
        self.column.addWidget(self.note)
        secret = ("password", "new_password")
        self.fields = {
            name: FormField(tr(title), partial(self._edited, name), secret=name in secret)
            for name, title in NAMES.items()
        }
        for field in self.fields.values():
            self.column.addWidget(field)
        self.problem = plain("", "error")
        self.column.addWidget(self.problem)
        self.busy = plain("", "muted")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.column.addWidget(self.busy)
        self.column.addWidget(self.bar)
        self.ways = QHBoxLayout()
        self.column.addLayout(self._foot())
        self._judge = QTimer(self)
        self._judge.setSingleShot(True)
        self._judge.setInterval(JUDGE_MS)
        self._judge.timeout.connect(lambda: self._run(model.judge()))
        self._link = model.on_change(lambda _model: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Show the step as it is."""
        model, step = self.model, self.model.step
        if step is Step.DONE:
            self.accept()
            return
        new_step = step is not self._step
        title = tr(TITLES[step], server=model.server)
        self.setWindowTitle(title)
        self.head.setText(title)
        _say(self.text, tr(TEXTS[step]))
        _say(self.note, spoken(model.note))
        _say(self.problem, spoken(model.problem))
        is_busy = model.busy != NOTHING
        _say(self.busy, spoken(model.busy))
        self.bar.setVisible(is_busy)
        for name, field in self.fields.items():
            shown = name in model.fields
            field.setVisible(shown)
            field.setEnabled(not is_busy)
            field.say(model.problems.get(name, NOTHING) if shown else NOTHING)
            if field.line.text() != model.value(name):
                field.line.setText(model.value(name))
        self._show_strength()
        self.go_on.setText(tr(VERBS[step]))
        self.go_on.setEnabled(not is_busy)
        self.leave.setText(tr("Stop") if is_busy else tr("Back") if step is not Step.SERVER else tr("Cancel"))
        if new_step:
            self._show_ways(step)
        self._step = step
        self.adjustSize()
        self._focus(new_step, is_busy)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Make room for the title, which grew when it was polished: else the field below is cut."""
        super().showEvent(event)
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape stops what is going on, else it goes a step back, else it closes."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Close: nothing secret stays in the fields or in the model."""
        self._link.close()
        self._judge.stop()
        if self._task is not None and not self._task.done():
            self._task.cancel()
        for name in ("password", "new_password", "code", "mail_code"):
            self.fields[name].wipe()
        self.model.forget()
        super().done(result)
        if result == Sheet.DialogCode.Accepted:
            self._done(self.model)

    # -- inside -------------------------------------------------------------------------------------

    def _foot(self) -> QVBoxLayout:
        foot = QVBoxLayout()
        foot.setSpacing(8)
        row = QHBoxLayout()
        self.ways.setSpacing(8)
        self.leave = QPushButton(tr("Cancel"))
        self.leave.setAutoDefault(False)
        self.leave.clicked.connect(self._leave)
        self.go_on = QPushButton()
        self.go_on.setProperty("kind", "primary")
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self._submit)
        row.addLayout(self.ways)
        row.addStretch(1)
        row.addWidget(self.leave)
        row.addWidget(self.go_on)
        foot.addLayout(row)
        return foot

    def _show_ways(self, step: Step) -> None:
        while (item := self.ways.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        ways = [self._way(tr(title), partial(self.model.go, other)) for title, other in WAYS.get(step, ())]
        if step in (Step.VERIFY, Step.RESET):
            ways.append(self._way(tr("Send another code"), lambda: self._run(self.model.resend())))
        for before, after in pairwise((self.go_on, *ways, self.leave)):  # back comes last
            self.setTabOrder(before, after)

    def _way(self, title: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(title)
        button.setProperty("kind", "ghost")
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: act())
        self.ways.addWidget(button)
        return button

    def _show_strength(self) -> None:
        field, found = self.fields["new_password"], self.model.strength
        if found is None:
            field.add("")
            return
        word = spoken(found.word)
        field.add(tr("{word}. {advice}", word=word, advice=spoken(found.advice)) if found.advice != NOTHING else word)
        theme.set_tone(field.extra, found.tone)

    def _focus(self, new_step: bool, is_busy: bool) -> None:
        """Give the keyboard to the first field that is empty or wrong, when there is a reason to."""
        if is_busy:
            self.leave.setFocus()
            return
        names = self.model.fields
        wrong = [name for name in names if name in self.model.problems]
        if wrong and not any(self.fields[name].line.hasFocus() for name in wrong):
            self.fields[wrong[0]].line.setFocus()
            self.fields[wrong[0]].line.selectAll()
        elif new_step or self.leave.hasFocus():
            empty = [name for name in names if not self.model.value(name)]
            secret = [name for name in names if self.fields[name].secret is not None]
            target = self.fields[(empty or secret or list(names))[0]].line
            target.setFocus()
            target.selectAll()

    def _edited(self, name: str, text: str) -> None:
        self.model.set(name, text)
        if name == "new_password":
            self._judge.start()

    def _submit(self) -> None:
        if self._task is None or self._task.done():
            self._task = self._run(self.model.submit())

    def _leave(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
        elif not self.model.back():
            self.reject()

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work)


def _say(label: Any, text: str) -> None:  # noqa: ANN401 - a label
    label.setText(text)
    label.setVisible(bool(text))
