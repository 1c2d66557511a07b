"""What happens to an account as Binance's user data events: `executionReport`, `listStatus`, money.

An account's orders are folded from its facts, so that every report says where the order stands after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.domain.event import (
    BalanceChanged,
    FundsDeposited,
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.number import Nanos
from engine.domain.order import AccountId, Liquidity, OrderId
from engine.domain.pair import TradingPair
from engine.server.facade.answers import MILLI, NO_LIST
from engine.server.facade.instrument import name_of, price_text, qty_text, quote_text, units_text
from engine.server.facade.words import (
    CONTINGENCIES,
    SIDE_NAMES,
    STP_NAMES,
    ended_name,
    is_working,
    status_name,
    type_name,
)
from engine.services.order_fold import OrderFold, OrderPast, OrderRecord

Report = dict[str, Any]


class Reporter:
    """The reports of one account; `apply` takes its facts in the journal's order."""

    def __init__(self, account: AccountId, pairs: dict[str, TradingPair]) -> None:
        self._account, self._pairs = account, pairs
        self._fold = OrderFold(lambda: account)
        self._lists: dict[OrderId, int] = {}
        """The number of each list: that of its first order."""

    def go_on(self, past: OrderPast, lists: dict[OrderId, int]) -> None:
        """Go on from the orders that are open already."""
        self._fold.go_on(past)
        self._lists = dict(lists)

    def apply(self, fact: object, now: Nanos) -> list[Report]:
        """Return what is told of a fact; nothing if it is not told at all."""
        if isinstance(fact, FundsDeposited):
            return [deposit(fact, self._pairs.values(), now)]
        self._fold.apply(fact)
        if isinstance(fact, OrderAccepted):
            return self._accepted(fact, now)
        record = self._fold.find(getattr(fact, "order_id", OrderId("")))
        if record is None:
            return []
        if isinstance(fact, OrderFilled):
            return [self._report(record, "TRADE", fact.at, now, fill=fact), *self._ended(record, now)]
        if isinstance(fact, OrderCancelled):
            return [self._cancelled(record, fact, now), *self._ended(record, now)]
        if isinstance(fact, OrderExpired):
            return [self._report(record, "EXPIRED", fact.at, now), *self._ended(record, now)]
        if isinstance(fact, OrderTriggered | LegStarted):
            return [self._report(record, "NEW", fact.at, now)]
        if isinstance(fact, OrderAmended):
            return [self._report(record, "REPLACED", fact.at, now)]
        return []

    def _accepted(self, fact: OrderAccepted, now: Nanos) -> list[Report]:
        if fact.list_id is not None:
            self._lists.setdefault(fact.list_id, fact.number)
        record = self._fold.open[fact.order_id]
        told = [self._report(record, "NEW", fact.at, now)]
        if fact.list_id is not None and record.place == 0:
            told.insert(0, self._list_status(record, "EXEC_STARTED", "EXECUTING", now))
        return told

    def _cancelled(self, record: OrderRecord, fact: OrderCancelled, now: Nanos) -> Report:
        status = ended_name(fact.reason.value)
        kind = {"CANCELED": "CANCELED", "EXPIRED_IN_MATCH": "TRADE_PREVENTION"}.get(status, "EXPIRED")
        told = self._report(record, kind, fact.at, now)
        if kind == "CANCELED":
            told["C"] = record.order.order_id
        return told

    def _ended(self, record: OrderRecord, now: Nanos) -> list[Report]:
        """Return the end of a list, with its last order."""
        if record.list_id is None or record.status.is_open:
            return []
        if any(each.status.is_open for each in self._fold.of_list(record.list_id)):
            return []
        return [self._list_status(record, "ALL_DONE", "ALL_DONE", now)]

    def _list_status(self, record: OrderRecord, kind: str, status: str, now: Nanos) -> Report:
        assert record.list_id is not None  # noqa: S101 - asked for orders of lists only
        pair = self._pairs[record.order.symbol]
        return {
            "e": "listStatus",
            "E": now // MILLI,
            "s": name_of(pair),
            "g": self._lists.get(record.list_id, NO_LIST),
            "c": "OCO" if record.list_kind is None else CONTINGENCIES[record.list_kind],
            "l": kind,
            "L": status,
            "r": "NONE",
            "C": record.list_id,
            "T": now // MILLI,
            "O": [
                {"s": name_of(pair), "i": each.number, "c": each.order.order_id}
                for each in self._fold.of_list(record.list_id)
            ],
        }

    def _report(
        self, record: OrderRecord, kind: str, at: Nanos, now: Nanos, *, fill: OrderFilled | None = None
    ) -> Report:
        order, pair = record.order, self._pairs[record.order.symbol]
        number = NO_LIST if record.list_id is None else self._lists.get(record.list_id, NO_LIST)
        told: Report = {
            "e": "executionReport",
            "E": now // MILLI,
            "s": name_of(pair),
            "c": order.order_id,
            "S": SIDE_NAMES[order.side],
            "o": type_name(order),
            "f": str(order.tif),
            "q": qty_text(pair, order.qty),
            "p": price_text(pair, order.price),
            "P": price_text(pair, order.stop_price),
            "F": qty_text(pair, order.display_qty),
            "g": number,
            "C": "",
            "x": kind,
            "X": status_name(record),
            "r": "NONE",
            "i": record.number,
            "l": qty_text(pair, fill.qty if fill else 0),
            "z": qty_text(pair, record.filled),
            "L": price_text(pair, fill.price if fill else 0),
            "n": units_text(pair.quote, fill.fee) if fill else "0",
            "N": pair.quote.code if fill else None,
            "T": at // MILLI,
            "t": fill.trade_id if fill else -1,
            "I": record.number,
            "w": is_working(record) and record.status.is_open,
            "m": fill is not None and fill.liquidity is Liquidity.MAKER,
            "M": False,
            "O": record.accepted_at // MILLI,
            "Z": quote_text(pair, record.paid_ticks),
            "Y": quote_text(pair, fill.price * fill.qty if fill else 0),
            "Q": price_text(pair, 0),
            "V": STP_NAMES[order.stp],
        }
        if is_working(record):
            told["W"] = record.accepted_at // MILLI
        if order.trail_bps is not None:
            told["d"] = int(order.trail_bps)
        return told


def deposit(fact: FundsDeposited, pairs: Iterable[TradingPair], now: Nanos) -> Report:
    """Return that money came in."""
    return {
        "e": "balanceUpdate",
        "E": now // MILLI,
        "a": fact.asset,
        "d": _text_of(fact.asset, fact.units, pairs),
        "T": fact.at // MILLI,
    }


def position(changes: Iterable[BalanceChanged], pairs: dict[str, TradingPair], now: Nanos) -> Report:
    """Return the money of the assets that changed; the last change of an asset is the one that counts."""
    newest = {change.asset: change for change in changes}
    last = max((change.at for change in newest.values()), default=now)
    return {
        "e": "outboundAccountPosition",
        "E": now // MILLI,
        "u": last // MILLI,
        "B": [
            {
                "a": each.asset,
                "f": _text_of(each.asset, each.free, pairs.values()),
                "l": _text_of(each.asset, each.locked, pairs.values()),
            }
            for each in newest.values()
        ],
    }


def _text_of(code: str, units: int, pairs: Iterable[TradingPair]) -> str:
    for pair in pairs:
        for asset in (pair.base, pair.quote):
            if asset.code == code:
                return units_text(asset, units)
    return str(units)
