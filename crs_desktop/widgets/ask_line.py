"""A line at the top of a pane that asks for one text: Enter answers, Escape leaves, a bad answer gets its reason."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.words import NOTHING, Sentence
from crs_desktop.widgets.label import plain_label

Answer = Callable[[str], Sentence]
"""Takes what was entered; NOTHING closes the line, a sentence says why it stays."""
FIELD_WIDTH = 190


class AskLine(QFrame):
    """Hidden until `ask`; gives the keyboard back to its parent when it closes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._answer: Answer | None = None
        self.setProperty("kind", "notice")
        self.setAutoFillBackground(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setSpacing(6)
        self.title = plain_label(role="strong")
        self.field = QLineEdit()
        self.field.setFixedWidth(FIELD_WIDTH)
        self.field.returnPressed.connect(self._entered)
        self.field.textEdited.connect(lambda: self.say(NOTHING))
        self.hint = plain_label(role="small", tone="muted")
        self.problem = plain_label(role="small", tone="error")
        self.problem.hide()
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.hint, 1, 0, 1, 2)
        grid.addWidget(self.problem, 2, 0, 1, 2)
        self.hide()

    def ask(self, title: str, hint: str, answer: Answer, text: str = "") -> None:
        """Ask for a text; `answer` is called with it."""
        self._answer = answer
        self.title.setText(title)
        self.hint.setText(hint)
        self.field.setText(text)
        self.field.setAccessibleName(title)
        self.field.setAccessibleDescription(hint)
        self.say(NOTHING)
        self.show()
        self.raise_()
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, problem: Sentence) -> None:
        """Say why an answer is no good; NOTHING takes the words away."""
        self.problem.setText(spoken(problem))
        self.problem.setVisible(problem != NOTHING)
        self.hint.setVisible(problem == NOTHING)
        self.adjustSize()
        self.move(max(0, (self._parent.width() - self.width()) // 2), 8)

    def leave(self) -> None:
        """Close without an answer."""
        had_focus = self.field.hasFocus()
        self.hide()
        if had_focus:
            self._parent.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Leave with Escape; other keys are not for what lies below."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        event.accept()

    def _entered(self) -> None:
        if self._answer is None:
            return
        problem = self._answer(self.field.text())
        if problem == NOTHING:
            self.leave()
        else:
            self.say(problem)
            self.field.setAccessibleDescription(tr("{hint} {problem}", hint=self.hint.text(), problem=spoken(problem)))
