"""A table of thousands of rows of which only those in view are written.

The rows are numbers in an order; texts are asked for when a row is painted. A new order moves selection and cursor
with their rows; new figures repaint what is in view, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
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
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.viewmodels.columns import Cell, Column, Row, to_csv
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.table import TONES, Speak
from crs_desktop.widgets.tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
Numbers = npt.NDArray[np.int64]
NOWHERE = QModelIndex()
_CENTER = Qt.AlignmentFlag.AlignVCenter
_SIDES = {
    "left": int(_CENTER | Qt.AlignmentFlag.AlignLeft),
    "right": int(_CENTER | Qt.AlignmentFlag.AlignRight),
}
PADDING = 8
AGES_S = 0.5
"""How often ages are told."""
COPIED = 500
"""Rows that are copied at most where none is selected."""


class ScanModel(QAbstractTableModel):
    """Rows by number; `cells` returns the texts of one."""

    def __init__(
        self, columns: Sequence[Column], cells: Callable[[int], tuple[Cell, ...]], speak: Speak, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.columns, self._cells, self._speak = tuple(columns), cells, speak
        self.numbers: Numbers = np.empty(0, dtype=np.int64)
        self.sorted, self.descending = "", False
        self.faint: Callable[[int], bool] = lambda _number: False

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell by its place."""
        return self._cells(int(self.numbers[row]))[column]

    def row_cells(self, row: int) -> tuple[Cell, ...]:
        """Return the cells of a row by its place."""
        return self._cells(int(self.numbers[row]))

    def said(self, text: str | Sentence) -> str:
        """Return a text as it is shown."""
        return text if isinstance(text, str) else self._speak(text)

    def set_numbers(self, numbers: Numbers) -> None:
        """Show these rows in this order; cursor and selection go with their rows."""
        if len(numbers) == len(self.numbers) and np.array_equal(np.sort(numbers), np.sort(self.numbers)):
            self.layoutAboutToBeChanged.emit()
            places = np.empty(int(numbers.max()) + 1 if len(numbers) else 0, dtype=np.int64)
            places[numbers] = np.arange(len(numbers))
            before, self.numbers = self.numbers, numbers
            for index in self.persistentIndexList():
                to = self.index(int(places[before[index.row()]]), index.column())
                self.changePersistentIndex(index, to)
            self.layoutChanged.emit()
            return
        self.beginResetModel()
        self.numbers = numbers
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """How many rows there are."""
        return 0 if parent.isValid() else len(self.numbers)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's type
        """The text of a cell, for screen readers and hover; painting does not ask here."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.said(self.cell(index.row(), index.column()).text)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.said(self.cell(index.row(), index.column()).tip)) or None
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's type
        """The titles; the one that rows are sorted by has an arrow."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            arrow = "" if column.field != self.sorted else " ↓" if self.descending else " ↑"
            return self._speak(Sentence(column.title)) + arrow
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _SIDES[column.align]
        return None


