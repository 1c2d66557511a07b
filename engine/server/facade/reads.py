"""An account's orders and fills, read from the projections by what Binance's clients know them by: their numbers.

Blocking; the handlers call it off the loop. The same on SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, func, select

from engine.adapters.sql.owned import reading
from engine.adapters.sql.recent import order_record
from engine.adapters.sql.schema import journal, order, portfolio_balance, trade
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, Side
from engine.domain.pair import TradingPair
from engine.errors import StorageUnavailable
from engine.server.core.told import steps
from engine.server.facade.answers import NO_LIST, ShownOrder
from engine.services.order_fold import OrderPast

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy import RowMapping as Row


_TRIES = 50


class Shelf(NamedTuple):
    """Where an account's past lies."""

    engine: Engine
    account: AccountId
    pairs: Mapping[str, TradingPair]


class MyFill(NamedTuple):
    """A fill, with the numbers of its order and of that order's list."""

    fill: OrderFilled
    number: int
    list_number: int


def find_order(shelf: Shelf, *, number: int | None = None, order_id: str | None = None) -> ShownOrder | None:
    """Return the order of a number, of an id, or of both; None if there is no such order of the account."""
    query = _orders(shelf)
    if number is not None:
        query = query.where(order.c.number == number)
    if order_id is not None:
        query = query.where(order.c.order_id == order_id)
    found = _shown(shelf, query.limit(1))
    return found[0] if found else None


def open_orders(shelf: Shelf, symbol: str | None) -> list[ShownOrder]:
    """Return the open orders in the order of acceptance."""
    query = _orders(shelf).where(order.c.ended_seq.is_(None))
    if symbol is not None:
        query = query.where(order.c.symbol == symbol)
    return _shown(shelf, query.order_by(order.c.number))


def all_orders(
    shelf: Shelf, symbol: str, *, since: int | None, start_ms: int | None, end_ms: int | None, limit: int
) -> list[ShownOrder]:
    """Return orders of a pair by number, oldest first: from `since` on, from an instant on, else the last ones."""
    query = _orders(shelf).where(order.c.symbol == symbol)
    query = _between(query, order.c.accepted_ns, start_ms, end_ms)
    if since is not None:
        query = query.where(order.c.number >= since)
    if since is not None or start_ms is not None:
        return _shown(shelf, query.order_by(order.c.number).limit(limit))
    return _shown(shelf, query.order_by(order.c.number.desc()).limit(limit))[::-1]


def list_of(shelf: Shelf, *, number: int | None = None, list_id: str | None = None) -> list[ShownOrder]:
    """Return the orders of a list by the list's number or id; empty if there is none."""
    if number is not None:
        first = find_order(shelf, number=number)
        if first is None or first.record.list_id is None or first.list_number != number:
            return []
        list_id = first.record.list_id
    return _shown(shelf, _orders(shelf).where(order.c.list_id == list_id).order_by(order.c.number))


def lists(shelf: Shelf, *, since: int, limit: int, only_open: bool) -> list[list[ShownOrder]]:
    """Return lists by number, oldest first, those from `since` on."""
    number = func.min(order.c.number)
    query = select(order.c.list_id).where(order.c.account == shelf.account, order.c.list_id.is_not(None))
    if only_open:
        query = query.where(order.c.ended_seq.is_(None))
    query = query.group_by(order.c.list_id).having(number >= since).order_by(number).limit(limit)
    with reading(shelf.engine) as connection:
        names = list(connection.execute(query).scalars())
    return [list_of(shelf, list_id=name) for name in names]


def my_fills(
    shelf: Shelf,
    symbol: str,
    *,
    number: int | None,
    since: int | None,
    start_ms: int | None,
    end_ms: int | None,
    limit: int,
) -> list[MyFill]:
    """Return fills of a pair, oldest first; `since` is a trade id."""
    joined = (trade.c.account == order.c.account) & (trade.c.order_id == order.c.order_id)
    query = select(trade, order.c.number, order.c.list_id).join(order, joined)
    query = query.where(trade.c.account == shelf.account, trade.c.symbol == symbol)
    query = _between(query, trade.c.at_ns, start_ms, end_ms)
    if number is not None:
        query = query.where(order.c.number == number)
    if since is not None:
        query = query.where(trade.c.trade_id >= since)
    from_the_front = since is not None or start_ms is not None
    query = query.order_by(trade.c.seq if from_the_front else trade.c.seq.desc()).limit(limit)
    with reading(shelf.engine) as connection:
        rows = list(connection.execute(query).mappings())
        numbers = _list_numbers(connection, shelf, rows)
    pair = shelf.pairs[symbol]
    found = [
        MyFill(fill_of(row, pair, shelf.account), row["number"], numbers.get(row["list_id"], NO_LIST)) for row in rows
    ]
    return found if from_the_front else found[::-1]


