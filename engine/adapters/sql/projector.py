"""Records turned into rows of the projections: pairs, orders, fills, balances, positions, postings, audit.

Besides the journal's own records it takes what follows from them (`BalanceChanged`, `PositionChanged`,
`Posting`), made by whoever folds the accounts, so that the two can be compared afterwards. Rows of one
batch are gathered first and become visible to the next batch only when that one was committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.adapters.sql.canonical import encode
from engine.adapters.sql.orderrow import Row, accepted_row, first_status, prices
from engine.domain.command import (
    AmendOrder,
    CancelOrder,
    Deposit,
    ListPair,
    SetFees,
    SetLotMethod,
    SubmitList,
    SubmitOrder,
)
from engine.domain.course import MarketJumped, MarketOpened, MarketReopened, PaceChanged, TradingStateChanged
from engine.domain.event import (
    BalanceChanged,
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    PositionChanged,
)
from engine.domain.number import fixed
from engine.domain.order import OrderStatus
from engine.domain.pair import TradingPair
from engine.domain.transaction import Posting
from engine.domain.why import FillExplained

LOT_METHOD = "lot_method"
"""The key of `account_setting` under which `SetLotMethod` is kept."""

AUDITED = frozenset(
    {
        Deposit,
        SubmitOrder,
        SubmitList,
        CancelOrder,
        AmendOrder,
        SetFees,
        SetLotMethod,
        MarketOpened,
        PaceChanged,
        MarketJumped,
        MarketReopened,
        TradingStateChanged,
    }
)

SUBJECTS = ("order_id", "symbol", "state", "method")
"""The field that says what an audited record was about: the first one that it has."""

OPEN = frozenset(str(each) for each in OrderStatus if each.is_open)


@dataclass(slots=True)
class Rows:
    """What one batch writes; upserted tables hold one row per key, the last one."""

    trading_pair: dict[str, Row] = field(default_factory=dict)
    order: dict[tuple[str, str], Row] = field(default_factory=dict)
    trade: list[Row] = field(default_factory=list)
    fill_why: list[Row] = field(default_factory=list)
    account_setting: dict[tuple[str, str], Row] = field(default_factory=dict)
    portfolio_balance: dict[tuple[str, str], Row] = field(default_factory=dict)
    portfolio_position: dict[tuple[str, str], Row] = field(default_factory=dict)
    transaction: list[Row] = field(default_factory=list)
    audit_log: list[Row] = field(default_factory=list)


class Projector:
    """Makes rows from records; knows the pairs and the open orders that the tables hold."""

    def __init__(self, pairs: Iterable[TradingPair] = (), open_orders: Iterable[Row] = ()) -> None:
        self._pairs = {pair.symbol: pair for pair in pairs}
        self._decimals = {asset.code: asset.decimals for pair in pairs for asset in (pair.base, pair.quote)}
        self._open = {(row["account"], row["order_id"]): row for row in open_orders}
        self._place = 0
        """Of the next leg of the list that is being accepted…"""
        self._listing: tuple[str, str | None] = ("", None)
        """…and that list, by account and id."""
        self.rows = Rows()

    @property
    def open_orders(self) -> int:
        """How many orders are open as far as it is written."""
        return len(self._open)

    def commit(self) -> None:
        """Remember the gathered rows as written."""
        for key, row in self.rows.order.items():
            if row["status"] in OPEN:
                self._open[key] = row
            else:
                self._open.pop(key, None)
        self.rows = Rows()

    def roll_back(self) -> None:
        """Forget the gathered rows, and the list that was under way: a list is within one batch."""
        self.rows, self._listing = Rows(), ("", None)

    def apply(self, record: object, seq: int, payload: str | None = None) -> None:
        """Add one record's rows.

        Args:
            record: of the journal, or what follows from one.
            seq: its place in the journal, or that of the record it follows from.
            payload: its text, if that is at hand.
        """
        project = _PROJECTED.get(type(record))
        if project is not None:
            project(self, record, seq)
        elif isinstance(record, FillExplained):
            self._explain(record, seq, payload)

    def audit(self, record: object, seq: int, wall_ns: int) -> None:
        """Add the audit row of a command or change of course, or what a refusal says to it."""
        if isinstance(record, OrderRejected):
            self._reject(record, seq, wall_ns)
        elif type(record) in AUDITED:
            subject = _subject(record)
            self.rows.audit_log.append(
                {
                    "seq": seq,
                    "wall_ns": wall_ns,
                    "account": getattr(record, "account", ""),
                    "action": type(record).__name__,
                    "subject": subject,
                    "refused": False,
                    "text": getattr(record, "reason", ""),
                }
            )

    def _reject(self, fact: OrderRejected, seq: int, wall_ns: int) -> None:
        """Mark the command that was refused, or note the refusal by itself if the command was written long before."""
        if self.rows.audit_log and self.rows.audit_log[-1]["subject"] == fact.order_id:
            self.rows.audit_log[-1].update(refused=True, text=fact.text)
            return
        self.rows.audit_log.append(
            {
                "seq": seq,
                "wall_ns": wall_ns,
                "account": fact.account,
                "action": type(fact).__name__,
                "subject": fact.order_id,
                "refused": True,
                "text": fact.text,
            }
        )

    def _set_lot_method(self, record: SetLotMethod, _: int) -> None:
        row = {"account": record.account, "key": LOT_METHOD, "value": str(record.method)}
        self.rows.account_setting[record.account, LOT_METHOD] = row

    def _list(self, record: ListPair, _: int) -> None:
        pair = record.pair
        self._pairs[pair.symbol] = pair
        for asset in (pair.base, pair.quote):
            self._decimals[asset.code] = asset.decimals
        self.rows.trading_pair[pair.symbol] = {
            "symbol": pair.symbol,
            "base": pair.base.code,
            "quote": pair.quote.code,
            "tick": format(pair.tick, "f"),
            "lot": format(pair.lot, "f"),
            "min_notional": pair.quote.text(pair.min_notional),
            "maker_fee": format(pair.maker_fee.decimal, "f"),
            "taker_fee": format(pair.taker_fee.decimal, "f"),
        }

    def _accept(self, fact: OrderAccepted, seq: int) -> None:
        if self._listing != (fact.account, fact.list_id):
            self._place, self._listing = 0, (fact.account, fact.list_id)
        self.rows.order[fact.account, fact.order_id] = accepted_row(
            fact, self._pairs[fact.order.symbol], seq, self._place
        )
        self._place += 1

    def _change(self, fact: Any, **values: object) -> Row:  # noqa: ANN401 - any fact of an order
        key = (fact.account, fact.order_id)
        row = self.rows.order.get(key)
        if row is None:
            row = self.rows.order[key] = dict(self._open[key])
        row.update(values, changed_ns=fact.at)
        return row

    def _cancel(self, fact: OrderCancelled, seq: int) -> None:
        self._change(fact, status=str(OrderStatus.CANCELLED), reason=str(fact.reason), ended_seq=seq)

    def _expire(self, fact: OrderExpired, seq: int) -> None:
        self._change(fact, status=str(OrderStatus.EXPIRED), ended_seq=seq)

    def _trigger(self, fact: OrderTriggered, _: int) -> None:
        self._change(fact, status=str(OrderStatus.WORKING), triggered_ns=fact.at)

    def _amend(self, fact: OrderAmended, _: int) -> None:
        row = self._change(fact)
        pair = self._pairs[row["symbol"]]
        row.update(qty=pair.qty_text(fact.qty), **prices(pair, fact.price, fact.stop_price, fact.trail))

    def _start(self, fact: LegStarted, _: int) -> None:
        row = self._change(fact)
        qty, status = self._pairs[row["symbol"]].qty_text(fact.qty), str(first_status(row))
        row.update(qty=qty, status=status, starts_after=None)

    def _explain(self, fact: FillExplained, seq: int, payload: str | None) -> None:
        self.rows.fill_why.append(
            {
                "seq": seq,
                "account": fact.account,
                "order_id": fact.order_id,
                "trade_id": fact.trade_id,
                "payload": encode(fact) if payload is None else payload,
            }
        )

    def _fill(self, fact: OrderFilled, seq: int) -> None:
        row, pair = self._change(fact), self._pairs[fact.symbol]
        total = pair.lots(Decimal(row["qty"]))
        row["filled"] = pair.qty_text((total or 0) - fact.left)
        if fact.left == 0:
            row.update(status=str(OrderStatus.FILLED), ended_seq=seq)
        self.rows.trade.append(
            {
                "seq": seq,
                "account": fact.account,
                "order_id": fact.order_id,
                "trade_id": fact.trade_id,
                "symbol": fact.symbol,
                "side": str(fact.side),
                "price": pair.price_text(fact.price),
                "qty": pair.qty_text(fact.qty),
                "fee": pair.quote.text(fact.fee),
                "liquidity": str(fact.liquidity),
                "at_ns": fact.at,
            }
        )

    def _balance(self, change: BalanceChanged, _: int) -> None:
        self.rows.portfolio_balance[change.account, change.asset] = {
            "account": change.account,
            "asset": change.asset,
            "free": fixed(change.free, self._decimals[change.asset]),
            "locked": fixed(change.locked, self._decimals[change.asset]),
        }

    def _position(self, change: PositionChanged, _: int) -> None:
        pair = self._pairs[change.symbol]
        self.rows.portfolio_position[change.account, change.symbol] = {
            "account": change.account,
            "symbol": change.symbol,
            "qty": pair.qty_text(change.qty),
            "cost": pair.quote.text(change.cost),
            "realised": pair.quote.text(change.realised),
        }

    def _posting(self, posting: Posting, seq: int) -> None:
        lines = self.rows.transaction
        line = lines[-1]["line"] + 1 if lines and lines[-1]["seq"] == seq else 0
        lines.append(
            {
                "seq": seq,
                "line": line,
                "account": posting.account,
                "asset": posting.asset,
                "amount": fixed(posting.units, self._decimals[posting.asset]),
                "at_ns": posting.at,
            }
        )


_PROJECTED: dict[type, Callable[[Projector, Any, int], None]] = {
    BalanceChanged: Projector._balance,
    Posting: Projector._posting,
    OrderFilled: Projector._fill,
    OrderAccepted: Projector._accept,
    PositionChanged: Projector._position,
    OrderCancelled: Projector._cancel,
    OrderExpired: Projector._expire,
    OrderTriggered: Projector._trigger,
    OrderAmended: Projector._amend,
    LegStarted: Projector._start,
    ListPair: Projector._list,
    SetLotMethod: Projector._set_lot_method,
}
"""How a record becomes rows, by its type; `FillExplained` brings its text along."""


def _subject(record: object) -> str:
    """Return what an audited record was about."""
    for name in SUBJECTS:
        if value := getattr(record, name, None):
            return str(value)
    return ""