class ScanTable(QTableView):
    """Keys and clicks come out as places of rows; `held` says whether somebody points at rows or works with one."""

    opened = Signal(int)
    """Enter or a double click on a row, by its number."""
    added = Signal(int)
    """Insert on a row."""
    wanted = Signal(str)
    """A click on the title of a column: its field."""
    asked = Signal(int, QPoint)
    """The menu of a row is wanted, at a place on the screen."""
    held = Signal(bool)

    def __init__(
        self, columns: Sequence[Column], cells: Callable[[int], tuple[Cell, ...]], speak: Speak, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.row_model = ScanModel(columns, cells, speak, self)
        self.setModel(self.row_model)
        self.pointed = -1
        """The row under the mouse."""
        self.number_font = theme.font("number")
        self._needed: list[int] = []
        self._silent: set[str] = set()
        self._inside = False
        self._painted_at = 0.0
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setProperty("ownKeys", "Up Down PgUp PgDown Home End Insert")
        theme.set_font(self, "number")
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.setMinimumSectionSize(8)
        theme.set_font(head, "small")
        head.sectionClicked.connect(lambda at: self.wanted.emit(self.row_model.columns[at].field))
        self.doubleClicked.connect(lambda index: self.opened.emit(int(self.row_model.numbers[index.row()])))
        self.selectionModel().selectionChanged.connect(lambda *_: self._hold())
        self._measure()

    # -- what is shown ----------------------------------------------------------------------------

    def show_order(self, numbers: Numbers, column: str, *, descending: bool) -> None:
        """Show these rows in this order; the row with the cursor keeps it if it is still there."""
        model, current = self.row_model, self.current_number()
        titles = (column, descending) != (model.sorted, model.descending)
        model.sorted, model.descending = column, descending
        reset = len(numbers) != len(model.numbers)
        model.set_numbers(numbers)
        if titles:
            model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(model.columns) - 1)
            self._widen()
        if current is not None and (reset or not self.currentIndex().isValid()):
            self._select(current)

    def show_changes(self, changed: frozenset[int]) -> None:
        """Repaint rows in view whose figures changed, and once in a while all, for their ages."""
        first, last = self._in_view()
        if last < first:
            return
        now = time.monotonic()
        if now - self._painted_at >= AGES_S:
            self._painted_at = now
            self._widen()
            self.viewport().update()
            return
        width, height = self.viewport().width(), self.rowHeight(first)
        top = self.rowViewportPosition(first)
        for place, number in enumerate(self.row_model.numbers[first : last + 1].tolist()):
            if number in changed:
                self.viewport().update(0, top + place * height, width, height)

    def silence(self, *fields: str) -> None:
        """Hide columns that say the same in every row."""
        if set(fields) != self._silent:
            self._silent = set(fields)
            self._share()

    def current_number(self) -> int | None:
        """Return the number of the row with the cursor."""
        index = self.currentIndex()
        valid = index.isValid() and index.row() < len(self.row_model.numbers)
        return int(self.row_model.numbers[index.row()]) if valid else None

    def selected_numbers(self) -> list[int]:
        """Return the numbers of the selected rows, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [int(self.row_model.numbers[row]) for row in rows]

    def csv(self) -> str:
        """Return the selected rows, or the first ones, as CSV."""
        numbers = self.selected_numbers() or self.row_model.numbers[:COPIED].tolist()
        rows = [Row(str(number), self.row_model._cells(number)) for number in numbers]
        return to_csv(self.row_model.columns, rows)

    def _select(self, number: int) -> None:
        found = np.flatnonzero(self.row_model.numbers == number)
        if len(found):
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.row_model.index(int(found[0]), 0), flags)

    def _in_view(self) -> tuple[int, int]:
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        return max(0, first), len(self.row_model.numbers) - 1 if last < 0 else last

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Write the rows that are out of date, each from its own texts: no look-up by cell and role."""
        first, last = self.rowAt(event.rect().top()), self.rowAt(event.rect().bottom())
        if first < 0:
            return
        last = len(self.row_model.numbers) - 1 if last < 0 else last
        painter = QPainter(self.viewport())
        painter.setFont(self.number_font)
        pens = {tone: theme.color(name) for tone, name in TONES.items()}
        columns = [
            (at, self.columnViewportPosition(at) + PADDING, self.columnWidth(at) - 2 * PADDING, _SIDES[column.align])
            for at, column in enumerate(self.row_model.columns)
            if not self.isColumnHidden(at)
        ]
        chosen, said, width = self.selectionModel(), self.row_model.said, self.viewport().width()
        height, top = self.rowHeight(first), self.rowViewportPosition(first)
        for row in range(first, last + 1):
            if chosen.isRowSelected(row, NOWHERE):
                painter.fillRect(0, top, width, height, theme.color("selected"))
            elif row == self.pointed:
                painter.fillRect(0, top, width, height, theme.color("hover"))
            cells = self.row_model.row_cells(row)
            for at, left, wide, side in columns:
                text, tone = cells[at][:2]
                painter.setPen(pens[tone])
                painter.drawText(left, top, wide, height, side, said(text))
            top += height
        painter.end()

    # -- widths: as wide as the widest text so far, what is left is shared out ---------------------

    def _measure(self) -> None:
        self.number_font = theme.font("number")
        self._needed = [0] * len(self.row_model.columns)
        self.verticalHeader().setDefaultSectionSize(theme.current().px(theme.current().row))
        self._widen()
        self._share()

    def _widen(self) -> None:
        first, last = self._in_view()
        metrics, small = QFontMetrics(theme.font("number")), QFontMetrics(theme.font("small"))
        model, grown = self.row_model, False
        longest = [""] * len(self._needed)
        for row in range(first, last + 1):
            for at, cell in enumerate(model.row_cells(row)):
                text = model.said(cell.text)
                if len(text) > len(longest[at]):
                    longest[at] = text
        for at, text in enumerate(longest):
            title = model.headerData(at, Qt.Orientation.Horizontal)
            needed = max(metrics.horizontalAdvance(text) + 2 * PADDING, small.horizontalAdvance(f"{title} ↓") + 14)
            if needed > self._needed[at]:
                self._needed[at], grown = needed, True
        if grown:
            self._share()

    def _share(self) -> None:
        """Hide what is spare, all of one number together, until the rest fits; then share out what is left."""
        width, columns = self.viewport().width(), self.row_model.columns
        kept = {at for at, column in enumerate(columns) if column.field not in self._silent}
        for spare in sorted({column.spare for column in columns if column.spare}, reverse=True):
            if sum(self._needed[i] for i in kept) > width:
                kept -= {at for at in kept if columns[at].spare == spare}
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
        """Enter opens, Insert adds to the watchlist, Escape lets go, Ctrl+C copies; the rest moves the cursor."""
        number, key = self.current_number(), event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.csv())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and number is not None:
            self.opened.emit(number)
        elif key == Qt.Key.Key_Insert and number is not None:
            for each in self.selected_numbers() or [number]:
                self.added.emit(each)
        elif key == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        elif event.text() and event.text().isprintable():
            event.ignore()  # letters are hotkeys of the window
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the mouse: rows under it keep their places."""
        kind = event.type()
        if kind == QEvent.Type.MouseMove:
            self._point(self.rowAt(int(event.position().y())))  # type: ignore[attr-defined]  # a mouse event
            self._inside = True
            self._hold()
        elif kind == QEvent.Type.Leave:
            self._inside = False
            self._point(-1)
            self._hold()
        return super().viewportEvent(event)

    def _point(self, row: int) -> None:
        before, self.pointed = self.pointed, row
        if row != before:
            for each in (before, row):
                if each >= 0:
                    self.viewport().update(
                        0, self.rowViewportPosition(each), self.viewport().width(), self.rowHeight(each)
                    )

    def _hold(self) -> None:
        self.held.emit(self._inside or self.selectionModel().hasSelection())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the menu of the row under the mouse, or under the cursor."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            center = self.viewport().mapToGlobal(self.visualRect(index).center())
            self.asked.emit(int(self.row_model.numbers[index.row()]), event.globalPos() if by_mouse else center)
