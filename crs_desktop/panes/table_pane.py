"""The base of panes that are a table: rows, or a sentence and one action while there are none; a notice below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.table import TableModel
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.table import Table


class EmptyState(QWidget):
    """What a pane is for, and one thing to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(1)
        self.sentence = plain_label(tone="muted", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton()
        layout.addWidget(self.sentence)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)


class Strip(QFrame):
    """A line at the foot of a pane: a sentence and up to two answers."""

    def __init__(self, yes: str = "", no: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        self.label = plain_label(wrap=True)
        row.addWidget(self.label, 1)
        self.yes, self.no = QPushButton(yes), QPushButton(no)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        self.yes.setVisible(bool(yes))  # in its row by now: else it would be a window of its own for a moment
        self.no.setVisible(bool(no))
        self.hide()

    def say(self, text: str, tone: str = "text") -> None:
        """Show a sentence, or nothing."""
        if text:
            self.label.setText(text)
            theme.set_tone(self.label, tone)
        if self.isHidden() == bool(text):
            self.setVisible(bool(text))


class TablePane(Pane):
    """A table over a `TableModel`; a subclass connects its keys and clicks."""

    def __init__(self, model: TableModel, title: str, parent: QWidget | None = None) -> None:
        super().__init__(model, title, parent)
        self._rows_of = model
        self.table = Table(model.columns, spoken, self)
        self.table.setAccessibleName(title)
        self.empty = EmptyState(self)
        self.empty.button.clicked.connect(self.empty_clicked)
        self.notice = Strip(no=tr("Dismiss"))
        self.notice.no.clicked.connect(lambda: model.warn(None))
        self._stack = QStackedLayout()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(self._stack, 1)
        self.column.addWidget(self.notice)
        self.setFocusProxy(self.table)

    def empty_clicked(self) -> None:
        """Do what the empty state offers."""
        self._rows_of.empty_action()

    def refresh(self) -> None:
        """Show the rows as they are now."""
        rows = self._rows_of.rows()
        self.table.set_rows(rows)
        if not rows:
            empty = self._rows_of.empty
            self.empty.sentence.setText(spoken(empty.sentence))
            self.empty.button.setText(spoken(empty.action))
            self.empty.button.setVisible(bool(empty.action.source))
        self._stack.setCurrentWidget(self.table if rows else self.empty)
        # Tab ends its round at a pane whose proxy cannot be seen
        focus = self.table if rows else None if self.empty.button.isHidden() else self.empty.button
        if self.focusProxy() is not focus:
            self.setFocusProxy(focus)  # type: ignore[arg-type]  # the stubs do not know that None takes it away
        self.notice.say(spoken(self._rows_of.notice), "error")
        super().refresh()
        if not self._rows_of.complete:
            self._rows_of.hurry()
