"""A tape that takes 150 prints a second, ten times a second: our painted one, and a `QTableWidget` of its newest 500.

The table is given the new prints at its top and loses as many at its end, with signals and sorting off.
"""

from __future__ import annotations

import sys
from collections import deque
from datetime import UTC, datetime

from PySide6.QtWidgets import QApplication, QTableWidget, QTableWidgetItem, QWidget

from crs_desktop.bench.duel import Floor, Make, Rows, cell_text, serve
from crs_desktop.bench.flow import EVERY, FULL
from crs_desktop.panes.tape import TapePane
from crs_desktop.viewmodels.tape import KEPT, TapeModel
from crs_desktop.widgets.tape_view import ROW
from engine.domain.market import TradeTick
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.feed import TradesPrinted

SEEN = 20
"""Newest lines that are compared."""


class Side:
    """The market, and what was printed."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.fresh: list[TradeTick] = []
        self.known: deque[TradeTick] = deque(maxlen=KEPT)
        self.widget: QWidget
        self._subscription = floor.services.bus.subscribe(TradesPrinted, self._printed)

    def close(self) -> None:
        """Take it down."""
        self._subscription.close()
        self.widget.close()
        self.widget.deleteLater()
        self.floor.close()

    def _printed(self, event: TradesPrinted) -> None:
        self.fresh += event.ticks
        self.known.extend(event.ticks)

    def step(self) -> None:
        """Let a tenth of a second pass."""
        self.fresh.clear()
        self.floor.pass_time(EVERY["tape"])

    def truth(self) -> Rows:
        """Write the newest prints down."""
        return [self.line(each) for each in list(self.known)[: -SEEN - 1 : -1]]

    def line(self, tick: TradeTick) -> list[str]:
        """Return time, price and size as texts."""
        at = datetime.fromtimestamp(tick.at // NANOS_PER_SECOND, UTC)
        return [f"{at:%H:%M:%S}", self.floor.price(tick.price), self.floor.size(tick.qty)]


class Ours(Side):
    """The tape's pane."""

    def build(self) -> None:
        """Show it."""
        self.model = TapeModel(self.floor.desk)
        self.pane = self.widget = TapePane(self.model)
        self.pane.resize(*FULL["tape"])
        self.pane.show()
        QApplication.processEvents()

    def frame(self) -> None:
        """Refresh and repaint."""
        self.pane.refresh()
        self.pane.view.repaint()

    def shown(self) -> Rows:
        """Return the lines that were given to the list."""
        return [[each.time, each.price, each.qty] for each in self.model.prints(SEEN)]


class Table(Side):
    """A `QTableWidget`: an item per cell."""

    def build(self) -> None:
        """Show it empty."""
        self.table = self.widget = QTableWidget(0, 3)
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW)
        self.table.setShowGrid(False)
        self.table.resize(*FULL["tape"])
        self.table.show()
        QApplication.processEvents()

    def frame(self) -> None:
        """Put what is new on top, and take as much off the end."""
        table = self.table
        for tick in self.fresh:
            table.insertRow(0)
            for column, text in enumerate(self.line(tick)):
                table.setItem(0, column, QTableWidgetItem(text))
        while table.rowCount() > KEPT:
            table.removeRow(table.rowCount() - 1)
        QApplication.processEvents()

    def shown(self) -> Rows:
        """Return the items' texts."""
        rows = range(min(SEEN, self.table.rowCount()))
        return [[cell_text(self.table, row, column) for column in range(3)] for row in rows]


SIDES: dict[str, Make] = {"crs": Ours, "QTableWidget": Table}


def main() -> None:
    """Answer until the input ends."""
    serve(SIDES, sys.argv[2])
