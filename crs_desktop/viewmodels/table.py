"""The base of every view-model behind a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.server.venue import venue_of
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.order import OrderType, Side
from engine.errors import CrsError
from engine.services.task import TaskOwner

T = TypeVar("T")

SIDE_CELLS = {
    Side.BUY: Cell(say("▲ Buy"), "up", Side.BUY.value),
    Side.SELL: Cell(say("▼ Sell"), "down", Side.SELL.value),
}
"""The side as a word with an arrow, in its colour."""

TYPE_WORDS = {
    OrderType.MARKET: say("Market"),
    OrderType.LIMIT: say("Limit"),
    OrderType.STOP: say("Stop"),
    OrderType.STOP_LIMIT: say("Stop-limit"),
    OrderType.TAKE_PROFIT: say("Take-profit"),
    OrderType.TAKE_PROFIT_LIMIT: say("Take-profit limit"),
    OrderType.TRAILING_STOP: say("Trailing stop"),
}
POST_ONLY = say("Limit, post-only")
VENUE = Column("Venue", "venue", "left", spare=9)
"""Where the orders of a table are filled; the first to go where there is no room."""
MISSING = Cell(fmt.DASH, "faint", "")
"""A value that is not there."""


AT_ONCE = 200
"""New rows made for one refresh: a year's worth of them would be a frame of its own."""


class KeptRows(Generic[T]):
    """Rows of things that never change: every row is made once, and of many new ones only some at a time."""

    def __init__(self, key: Callable[[T], str], make: Callable[[str, T], Row]) -> None:
        self._key, self._make = key, make
        self._made: dict[str, Row] = {}
        self.complete = True
        """Whether the last answer had a row for everything."""

    def of(self, things: Iterable[T]) -> list[Row]:
        """Return the rows of the first things, as many as are made; ask again while it is not complete."""
        kept, left = dict[str, Row](), AT_ONCE
        self.complete = True
        for thing in things:
            key = self._key(thing)
            row = self._made.get(key)
            if row is None:
                if not left:
                    self.complete = False
                    break
                left -= 1
                row = self._make(key, thing)
            kept[key] = row
        self._made = kept
        return list(kept.values())


class TableModel(ViewModel):
    """Rows of text, an empty state, and a notice about the last thing that went wrong."""

    pace = 0.1
    columns: tuple[Column, ...] = ()

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk)
        self.complete = True
        """Whether the last rows were all there are; if not, ask again at the next pulse."""
        self.notice: Sentence | None = None
        self.tasks = TaskOwner(name)

    @property
    def venue(self) -> Cell:
        """The cell of the column `VENUE`."""
        return Cell(venue_of(self.desk).place, "muted")

    def rows(self) -> list[Row]:
        """Return what the table shows now."""
        raise NotImplementedError

    @property
    def empty(self) -> Empty:
        """What to show while there are no rows."""
        raise NotImplementedError

    def empty_action(self) -> None:
        """Do what the button of the empty state says."""

    def close(self) -> None:
        """End subscriptions and what is on its way."""
        super().close()
        self.tasks.close()

    def warn(self, text: str | None) -> None:
        """Show why something was refused; None clears it."""
        self.notice = None if text is None else verbatim(text)
        self.hurry()

    def failed(self, error: CrsError) -> None:
        """Show an expected failure."""
        self.warn(str(error))
