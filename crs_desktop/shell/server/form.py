"""A column of named fields, each with what is wrong with it below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.words import NOTHING, Sentence
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.secret_field import HINTS, SecretField

LONGEST = 254


class FormField(QWidget):
    """A name, an editor, a problem; `edited` gets every change that the user types."""

    def __init__(self, title: str, edited: Callable[[str], object], *, secret: bool = False) -> None:
        super().__init__()
        self.title = title
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        self._label = label = plain_label(title, role="small", tone="muted")
        box.addWidget(label)
        self.secret = SecretField(title) if secret else None
        if self.secret is None:
            self.line = QLineEdit()
            self.line.setMaxLength(LONGEST)
            self.line.setInputMethodHints(HINTS & ~Qt.InputMethodHint.ImhHiddenText)
            self.line.setAccessibleName(title)
            box.addWidget(self.line)
        else:
            self.line = self.secret.line
            self.secret.line.caps.connect(self._warn)
            box.addWidget(self.secret)
        label.setBuddy(self.line)
        self.caps = plain_label(tr("Caps Lock is on."), role="small", tone="warn")
        self.caps.hide()
        self.problem = plain_label(role="small", tone="error", wrap=True)
        self.problem.hide()
        self.extra = plain_label(role="small", wrap=True)
        self.extra.hide()
        for each in (self.caps, self.problem, self.extra):
            box.addWidget(each)
        self.line.textEdited.connect(edited)
        self.setFocusProxy(self.line)

    def rename(self, title: str) -> None:
        """Ask for something else."""
        if title != self.title:
            self.title = title
            self._label.setText(title)
            self.line.setAccessibleName(title)

    def say(self, problem: Sentence) -> None:
        """Say what is wrong; NOTHING takes it away."""
        text = spoken(problem)
        self.problem.setText(text)
        self.problem.setVisible(problem != NOTHING)
        self.line.setAccessibleDescription(text)
        invalid = "true" if text else "false"
        if self.line.property("invalid") != invalid:
            self.line.setProperty("invalid", invalid)
            self.line.style().unpolish(self.line)
            self.line.style().polish(self.line)

    def add(self, text: str) -> None:
        """Say something more about what is typed; "" for nothing."""
        self.extra.setText(text)
        self.extra.setVisible(bool(text))

    def wipe(self) -> None:
        """Forget what was typed."""
        if self.secret is not None:
            self.secret.wipe()
        else:
            self.line.setText("")

    def _warn(self, on: bool) -> None:
        self.caps.setVisible(on)
