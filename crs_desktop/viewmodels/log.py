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
from crs_desktop.viewmodels.exchange.trust import WORDS
from crs_desktop.viewmodels.markets.own import own_venue
from crs_desktop.viewmodels.timeline import describe
from engine.domain.course import TradingStateChanged
from engine.domain.event import (
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
)
from engine.domain.market import FeedState
from engine.domain.order import CancelReason, OrderId
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.observe.log import TAIL, Line, Tail
from engine.ports.feed import FeedStateChanged
from engine.ports.journal import StorageStateChanged

events = logging.getLogger("crs.events")

_WHY = {
    CancelReason.USER: "by you",
    CancelReason.IOC: "what did not trade at once (IOC)",
    CancelReason.NO_LIQUIDITY: "nobody to trade with",
    CancelReason.STP: "it would have met your own order",
    CancelReason.OCO: "with its list",
    CancelReason.INSUFFICIENT_FUNDS: "not enough free funds when it fired",
}


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
        self._listen(OrderAmended, self._amended)
        self._listen(OrderCancelled, self._cancelled)
        self._listen(OrderExpired, lambda fact: events.info("Expired: order %s reached its date.", fact.order_id))
        self._listen(LegStarted, self._started)
        self._listen(OrderTriggered, lambda fact: events.info("Triggered: order %s enters the book.", fact.order_id))
        self._listen(TradingStateChanged, self._trading)
        self._feed_state: FeedState | None = None
        self._listen(FeedStateChanged, self._feed)
        self._listen(StorageStateChanged, self._storage)

    def _feed(self, event: FeedStateChanged) -> None:
        """Tell a state once, though the feed repeats it with every second of silence."""
        if event.state is self._feed_state:
            return
        self._feed_state = event.state
        state = f"{own_venue(self.desk).title}: {WORDS[event.state]}"
        events.info("%s. %s", state, event.text) if event.text else events.info("%s.", state)

    def _accepted(self, fact: OrderAccepted) -> None:
        pair, part = self.desk.pairs[fact.order.symbol], ""
        if fact.list_kind is not None:
            part = f", part of {fact.list_kind.value} {fact.list_id}"
        if fact.starts_after is not None:
            part += f", starts when {fact.starts_after} has filled"
        events.info("Accepted: %s (%s%s).", describe(pair, fact.order), fact.order_id, part)

    def _started(self, fact: LegStarted) -> None:
        pair = self._pair_of(fact.order_id)
        qty = fmt.quantity(pair, fact.qty) if pair is not None else str(fact.qty)
        events.info("Started: order %s is alive with %s, which its entry filled.", fact.order_id, qty)

    def _amended(self, fact: OrderAmended) -> None:
        pair = self._pair_of(fact.order_id)
        if pair is None:
            return
        prices = [fmt.price(pair, each) for each in (fact.price, fact.stop_price, fact.trail) if each is not None]
        place = "it keeps its place" if fact.kept_place else "it goes to the back of the queue"
        events.info(
            "Amended: order %s is now %s at %s; %s.",
            fact.order_id, fmt.quantity(pair, fact.qty), ", ".join(prices) or "market", place,
        )  # fmt: skip

    def _pair_of(self, order_id: OrderId) -> TradingPair | None:
        try:
            return self.desk.pairs[self.desk.orders.record(order_id).order.symbol]
        except InvalidInput:
            return None

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
        why = _WHY.get(fact.reason, fact.reason.value)
        events.info("Cancelled: order %s, %s.", fact.order_id, why)

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
