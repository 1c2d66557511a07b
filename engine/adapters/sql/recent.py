"""The orders and fills of an account that a front shows at once, read from the tables instead of the whole journal.

What it returns equals what `OrderFold` makes of every fact of the account, so far as that keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from engine.adapters.sql.codec import decode
from engine.adapters.sql.orderrow import Row
from engine.adapters.sql.reader import Reader
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, ListKind, OrderId, OrderStatus, OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.services.order_fold import HISTORY_LENGTH, OrderPast, OrderRecord

_OPEN = 'SELECT * FROM "order" WHERE account = ? AND ended_seq IS NULL ORDER BY seq'
_ENDED = 'SELECT * FROM "order" WHERE account = ? AND ended_seq IS NOT NULL ORDER BY ended_seq DESC LIMIT ?'
_FILLS = (
    "SELECT kind, payload, schema_version FROM journal WHERE seq IN "
    "(SELECT seq FROM trade WHERE account = ? ORDER BY seq DESC LIMIT ?) ORDER BY seq DESC"
)
_PAID = "SELECT price, qty FROM trade WHERE account = ? AND order_id = ?"


def read_orders(reader: Reader, account: AccountId, limit: int = HISTORY_LENGTH) -> OrderPast:
    """Return the open orders of an account and its last finished ones and fills."""
    pairs = {pair.symbol: pair for pair in reader.pairs()}
    rows = [dict(row) for row in reader.rows(_OPEN, (account,))]
    ended = [dict(row) for row in reader.rows(_ENDED, (account, limit))]
    fills: list[OrderFilled] = [decode(*row) for row in reader.rows(_FILLS, (account, limit))]
    count = next(iter(reader.rows("SELECT count(*) FROM trade WHERE account = ?", (account,))))[0]
    return OrderPast(
        open=_records(reader, rows, pairs), history=_records(reader, ended, pairs), fills=fills, fill_count=count
    )


def read_record(reader: Reader, row: Row, pair: TradingPair) -> OrderRecord:
    """Return the order of a row of the table, with what its fills paid."""
    return order_record(row, pair, _paid(reader, row, pair))


def _records(reader: Reader, rows: Iterable[Row], pairs: dict[str, TradingPair]) -> list[OrderRecord]:
    return [read_record(reader, row, pairs[row["symbol"]]) for row in rows]


def _paid(reader: Reader, row: Row, pair: TradingPair) -> int:
    """Return the sum of price x quantity over the order's fills, in ticks x lots."""
    if not Decimal(row["filled"]):
        return 0
    fills = reader.rows(_PAID, (row["account"], row["order_id"]))
    return sum((_ticks(pair, price) or 0) * _lots(pair, qty) for price, qty in fills)


def order_record(row: Row, pair: TradingPair, paid_ticks: int) -> OrderRecord:
    """Return the order of a row; `paid_ticks` is the sum of price x quantity over its fills, in ticks x lots."""
    ended = row["ended_seq"] is not None
    return OrderRecord(
        order=_command(row, pair),
        status=OrderStatus(row["status"]),
        filled=_lots(pair, row["filled"]),
        number=row["number"],
        accepted_at=Nanos(row["accepted_ns"]),
        ended_at=Nanos(row["changed_ns"]) if ended else None,
        note=row["reason"] or "",
        paid_ticks=paid_ticks,
        triggered=row["triggered_ns"] is not None,
        list_id=row["list_id"],
        list_kind=None if row["list_kind"] is None else ListKind(row["list_kind"]),
        starts_after=row["starts_after"],
        place=row["list_place"] or 0,
    )


def _command(row: Row, pair: TradingPair) -> SubmitOrder:
    return SubmitOrder(
        account=AccountId(row["account"]),
        order_id=OrderId(row["order_id"]),
        symbol=row["symbol"],
        side=Side(row["side"]),
        order_type=OrderType(row["order_type"]),
        qty=_lots(pair, row["qty"]),
        price=_ticks(pair, row["price"]),
        stop_price=_ticks(pair, row["stop_price"]),
        trail=_ticks(pair, row["trail"]),
        tif=TimeInForce(row["tif"]),
        expire_ts=row["expire_ns"],
        post_only=bool(row["post_only"]),
        reduce_only=bool(row["reduce_only"]),
        display_qty=None if row["display_qty"] is None else _lots(pair, row["display_qty"]),
        trail_bps=None if row["trail_bps"] is None else Decimal(row["trail_bps"]),
        stp=SelfTrade(row["stp"]),
    )


def _ticks(pair: TradingPair, text: str | None) -> Ticks | None:
    return None if text is None else pair.ticks(Decimal(text))


def _lots(pair: TradingPair, text: str) -> Lots:
    return pair.lots(Decimal(text)) or Lots(0)
