"""Dialogs of the kill switch: how far to go, and why; and why to go on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget

from crs_desktop.i18n import tr
from crs_desktop.shell.dialogs import Sheet, plain
from engine.services.emergency import Kill

LONGEST = 200
"""Characters of a reason."""


def reason_field(name: str) -> QLineEdit:
    """Return a field for a reason."""
    field = QLineEdit()
    field.setMaxLength(LONGEST)
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    return field


class KillDialog(Sheet):
    """Asks how far the kill switch should go."""

    def __init__(self, parent: QWidget, kill: Kill, then: Callable[[Kill, str], object]) -> None:
        super().__init__(parent, tr("Stop trading"))
        self._group = QButtonGroup(self)
        self._choices = {
            Kill.HALT: tr("Halt: refuse every order; positions and working orders stay"),
            Kill.CANCEL: tr("Halt and cancel every working order of every account"),
            Kill.FLATTEN: tr("Cancel everything, sell everything held at the market, then halt"),
        }
        self._kills = tuple(self._choices)
        for number, text in enumerate(self._choices.values()):
            button = QRadioButton(text)
            button.setChecked(self._kills[number] is kill)
            self._group.addButton(button, number)
            self.column.addWidget(button)
        self.reason = reason_field(tr("Why (kept in the journal; may be empty)"))
        self.column.addWidget(self.reason)
        yes, _ = self.buttons(tr("Stop trading"), "sell")
        yes.clicked.connect(self.accept)
        self.accepted.connect(lambda: then(self.kill, self.reason.text()))
        checked = self._group.checkedButton()
        if checked is not None:
            checked.setFocus()

    @property
    def kill(self) -> Kill:
        """What is chosen."""
        return self._kills[max(0, self._group.checkedId())]


class ResumeDialog(Sheet):
    """Asks whether to trade again; after a breach it wants to know why."""

    def __init__(self, parent: QWidget, text: str, needs_reason: bool, then: Callable[[str], object]) -> None:
        super().__init__(parent, tr("Trade again?"))
        self.column.addWidget(plain(text, "muted"))
        self._needs = needs_reason
        self.reason = reason_field(tr("Why you go on") if needs_reason else tr("Why (may be empty)"))
        self.column.addWidget(self.reason)
        self._yes, _ = self.buttons(tr("Resume trading"))
        self._yes.clicked.connect(self.accept)
        self.accepted.connect(lambda: then(self.reason.text()))
        self.reason.textChanged.connect(self._check)
        self._check()
        (self.reason if needs_reason else self._yes).setFocus()

    def _check(self) -> None:
        self._yes.setEnabled(not self._needs or bool(self.reason.text().strip()))
