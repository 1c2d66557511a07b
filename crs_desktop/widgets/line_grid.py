"""Lines of a title and a text, below each other: what a thing is in words, the figures at one edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.theme.font import FontRole
from crs_desktop.widgets.label import plain_label

TITLES = 112
"""Width of the titles, so that grids below each other stand in the same columns."""
SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse


class ShownLine(NamedTuple):
    """A line in the user's language; `grouped` is what is read digit by digit."""

    title: str
    text: str
    tone: str = "text"
    note: str = ""
    grouped: str = ""


class LineGrid(QWidget):
    """Two columns; the texts can be selected, and nothing in them is markup."""

    def __init__(self, name: str, role: FontRole = "number", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self.setAccessibleName(name)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, theme.current().px(TITLES))
        self.lines: tuple[ShownLine, ...] = ()

    def show_lines(self, lines: Sequence[ShownLine]) -> None:
        """Show these lines; nothing is made anew if they are the same."""
        if tuple(lines) == self.lines:
            return
        self.lines = tuple(lines)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, line in enumerate(self.lines):
            title = plain_label(line.title, tone="muted")
            most = theme.current().px(TITLES) * 3 // 2
            title.setMaximumWidth(most)
            title.setWordWrap(title.sizeHint().width() > most)
            title.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(self._told(line), row, 1)
        self.setVisible(bool(self.lines))

    def text(self) -> str:
        """Return all that is shown, for whoever reads it aloud."""
        parts = ((each.title, each.text, each.note, each.grouped) for each in self.lines)
        return "\n".join(" ".join(filter(None, line)) for line in parts)

    def _told(self, line: ShownLine) -> QWidget:
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        text = _selectable(line.text, self._role, line.tone)
        text.setAccessibleName(f"{line.title}: {line.text}")
        box.addWidget(text)
        if line.grouped:
            box.addWidget(_selectable(line.grouped, "number", "text" if line.tone == "muted" else line.tone))
        if line.note:
            box.addWidget(_selectable(line.note, "small", line.tone if line.tone == "error" else "muted"))
        return holder


def _selectable(text: str, role: FontRole, tone: str) -> QLabel:
    label = plain_label(text, role=role, tone=tone, wrap=True)
    label.setTextInteractionFlags(SELECTABLE)
    label.setMinimumWidth(1)
    return label
