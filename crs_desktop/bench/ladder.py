"""A ladder of 200 rows at 50 updates a second: our painted one, and the two tables that Qt offers for it.

All three show the same rows of the same model. The tables write prices and sizes only, without bars, own orders,
touch or volume by price; they are told which cells changed, and paint no more than these.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView, QTableWidget, QTableWidgetItem, QWidget

from crs_desktop.bench.duel import Floor, Make, Rows, cell_text, serve
from crs_desktop.panes.ladder import LadderPane
from crs_desktop.viewmodels.figures import Figures
from crs_desktop.viewmodels.ladder import LadderModel
from crs_desktop.viewmodels.ladder_rows import LadderPicture
from crs_desktop.widgets.ladder_view import ROW

ROWS, WIDTH, TICKS = 200, 320, 2
Index = QModelIndex | QPersistentModelIndex


class Side:
    """The model and what must come of it; who draws it is each side's own."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.model = LadderModel(floor.desk)
        self.model.set_grouping(TICKS)
        self.figures = Figures(floor.market.pair)
        self.picture: LadderPicture | None = None
        self.widget: QWidget

    def close(self) -> None:
        """Take down what shows it, then the model."""
        self.widget.hide()
        self.widget.deleteLater()
        self.model.close()
        self.floor.close()

    def step(self) -> None:
        """Let one update come."""
        self.floor.pass_time()

    def texts(self) -> Rows:
        """Return size bid, price and size asked of each row of the picture."""
        picture = self.picture
        if picture is None:
            return []
        columns = picture.bids.tolist(), picture.prices.tolist(), picture.asks.tolist()
        write = self.figures.quantity
        return [
            [write(bid) if bid else "", self.figures.price(price), write(ask) if ask else ""]
            for bid, price, ask in zip(*columns, strict=True)
        ]

    def truth(self) -> Rows:
        """Sum the market's own levels into the rows that are in view."""
        market, found = self.floor.market, []
        for _, price, _ in self.shown():
            ticks = round(float(price.replace(",", "")) * 100)
            bid = sum(market.bids.get(ticks + each, 0) for each in range(TICKS))
            ask = sum(market.asks.get(ticks - each, 0) for each in range(TICKS))
            write = self.figures.quantity
            found.append([write(bid) if bid else "", self.floor.price(ticks), write(ask) if ask else ""])
        return found

    def shown(self) -> Rows:
        """Return what is on the screen."""
        return self.texts()


class Ours(Side):
    """The ladder's pane."""

    def build(self) -> None:
        """Show it with as many rows."""
        self.pane = self.widget = LadderPane(self.model)
        self.pane.resize(WIDTH, 200 + ROWS * ROW)
        self.pane.show()
        QApplication.processEvents()
        self.pane.resize(WIDTH, self.pane.height() - (self.pane.ladder.rows - ROWS) * ROW)
        QApplication.processEvents()

    def frame(self) -> None:
        """Refresh it; Qt paints the rows that changed."""
        self.pane.refresh()
        QApplication.processEvents()

    def shown(self) -> Rows:
        """Return the rows of the picture that was painted."""
        self.picture = self.pane.ladder._picture
        return self.texts()


class Widget(Side):
    """A `QTableWidget`: an item per cell."""

    def build(self) -> None:
        """Make all items."""
        self.table = self.widget = QTableWidget(ROWS, 3)
        _plain(self.table)
        self.before: Rows = [["", "", ""] for _ in range(ROWS)]
        self.items = [[QTableWidgetItem() for _ in range(3)] for _ in range(ROWS)]
        for row, items in enumerate(self.items):
            for column, item in enumerate(items):
                self.table.setItem(row, column, item)
        self.table.show()
        QApplication.processEvents()

    def frame(self) -> None:
        """Set the texts that changed; Qt paints their cells."""
        self.picture = self.model.picture(ROWS)
        texts = self.texts()
        for row, (new, old) in enumerate(zip(texts, self.before, strict=True)):
            for column in range(3):
                if new[column] != old[column]:
                    self.items[row][column].setText(new[column])
        self.before = texts
        QApplication.processEvents()

    def shown(self) -> Rows:
        """Return the items' texts."""
        return [[cell_text(self.table, row, column) for column in range(3)] for row in range(ROWS)]


class _Cells(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.texts: Rows = [["", "", ""] for _ in range(ROWS)]

    def rowCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return ROWS

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - likewise
        return 3

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self.texts[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None

    def take(self, texts: Rows) -> None:
        before, self.texts = self.texts, texts
        for row, (new, old) in enumerate(zip(texts, before, strict=True)):
            for column in range(3):
                if new[column] != old[column]:
                    at = self.index(row, column)
                    self.dataChanged.emit(at, at, [Qt.ItemDataRole.DisplayRole])


class View(Side):
    """A `QTableView` over a model of its own."""

    def build(self) -> None:
        """Show it."""
        self.cells = _Cells()
        self.table = self.widget = QTableView()
        self.table.setModel(self.cells)
        _plain(self.table)
        self.table.show()
        QApplication.processEvents()

    def frame(self) -> None:
        """Tell which cells changed; Qt paints them."""
        self.picture = self.model.picture(ROWS)
        self.cells.take(self.texts())
        QApplication.processEvents()

    def shown(self) -> Rows:
        """Return what the model answers."""
        return [[str(self.cells.index(row, column).data()) for column in range(3)] for row in range(ROWS)]


def _plain(table: QTableView) -> None:
    """Give a table rows as high as ours, and nothing that costs without being asked for."""
    table.horizontalHeader().hide()
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    rows = table.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(ROW)
    table.setShowGrid(False)
    table.resize(WIDTH, 200 + ROWS * ROW)


SIDES: dict[str, Make] = {"crs": Ours, "QTableWidget": Widget, "QTableView": View}


def main() -> None:
    """Answer until the input ends."""
    serve(SIDES, sys.argv[2])
