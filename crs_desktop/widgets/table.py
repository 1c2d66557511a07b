"""A table made of data: columns are declared, rows are texts with a key.

New rows are compared with the old ones by key, so only what changed is repainted, and selection and
scroll position stay. Ctrl+C copies the selected rows (all, if none is) as CSV.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.viewmodels.columns import Cell, Column, Row, to_csv
from crs_desktop.viewmodels.words import Sentence, say
from crs_desktop.widgets.tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
Speak = Callable[[Sentence], str]
NOWHERE = QModelIndex()
PADDING = 18
EXPLAINED = Qt.ItemDataRole.UserRole
"""Asks whether a cell holds a number that can be explained."""
EXPLAIN = say("Where does this number come from?")
INDENT = "\u2003"
"""Set before a text that stands left after a column that ends right, so that they do not touch."""
TONES = {
    "text": "text",
    "muted": "text_muted",
    "faint": "text_faint",
    "up": "up_text",
    "down": "down_text",
    "accent": "accent",
    "warn": "warn",
    "error": "error",
}


class RowModel(QAbstractTableModel):
    """The rows of a table; `set_rows` changes as little as possible."""

    def __init__(self, columns: Sequence[Column], speak: Speak, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns, self.rows = tuple(columns), list[Row]()
        self._speak = speak
        self._indent = [
            INDENT if at and column.align == "left" and self.columns[at - 1].align == "right" else ""
            for at, column in enumerate(self.columns)
        ]

    def text(self, cell: Cell) -> str:
        """Return what a cell shows."""
        return cell.text if isinstance(cell.text, str) else self._speak(cell.text)

    def shown(self, at: int, cell: Cell) -> str:
        """Return the text as it is painted in a column."""
        return self._indent[at] + self.text(cell)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows from now on."""
        wanted = {row.key for row in rows}
        for at in range(len(self.rows) - 1, -1, -1):
            if self.rows[at].key not in wanted:
                self.beginRemoveRows(NOWHERE, at, at)
                del self.rows[at]
                self.endRemoveRows()
        held = {row.key for row in self.rows}
        for at, row in enumerate(rows):
            if row.key not in held:
                self.beginInsertRows(NOWHERE, at, at)
                self.rows.insert(at, row)
                self.endInsertRows()
            elif self.rows[at].key != row.key:
                self._move(at, row.key)
            if self.rows[at] is not row and self.rows[at] != row:
                self._change(at, row)

    def _move(self, at: int, key: str) -> None:
        source = next(i for i in range(at + 1, len(self.rows)) if self.rows[i].key == key)
        self.beginMoveRows(NOWHERE, source, source, NOWHERE, at)
        self.rows.insert(at, self.rows.pop(source))
        self.endMoveRows()

    def _change(self, at: int, row: Row) -> None:
        old, self.rows[at] = self.rows[at], row
        changed = [i for i, (one, other) in enumerate(zip(old.cells, row.cells, strict=True)) if one != other]
        self.dataChanged.emit(self.index(at, changed[0]), self.index(at, changed[-1]))

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """How many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's type
        """Text, alignment, colour and tip of a cell."""
        cell, column = self.rows[index.row()].cells[index.column()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.shown(index.column(), cell)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.text(cell)
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme.color(TONES[cell.tone])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_align(column))
        if role == EXPLAINED:
            return column.explained and bool(cell.raw)
        if role == Qt.ItemDataRole.ToolTipRole and cell.tip:
            return plain_tip(cell.tip if isinstance(cell.tip, str) else self._speak(cell.tip))
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's type
        """The titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._indent[section] + self._speak(Sentence(column.title)) if column.title else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_align(column))
        return None


