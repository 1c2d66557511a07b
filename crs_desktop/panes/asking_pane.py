"""The base of table panes that ask before they act."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import spoken
from crs_desktop.panes.table_pane import Strip, TablePane
from crs_desktop.viewmodels.server.venue import live_name
from crs_desktop.viewmodels.table import TableModel
from crs_desktop.viewmodels.words import Sentence


class Asking(Protocol):
    """What has a question to put, or None."""

    @property
    def question(self) -> Sentence | None:
        """What is asked."""

    def confirm(self) -> None:
        """Take it as a yes."""

    def dismiss(self) -> None:
        """Take it as a no."""


class AskingPane(TablePane):
    """A table with a question below it while its model asks one: Enter is yes, Escape is no."""

    def __init__(self, model: TableModel, asking: Asking, title: str, strip: Strip, parent: QWidget | None) -> None:
        super().__init__(model, title, parent)
        self._asking = asking
        self.question = strip
        self.question.yes.clicked.connect(asking.confirm)
        self.question.no.clicked.connect(asking.dismiss)
        self.column.addWidget(self.question)

    def refresh(self) -> None:
        """Show the rows and the question; a new one takes the focus."""
        asked = self._asking.question
        is_new = self.question.isHidden() and asked is not None
        venue = live_name(self._rows_of.desk)
        self.question.say(f"{venue}: {spoken(asked)}" if venue and asked is not None else spoken(asked), "warn")
        super().refresh()
        if is_new:
            self.question.yes.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Answer the question, if there is one."""
        if self._asking.question is None or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._asking.confirm()
        elif event.key() == Qt.Key.Key_Escape:
            self._asking.dismiss()
            self.table.setFocus()
        else:
            super().keyPressEvent(event)
