"""A list of rows of two or three lines, for places too narrow for a table.

What it shows is given as `LineRow`s; keys and clicks come out as the key of a row. Texts that do not fit are shortened
with an ellipsis and shown whole on hover.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.viewmodels.line_rows import LineRow
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
Speak = Callable[[Sentence], str]
NOWHERE = QModelIndex()
ROW = Qt.ItemDataRole.UserRole
"""Asks for the row itself."""
EDGE = 8
PAD = 4
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LineModel(QAbstractListModel):
    """The rows; texts are spoken here."""

    def __init__(self, speak: Speak, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[LineRow] = []
        self._speak = speak

    def set_rows(self, rows: Sequence[LineRow]) -> bool:
        """Show these rows; return whether their number or order changed."""
        if [row.key for row in rows] == [row.key for row in self.rows]:
            changed = [at for at, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old != new]
            self.rows = list(rows)
            if changed:
                self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
            return False
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()
        return True

    def said(self, text: str | Sentence) -> str:
        """Return a text as it is shown."""
        return text if isinstance(text, str) else self._speak(text)

    def third(self, row: LineRow) -> str:
        """Return the third line of a row, empty for none."""
        return " · ".join(self.said(each) for each in row.more)

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """How many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's type
        """The row, and all of it as one text for hover and screen readers."""
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            parts = (row.title, self.said(row.mark), row.text, self.third(row))
            return ", ".join(part for part in parts if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip("\n".join(part for part in (row.text, self.third(row)) if part))
        return None


class LineInk(QStyledItemDelegate):
    """Paints a row."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """As high as its lines."""
        small = QFontMetrics(theme.font("small")).height()
        lines = 2 if index.data(ROW).more else 1
        return QSize(0, 2 * PAD + QFontMetrics(theme.font("strong")).height() + lines * (small + 1))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Title and mark, text, and what more there is."""
        row: LineRow = index.data(ROW)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.color("hover"))
        model: LineModel = index.model()  # type: ignore[assignment]
        inner = rect.adjusted(EDGE, PAD, -EDGE, -PAD)
        ink = "text_muted" if row.faint else "text"
        height = QFontMetrics(theme.font("strong")).height()
        first = QRect(inner.left(), inner.top(), inner.width(), height)
        taken = _write(painter, first, theme.font("small"), model.said(row.mark), row.tone, RIGHT)
        _write(painter, first.adjusted(0, 0, -taken - EDGE, 0), theme.font("strong"), row.title, ink, LEFT)
        small = QFontMetrics(theme.font("small")).height() + 1
        second = QRect(inner.left(), first.bottom() + 1, inner.width(), small)
        _write(painter, second, theme.font("small"), row.text, ink, LEFT)
        _write(painter, second.translated(0, small), theme.font("small"), model.third(row), "text_faint", LEFT)
        painter.setPen(theme.color("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())


def _write(painter: QPainter, rect: QRect, font: QFont, text: str, tone: str, side: Qt.AlignmentFlag) -> int:
    """Write one line, shortened if it is too long; return its width."""
    if not text:
        return 0
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(theme.color(tone))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, side, shown)
    return metrics.horizontalAdvance(shown)


class LineList(QListView):
    """The list; a subclass or its owner connects what keys and clicks mean."""

    chosen = Signal(str)
    """A click on a row, or Space."""
    opened = Signal(str)
    """Enter, F2 or a double click."""
    removed = Signal(list)
    """Delete on the selected rows."""

    def __init__(self, speak: Speak, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = LineModel(speak, self)
        self.setModel(self.lines)
        self.setItemDelegate(LineInk(self))
        self.offers: Callable[[str, QMenu], object] | None = None
        """Fills the menu of a row."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 60)
        self.clicked.connect(lambda index: self.chosen.emit(self.lines.rows[index.row()].key))
        self.doubleClicked.connect(lambda index: self.opened.emit(self.lines.rows[index.row()].key))

    def show_rows(self, rows: Sequence[LineRow]) -> None:
        """Show these rows; cursor and selection stay with their rows."""
        current, selected = self.current_key(), set(self.selected_keys())
        place = self.verticalScrollBar().value()
        if not self.lines.set_rows(rows):
            return
        model = self.selectionModel()
        for at, row in enumerate(self.lines.rows):
            if row.key in selected:
                model.select(self.lines.index(at), model.SelectionFlag.Select)
            if row.key == current:
                model.setCurrentIndex(self.lines.index(at), model.SelectionFlag.NoUpdate)
        self.verticalScrollBar().setValue(place)

    def current_key(self) -> str | None:
        """Return the key of the row with the cursor."""
        index = self.currentIndex()
        return self.lines.rows[index.row()].key if index.isValid() else None

    def selected_keys(self) -> list[str]:
        """Return the keys of the selected rows, from the top."""
        return [self.lines.rows[each].key for each in sorted(index.row() for index in self.selectedIndexes())]

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter opens, Delete removes; letters are hotkeys of the window."""
        key = self.current_key()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and key is not None:
            self.opened.emit(key)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and key is not None:
            self.removed.emit(self.selected_keys() or [key])
        elif event.text() and event.text().isprintable():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:  # noqa: N802, ANN401 - Qt's name and type
        """Give the keyboard a row to work on."""
        super().focusInEvent(event)
        if self.lines.rows and not self.currentIndex().isValid():
            self.setCurrentIndex(self.lines.index(0))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Open the menu of the row under the mouse, or of that with the cursor."""
        mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if mouse else self.currentIndex()
        if self.offers is None or not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.offers(self.lines.rows[index.row()].key, menu)
        menu.popup(event.globalPos() if mouse else self.viewport().mapToGlobal(self.visualRect(index).center()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Measure again when fonts change."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.doItemsLayout()
