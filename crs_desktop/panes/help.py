"""The F1 sheet: every key in force, by group, made of the declared actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.actions import ActionBook
from crs_desktop.i18n import tr

COLUMNS = (("Trade",), ("Chart", "Draw", "Market"), ("View", "Workspace", "Account", "Server", "Program"))
TICKET_KEYS = (
    ("Enter", "Send what the ticket says; Enter again answers its question"),
    ("Ctrl+Enter", "Send without asking about the value"),
    ("Esc", "Take the question back"),
)
DRAWING_KEYS = (
    ("Enter", "Place a point with the tool in the hand; arrows move the crosshair"),
    ("N", "Select the next drawing; Shift+N the one before"),
    ("Alt+arrows", "Move it by a bar or a tick, with Shift by ten; Enter chooses one of its points"),
    ("F2", "Look of the selected drawing"),
    ("Del", "Remove the selected drawing"),
    ("Ctrl+D", "Duplicate it; Ctrl+C and Ctrl+V copy it to another chart"),
    ("Ctrl+Z", "Undo the last drawing step, in the chart"),
)
"""Keys of drawings while the chart has the focus; they cannot be changed."""
MARKET_KEYS = (
    ("Ins", "Put the selected instrument on the watchlist, or search one for it"),
    ("Ctrl+Up/Down", "Move the row of a watchlist; Del takes it off"),
    ("F5", "Sort the scanner now; Esc lets its selection go"),
)
"""Keys of watchlist and scanner while they have the focus."""
MORE = {"Trade": TICKET_KEYS, "Draw": DRAWING_KEYS, "Market": MARKET_KEYS}


class HelpSheet(QDialog):
    """Keys at a glance; any of Escape, Enter and F1 closes it."""

    def __init__(self, parent: QWidget, book: ActionBook) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self._book = book
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(16)
        head = QLabel(tr("Keyboard shortcuts"))
        theme.set_font(head, "title")
        box.addWidget(head)
        row = QHBoxLayout()
        row.setSpacing(32)
        for groups in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(16)
            for group in groups:
                rows = self._rows(group)
                if rows:
                    column.addWidget(self._group(group, rows))
            column.addStretch(1)
            row.addLayout(column)
        holder = QWidget()
        holder.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        area = QScrollArea()  # for large text on a small screen
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(holder)
        need, screen = holder.sizeHint(), parent.screen().availableSize()
        bar = area.verticalScrollBar().sizeHint().width()
        if need.width() + bar > screen.width() - 96:
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            for words in holder.findChildren(QLabel, "words"):
                words.setWordWrap(True)
        area.setMinimumSize(min(need.width() + bar, screen.width() - 96), min(need.height() + 4, screen.height() - 200))
        box.addWidget(area)
        foot = QLabel(tr("All keys can be changed in the settings. They are silent while you type in a field."))
        theme.set_tone(foot, "faint")
        theme.set_font(foot, "small")
        box.addWidget(foot)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Close on the keys that opened it."""
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
            return
        super().keyPressEvent(event)

    def _rows(self, group: str) -> list[tuple[str, str]]:
        book = self._book
        rows = [(book.shortcut(each.id), each.title) for each in book.actions() if each.group == group]
        return [row for row in rows if row[0]] + list(MORE.get(group, ()))

    def _group(self, group: str, rows: list[tuple[str, str]]) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        title = QLabel(tr(group))
        theme.set_font(title, "strong")
        theme.set_tone(title, "accent")
        grid.addWidget(title, 0, 0, 1, 2)
        for line, (key, text) in enumerate(rows, start=1):
            cap = QLabel(key)
            cap.setObjectName("keycap")
            theme.set_font(cap, "small")
            cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
            cap.setMinimumWidth(max(28, cap.fontMetrics().horizontalAdvance(key) + 14))
            cap.setStyleSheet(
                f"border: 1px solid {theme.current().border_strong}; border-radius: 3px; padding: 1px 4px;"
            )
            words = QLabel(tr(text))
            words.setObjectName("words")
            words.setTextFormat(Qt.TextFormat.PlainText)
            theme.set_tone(words, "muted")
            grid.addWidget(cap, line, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(words, line, 1)
        grid.setColumnStretch(1, 1)
        return holder
