"""The log as the user sees it: what happened to orders and feeds in words, and what the program logged.

`engine.observe.log` keeps the program's newest lines, free of secrets; `EventLog` writes the events of a desk into
it; the pane's `LogModel` reads it, filtered by level.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from engine.domain.course import TradingStateChanged
from engine.domain.event import OrderAccepted, OrderCancelled, OrderFilled, OrderRejected, OrderTriggered
from engine.observe.log import TAIL, Line, Tail
from engine.ports.feed import FeedStateChanged
from engine.ports.journal import StorageStateChanged

events = logging.getLogger("crs.events")


class LogLine(NamedTuple):
    """One line of the pane."""

    number: int
    """Rises from line to line."""
    at: str
    level: str
    """info, warning, error"""
    text: str


class EventLog(ViewModel):
    """Writes what happens on a desk into the log, in words."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._listen(OrderAccepted, self._accepted)
        self._listen(OrderRejected, self._rejected)
        self._listen(OrderFilled, self._filled)
        self._listen(OrderCancelled, self._cancelled)
        self._listen(OrderTriggered, lambda fact: events.info("Triggered: order %s enters the book.", fact.order_id))
        self._listen(TradingStateChanged, self._trading)
        self._listen(FeedStateChanged, lambda event: events.info("Feed %s: %s", event.state.value, event.text))
        self._listen(StorageStateChanged, self._storage)

    def _accepted(self, fact: OrderAccepted) -> None:
        pair, order = self.desk.pairs[fact.order.symbol], fact.order
        price = "" if order.price is None else f" at {fmt.price(pair, order.price)}"
        events.info(
            "Accepted: %s %s %s%s (%s).",
            order.side.value, fmt.quantity(pair, order.qty), order.symbol, price, fact.order_id,
        )  # fmt: skip

    def _rejected(self, fact: OrderRejected) -> None:
        events.warning("Refused (%s): %s", fact.order_id, fact.text)

    def _filled(self, fact: OrderFilled) -> None:
        pair = self.desk.pairs[fact.symbol]
        events.info(
            "Filled: %s %s %s at %s, %s, fee %s %s (%s).",
            fact.side.value, fmt.quantity(pair, fact.qty), fact.symbol, fmt.price(pair, fact.price),
            fact.liquidity.value, fmt.money(pair.quote, fact.fee, 4), pair.quote.code, fact.order_id,
        )  # fmt: skip

    def _cancelled(self, fact: OrderCancelled) -> None:
        events.info("Cancelled (%s): %s.", fact.reason.value, fact.order_id)

    def _trading(self, change: TradingStateChanged) -> None:
        events.warning(
            "Kill switch: trading is %s.%s", change.state.value, f" {change.reason}" if change.reason else ""
        )

    def _storage(self, event: StorageStateChanged) -> None:
        events.log(logging.INFO if event.ok else logging.ERROR, "Storage: %s", event.text)


class LogModel(ViewModel):
    """The newest lines of the log, errors and warnings on demand only."""

    pace = 0.5

    def __init__(self, desk: Desk, tail: Tail = TAIL) -> None:
        super().__init__(desk)
        self._tail = tail
        self._read = -1
        self.least = logging.INFO

    @property
    def dirty(self) -> bool:
        """Whether something was logged since the last look."""
        if self._tail.count != self._read:
            self._touched = True
        return super().dirty

    @dirty.setter
    def dirty(self, value: bool) -> None:
        if not value:
            self._read = self._tail.count
        ViewModel.dirty.fset(self, value)  # type: ignore[attr-defined]

    def show_from(self, level: int) -> None:
        """Show only lines of at least this level (of `logging`)."""
        self.least = level
        self.hurry()

    def lines(self, after: int = 0) -> list[LogLine]:
        """Return what to show beyond line `after`, oldest first."""
        kept = tuple(self._tail.lines)
        return [_line(each) for each in kept if each.number > after and each.levelno >= self.least]

    @property
    def text(self) -> str:
        """All lines as text, to copy."""
        return "\n".join(f"{each.at} {each.level} {each.text}" for each in self.lines())


def _line(line: Line) -> LogLine:
    at = datetime.fromtimestamp(line.created, UTC).strftime("%H:%M:%S")
    level = "error" if line.levelno >= logging.ERROR else "warning" if line.levelno >= logging.WARNING else "info"
    return LogLine(line.number, at, level, line.text)
