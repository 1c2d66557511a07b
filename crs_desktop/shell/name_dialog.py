"""Asks for a name, and says what is wrong with it while it is typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from crs_desktop.i18n import spoken
from crs_desktop.shell.dialogs import Sheet, plain
from crs_desktop.viewmodels.words import Sentence

LONGEST = 40


class NameDialog(Sheet):
    """`then` gets the name on Enter."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        verb: str,
        first: str,
        problem_of: Callable[[str], Sentence],
        then: Callable[[str], object],
    ) -> None:
        super().__init__(parent, title)
        self._problem_of = problem_of
        self.field = QLineEdit(first)
        self.field.setMaxLength(LONGEST)
        self.field.setAccessibleName(title)
        self.column.addWidget(self.field)
        self.problem = plain("", "error")
        self.column.addWidget(self.problem)
        self._yes, _ = self.buttons(verb)
        self._yes.clicked.connect(self._take)
        self._then = then
        self.field.textChanged.connect(self._check)
        self._check(first)
        self.field.selectAll()
        self.field.setFocus()

    def _check(self, text: str) -> None:
        problem = self._problem_of(text)
        self._yes.setEnabled(not problem.source)
        self.problem.setText(spoken(problem))

    def _take(self) -> None:
        name = self.field.text().strip()
        self.accept()
        self._then(name)