def _align(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.align == "right" else Qt.AlignmentFlag.AlignLeft
    return Qt.AlignmentFlag.AlignVCenter | side


class Ink(QStyledItemDelegate):
    """Lets the text of selected rows keep its colour: up and down mean something there, too."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802 - Qt's name
        """Write selected text in the cell's own colour."""
        super().initStyleOption(option, index)
        ink = index.data(Qt.ItemDataRole.ForegroundRole)
        if ink is not None:
            palette = QPalette(option.palette)
            palette.setColor(QPalette.ColorRole.HighlightedText, ink)
            option.palette = palette

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Outline the number that Enter would explain."""
        super().paint(painter, option, index)
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_HasFocus and index.data(EXPLAINED):
            painter.setPen(theme.color("focus"))
            rect: QRect = option.rect
            painter.drawRect(rect.adjusted(0, 0, -1, -1))


class Table(QTableView):
    """A dense read-only table; keys and clicks come out as the key of a row."""

    opened = Signal(str)
    """Enter, F2 or a double click on a row."""
    removed = Signal(str)
    """Delete on a row."""
    acted = Signal(str, str)
    """A click on an action cell: row and field."""
    asked = Signal(str, str)
    """A double click, Enter or the menu on a number that can be explained: row and field."""

    def __init__(self, columns: Sequence[Column], speak: Speak, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._speak = speak
        self.row_model = RowModel(columns, speak, self)
        self.setModel(self.row_model)
        self.setItemDelegate(Ink(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setMouseTracking(True)
        theme.set_font(self, "number")
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(8)
        theme.set_font(head, "small")
        self._needed: list[int] = []
        self._silent: set[int] = set()
        """Sparse columns in which nothing stands."""
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)
        self._measure()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, keeping selection and scroll."""
        self.row_model.set_rows(rows)
        self._widen(rows)

    def selected_keys(self) -> list[str]:
        """Return the keys of the selected rows, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.row_model.rows[row].key for row in rows]

    def csv(self) -> str:
        """Return the selected rows, or all, as CSV."""
        keys = set(self.selected_keys())
        rows = [row for row in self.row_model.rows if not keys or row.key in keys]
        return to_csv(self.row_model.columns, rows)

    def current_key(self) -> str | None:
        """Return the key of the row with the cursor."""
        index = self.currentIndex()
        return self.row_model.rows[index.row()].key if index.isValid() else None

    # -- widths: as wide as the widest text so far, what is left is shared out ----------------------

    def _measure(self) -> None:
        metrics = QFontMetrics(theme.font("small"))
        head = (self.row_model.headerData(i, Qt.Orientation.Horizontal) for i in range(len(self.row_model.columns)))
        self._needed = [metrics.horizontalAdvance(title) + PADDING for title in head]
        self.verticalHeader().setDefaultSectionSize(theme.current().px(theme.current().row))
        self._widen(self.row_model.rows)
        self._share()

    def _widen(self, rows: Sequence[Row]) -> None:
        metrics = QFontMetrics(theme.font("number"))
        longest = [""] * len(self._needed)
        for row in rows[:200]:
            for at, cell in enumerate(row.cells):
                text = self.row_model.shown(at, cell)
                if len(text) > len(longest[at]):
                    longest[at] = text
        columns = self.row_model.columns
        silent = {at for at, text in enumerate(longest) if columns[at].sparse and not text.strip()}
        grown, self._silent = silent != self._silent, silent
        for at, text in enumerate(longest):
            needed = metrics.horizontalAdvance(text) + PADDING
            if needed > self._needed[at]:
                self._needed[at], grown = needed, True
        if grown:
            self._share()

    def _share(self) -> None:
        """Hide what is spare until the rest fits, then share out what is left."""
        width, columns = self.viewport().width(), self.row_model.columns
        kept = set(range(len(columns))) - self._silent
        spare = sorted((at for at in kept if columns[at].spare), key=lambda at: -columns[at].spare)
        for at in spare:
            if sum(self._needed[i] for i in kept) > width:
                kept.discard(at)
        for at in reversed(spare):  # a wide one that went may have left room for a narrow one that went before it
            if at not in kept and sum(self._needed[i] for i in kept) + self._needed[at] <= width:
                kept.add(at)
        extra = min(max(0, width - sum(self._needed[i] for i in kept)) // len(kept), 48)
        for at, needed in enumerate(self._needed):
            self.setColumnHidden(at, at not in kept)
            self.setColumnWidth(at, needed + extra)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the new width out."""
        super().resizeEvent(event)
        self._share()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Measure again when fonts change."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_needed"):
            self._measure()

    # -- keys and mouse -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter opens, Delete removes, Ctrl+C copies; the rest moves the cursor."""
        key = self.current_key()
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.csv())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._can_ask(self.currentIndex()):
            self._ask(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and key is not None:
            self.opened.emit(key)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and key is not None:
            for each in self.selected_keys() or [key]:
                self.removed.emit(each)
        elif event.text() and event.text().isprintable():
            event.ignore()  # letters are hotkeys of the window, not a search in the table
        else:
            super().keyPressEvent(event)

    def focus_first(self) -> None:
        """Select the row with the cursor, or the first one, if no row is selected."""
        if not self.row_model.rows or self.selectionModel().hasSelection():
            return
        at = max(0, self.currentIndex().row())
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self.row_model.index(at, 0), flags)

    def focusInEvent(self, event: Any) -> None:  # noqa: N802, ANN401 - Qt's name and type
        """Give the keyboard a row to work on."""
        super().focusInEvent(event)
        self.focus_first()

    def _clicked(self, index: QModelIndex) -> None:
        column = self.row_model.columns[index.column()]
        row = self.row_model.rows[index.row()]
        if column.action and row.cells[index.column()].text:
            self.acted.emit(row.key, column.field)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Offer to explain the number under the mouse, or under the cursor."""
        mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if mouse else self.currentIndex()
        if self._can_ask(index):
            kept, menu = QPersistentModelIndex(index), QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction(self._speak(EXPLAIN), lambda: self._ask(kept))
            menu.popup(event.globalPos() if mouse else self.viewport().mapToGlobal(self.visualRect(index).center()))

    def _can_ask(self, index: Index) -> bool:
        return bool(index.isValid() and index.data(EXPLAINED))

    def _ask(self, index: Index) -> None:
        if index.isValid():
            self.asked.emit(self.row_model.rows[index.row()].key, self.row_model.columns[index.column()].field)

    def _double_clicked(self, index: QModelIndex) -> None:
        if self._can_ask(index):
            self._ask(index)
        elif not self.row_model.columns[index.column()].action:
            self.opened.emit(self.row_model.rows[index.row()].key)
