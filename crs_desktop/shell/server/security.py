"""The security of a server's account, as a dialog: subjects at the left, one page at the right, questions below."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.server.form import FormField
from crs_desktop.shell.server.security_pages import pages
from crs_desktop.viewmodels.server.security import SecurityModel
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label

WIDTH, HEIGHT, ROW = 800, 540, 28


class ProofStrip(QFrame):
    """Asks for a code or the password before something sensitive is done; Enter answers, Escape lets it be."""

    def __init__(self, answer: Callable[[str], object], leave: Callable[[], object]) -> None:
        super().__init__()
        self._answer, self._leave = answer, leave
        self.setProperty("kind", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 8)
        row.setSpacing(12)
        self.words = plain_label(wrap=True)
        self.field = FormField(tr("Proof"), lambda _text: None, secret=True)
        self.field.line.returnPressed.connect(self._entered)
        yes = QPushButton(tr("Go on"))
        yes.setProperty("kind", "primary")
        no = QPushButton(tr("Cancel"))
        for button, act in ((yes, self._entered), (no, leave)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, do=act: do())
        row.addWidget(self.words, 1)
        row.addWidget(self.field, 1)
        row.addWidget(no, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(yes, 0, Qt.AlignmentFlag.AlignBottom)
        self.hide()

    def ask(self, words: str, name: str) -> None:
        """Ask, with the keyboard in the field."""
        self.words.setText(words)
        self.field.line.setAccessibleName(name)
        if self.isHidden():
            self.field.wipe()
            self.show()
            self.field.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def wipe(self) -> None:
        """Ask no more, and forget what was typed."""
        self.field.wipe()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def _entered(self) -> None:
        self._answer(self.field.line.text())


class SecurityDialog(QDialog):
    """Shows a `SecurityModel`; `signed_out` is called after the user signed out."""

    def __init__(self, parent: QWidget, model: SecurityModel, who: str, signed_out: Callable[[], object]) -> None:
        super().__init__(parent)
        self.model, self._signed_out = model, signed_out
        self._tasks: set[asyncio.Task[Any]] = set()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("server security")
        self.setWindowTitle(tr("Security of {who}", who=who))
        scale = theme.current().px
        self.resize(min(max(WIDTH, scale(WIDTH)), max(640, parent.width() - 40)), max(HEIGHT, scale(HEIGHT) * 3 // 4))
        self.pages = pages(model, self.run)
        self._list, self._stack = QListWidget(), QStackedWidget()
        self._list.setFixedWidth(max(180, scale(150)))
        self._list.setAccessibleName(tr("Subjects"))
        for page in self.pages:
            item = QListWidgetItem(page.title)
            item.setSizeHint(QSize(0, max(ROW, scale(ROW))))  # its own guess is made before it has its look
            self._list.addItem(item)
            self._stack.addWidget(page)
        self._list.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.problem, self.note = plain_label(tone="error", wrap=True), plain_label(tone="good", wrap=True)
        self.proof = ProofStrip(lambda text: self.run(model.prove(text)), model.cancel_proof)
        self._lay_out()
        self._link = model.on_change(lambda _model: self.refresh())
        self.refresh()

    def show_subject(self, subject: int) -> None:
        """Show a page by its place in the list."""
        self._list.setCurrentRow(subject)

    def open_at(self, subject: int = 0) -> None:
        """Open at a subject and read what there is."""
        self.show_subject(subject)
        self.open()
        self.run(self.model.read())

    def refresh(self) -> None:
        """Show the model's state on every page."""
        model = self.model
        for label, sentence in ((self.problem, model.problem), (self.note, model.note)):
            label.setText(spoken(sentence))
            label.setVisible(sentence != NOTHING)
        for page in self.pages:
            page.refresh()
        if model.proof is None:
            had_keyboard = (focused := self.focusWidget()) is not None and self.proof.isAncestorOf(focused)
            if had_keyboard:  # else Qt hands it to the next button, which signs out
                self._list.setFocus(Qt.FocusReason.OtherFocusReason)
            self.proof.wipe()
        elif model.proof.by_code:
            self.proof.ask(tr("Prove that it is you: enter a code of your authenticator."), tr("Code"))
        else:
            self.proof.ask(tr("Prove that it is you: enter your password."), tr("Password"))

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something; it is cancelled when the dialog closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Enter finish a field instead of closing the dialog."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Close: nothing that was shown once or typed stays."""
        self._link.close()
        for task in tuple(self._tasks):
            task.cancel()
        for page in self.pages:
            page.wipe()
        self.proof.wipe()
        self.model.dismiss()
        super().done(result)

    def _lay_out(self) -> None:
        out_here, out_everywhere = QPushButton(tr("Sign out")), QPushButton(tr("Sign out everywhere"))
        out_everywhere.setProperty("kind", "danger")
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 8, 24, 16)
        foot.setSpacing(8)
        words = QVBoxLayout()
        words.addWidget(self.problem)
        words.addWidget(self.note)
        foot.addLayout(words, 1)
        for button, everywhere in ((out_here, False), (out_everywhere, True)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, all_of=everywhere: self.run(self._sign_out(all_of)))
            foot.addWidget(button)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addWidget(self.proof)
        right.addLayout(foot)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._list)
        outer.addLayout(right, 1)

    async def _sign_out(self, everywhere: bool) -> None:
        if await self.model.sign_out(everywhere=everywhere):
            self._tasks.clear()  # this one ends with the dialog
            self.accept()
            self._signed_out()
