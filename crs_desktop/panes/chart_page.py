"""One tab of charts: one, two or four cells between dividers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from crs_desktop.panes.base import Pane
from crs_desktop.panes.chart_cell import ChartCell
from crs_desktop.viewmodels.chart_tab import ChartSlot, ChartTab
from crs_desktop.viewmodels.desk import Desk

WHOLE = 1000
"""Shares of a divider add up to this."""
LEAST = (160, 100)
"""A chart in a split is never smaller, px."""


class ChartPage(QWidget):
    """Shows a `ChartTab`; `sync` follows it."""

    def __init__(self, desk: Desk, tab: ChartTab, join: Callable[[Pane], None]) -> None:
        super().__init__()
        self.tab = tab
        self._desk, self._join = desk, join
        self.cells: dict[ChartSlot, ChartCell] = {}
        self._rows: list[QSplitter] = []
        self._outer: QSplitter | None = None
        self._laid: tuple[str, tuple[ChartSlot, ...]] | None = None
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)

    @property
    def focused(self) -> ChartCell:
        """The cell of the tab's focused chart."""
        return self.cells[self.tab.focused]

    def sync(self, active: ChartSlot, keyed: ChartCell | None) -> None:
        """Show the tab as it is now; `active` is the board's active chart, `keyed` the cell with the keyboard."""
        tab = self.tab
        wanted = (tab.split, tuple(tab.shown))
        if wanted != self._laid:
            self._laid = wanted
            self._lay_out()
        for number, slot in enumerate(tab.shown, start=1):
            cell = self.cells[slot]
            cell.show_state(number=number, count=len(tab.shown), active=slot is active, keyed=cell is keyed)

    def dispose(self) -> None:
        """Close all charts of the tab."""
        for cell in self.cells.values():
            cell.dispose()
        self.cells.clear()

    def _lay_out(self) -> None:
        tab, had_keys = self.tab, self.isAncestorOf(self.window().focusWidget() or self)
        for slot in [each for each in self.cells if each not in tab.shown]:
            gone = self.cells.pop(slot)
            gone.dispose()
            gone.hide()
            gone.deleteLater()
        for slot in tab.shown:
            if slot not in self.cells:
                self.cells[slot] = cell = ChartCell(self._desk, slot)
                cell.setMinimumSize(*LEAST)
                cell.join = self._join
                self._join(cell.pane)
        old = self._outer
        self._outer = self._grid([self.cells[slot] for slot in tab.shown])
        self._box.addWidget(self._outer)
        self._divide()
        if old is not None:
            old.hide()
            old.deleteLater()
        self.setFocusProxy(self.focused)
        if had_keys:
            self.focused.chart.setFocus()

    def _grid(self, cells: list[ChartCell]) -> QSplitter:
        columns = 2 if self.tab.split in ("side", "four") else 1
        outer = _splitter(Qt.Orientation.Vertical)
        self._rows = []
        for first in range(0, len(cells), columns):
            row = _splitter(Qt.Orientation.Horizontal)
            for cell in cells[first : first + columns]:
                row.addWidget(cell)
                cell.show()
            row.splitterMoved.connect(lambda _at, _index, row=row: self._moved(row))
            outer.addWidget(row)
            self._rows.append(row)
        outer.splitterMoved.connect(lambda _at, _index: self._moved(None))
        return outer

    def _divide(self) -> None:
        tab = self.tab
        for splitter, share in ((self._outer, tab.down), *((row, tab.across) for row in self._rows)):
            if splitter is not None and splitter.count() == 2:
                splitter.setSizes([share * 10, (WHOLE - share) * 10])

    def _moved(self, row: QSplitter | None) -> None:
        """Keep the rows' dividers in one line, and remember where they are."""
        outer = self._outer
        if outer is None:
            return
        sizes = (row or self._rows[0]).sizes()
        for other in self._rows:
            if other is not row and row is not None:
                other.setSizes(sizes)
        self._desk.board.divide(self.tab, _share(sizes, self.tab.across), _share(outer.sizes(), self.tab.down))


def _splitter(way: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(way)
    splitter.setHandleWidth(4)
    splitter.setChildrenCollapsible(False)
    return splitter


def _share(sizes: list[int], otherwise: int) -> int:
    total = sum(sizes)
    return round(sizes[0] * WHOLE / total) if len(sizes) == 2 and total else otherwise