def balances(shelf: Shelf) -> list[tuple[str, str, str]]:
    """Return asset, free and locked money, by asset."""
    table = portfolio_balance.c
    query = select(table.asset, table.free, table.locked).where(table.account == shelf.account).order_by(table.asset)
    with reading(shelf.engine) as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def open_past(shelf: Shelf) -> tuple[OrderPast, dict[OrderId, int], int]:
    """Return the open orders, the numbers of their lists, and the account's last record, which they are the state of.

    Raises:
        StorageUnavailable: the account did something every time it was looked at.
    """
    tip = _tip(shelf)
    for _ in range(_TRIES):
        shown = open_orders(shelf, None)
        before, tip = tip, _tip(shelf)
        if before == tip:
            numbers = {each.record.list_id: each.list_number for each in shown if each.record.list_id is not None}
            return OrderPast(open=[each.record for each in shown]), numbers, tip
    raise StorageUnavailable("The account is too busy to be read; try again in a moment.")


def _tip(shelf: Shelf) -> int:
    with reading(shelf.engine) as connection:
        query = select(func.max(journal.c.seq)).where(journal.c.account == shelf.account)
        return connection.execute(query).scalar() or 0


def fill_of(row: Row, pair: TradingPair, account: AccountId) -> OrderFilled:
    """Return the fill of a row of the table `trade`; what was left of its order then is not kept there."""
    return OrderFilled(
        account=account,
        order_id=OrderId(row["order_id"]),
        trade_id=row["trade_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        price=Ticks(steps(row["price"], pair.tick_places)),
        qty=Lots(steps(row["qty"], pair.lot_places)),
        fee=Units(steps(row["fee"], 1)),
        liquidity=Liquidity(row["liquidity"]),
        left=Lots(0),
        at=Nanos(row["at_ns"]),
    )


def _orders(shelf: Shelf) -> Select[Any]:
    return select(order).where(order.c.account == shelf.account)


def _between(query: Select[Any], column: Any, start_ms: int | None, end_ms: int | None) -> Select[Any]:  # noqa: ANN401 - a column
    if start_ms is not None:
        query = query.where(column >= start_ms * 1_000_000)
    if end_ms is not None:
        query = query.where(column < (end_ms + 1) * 1_000_000)
    return query


def _shown(shelf: Shelf, query: Select[Any]) -> list[ShownOrder]:
    with reading(shelf.engine) as connection:
        rows = list(connection.execute(query).mappings())
        paid = _paid(connection, shelf, rows)
        numbers = _list_numbers(connection, shelf, rows)
    return [
        ShownOrder(
            order_record(dict(row), shelf.pairs[row["symbol"]], paid.get(row["order_id"], 0)),
            shelf.pairs[row["symbol"]],
            Nanos(row["changed_ns"]),
            numbers.get(row["list_id"], NO_LIST),
        )
        for row in rows
    ]


def _paid(connection: Connection, shelf: Shelf, rows: Sequence[Row]) -> dict[str, int]:
    """Return price x quantity over the fills of each order, in ticks x lots."""
    filled = [row["order_id"] for row in rows if row["filled"].strip("0.")]
    sums: dict[str, int] = {}
    for ids in _chunks(filled):
        query = select(trade.c.order_id, trade.c.symbol, trade.c.price, trade.c.qty)
        for row in connection.execute(query.where(trade.c.account == shelf.account, trade.c.order_id.in_(ids))):
            pair = shelf.pairs[row[1]]
            worth = steps(row[2], pair.tick_places) * steps(row[3], pair.lot_places)
            sums[row[0]] = sums.get(row[0], 0) + worth
    return sums


def _list_numbers(connection: Connection, shelf: Shelf, rows: Sequence[Row]) -> dict[str, int]:
    """Return the number of each list: that of its first order."""
    names = sorted({row["list_id"] for row in rows if row["list_id"] is not None})
    found: dict[str, int] = {}
    for ids in _chunks(names):
        query = select(order.c.list_id, func.min(order.c.number)).group_by(order.c.list_id)
        for row in connection.execute(query.where(order.c.account == shelf.account, order.c.list_id.in_(ids))):
            found[row[0]] = row[1]
    return found


def _chunks(names: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))
