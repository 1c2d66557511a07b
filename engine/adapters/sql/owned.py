"""What belongs to one account, read from the journal's projections: the same on SQLite and PostgreSQL.

Every answer is at least as new as the last acknowledgement, since the projections are committed with the journal.
Pages are newest first and go on below a `seq`; rows are mappings of the tables' columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, literal_column, or_, select
from sqlalchemy.exc import SQLAlchemyError

from engine.adapters.sql.schema import journal, order, portfolio_balance, portfolio_position, trade, transaction
from engine.domain.command import ListPair
from engine.domain.order import AccountId
from engine.errors import StorageUnavailable
from engine.portfolio.ledger import own_accounts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

Row = Mapping[Any, Any]

EVERYBODYS = ListPair.__name__
"""The kind of record that belongs to every account: without it amounts mean nothing."""

_EVERYBODYS = journal.c.kind == literal_column(f"'{EVERYBODYS}'")
"""Written out, so that the database knows that `ix_journal_rare` has them all."""


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Lend a connection.

    Raises:
        StorageUnavailable: the database cannot be read now.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise StorageUnavailable("The database cannot be read now; try again in a moment.") from error


def _rows(engine: Engine, query: Select[Any]) -> list[Row]:
    with reading(engine) as connection:
        return list(connection.execute(query).mappings())


def read_order(engine: Engine, account: AccountId, order_id: str) -> tuple[Row, list[Row]] | None:
    """Return an order and its fills, oldest first; None if there is no such order of that account."""
    with reading(engine) as connection:
        found = connection.execute(select(order).where(order.c.account == account, order.c.order_id == order_id))
        row = found.mappings().first()
        if row is None:
            return None
        return row, _trades_of(connection, account, [order_id]).get(order_id, [])


def read_named(engine: Engine, account: AccountId, order_ids: Sequence[str]) -> list[tuple[Row, list[Row]]]:
    """Return the orders of these ids that there are, in the order of acceptance, each with its fills."""
    query = select(order).where(order.c.account == account, order.c.order_id.in_(order_ids)).order_by(order.c.seq)
    return _with_trades(engine, account, query)


def read_list(engine: Engine, account: AccountId, list_id: str) -> list[tuple[Row, list[Row]]]:
    """Return the orders of a list, in its order, each with its fills."""
    query = select(order).where(order.c.account == account, order.c.list_id == list_id).order_by(order.c.seq)
    return _with_trades(engine, account, query)


def read_orders(
    engine: Engine, account: AccountId, *, status: str, symbol: str | None, below: int | None, limit: int
) -> list[tuple[Row, list[Row]]]:
    """Return orders with their fills, the last accepted first; `status` is `open`, `ended` or `all`."""
    query = select(order).where(order.c.account == account)
    if status != "all":
        query = query.where(order.c.ended_seq.is_(None) if status == "open" else order.c.ended_seq.is_not(None))
    if symbol is not None:
        query = query.where(order.c.symbol == symbol)
    if below is not None:
        query = query.where(order.c.seq < below)
    return _with_trades(engine, account, query.order_by(order.c.seq.desc()).limit(limit))


def _with_trades(engine: Engine, account: AccountId, query: Select[Any]) -> list[tuple[Row, list[Row]]]:
    with reading(engine) as connection:
        rows = list(connection.execute(query).mappings())
        trades = _trades_of(connection, account, [row["order_id"] for row in rows])
    return [(row, trades.get(row["order_id"], [])) for row in rows]


def _trades_of(connection: Connection, account: AccountId, order_ids: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    if order_ids:
        query = select(trade).where(trade.c.account == account, trade.c.order_id.in_(order_ids)).order_by(trade.c.seq)
        for row in connection.execute(query).mappings():
            found.setdefault(row["order_id"], []).append(row)
    return found


def read_open_ids(engine: Engine, account: AccountId, symbol: str | None) -> list[tuple[str, str]]:
    """Return ids and symbols of the open orders, in the order of acceptance."""
    query = select(order.c.order_id, order.c.symbol).where(order.c.account == account, order.c.ended_seq.is_(None))
    if symbol is not None:
        query = query.where(order.c.symbol == symbol)
    with reading(engine) as connection:
        return [(row[0], row[1]) for row in connection.execute(query.order_by(order.c.seq))]


def read_fills(
    engine: Engine, account: AccountId, *, symbol: str | None, order_id: str | None, below: int | None, limit: int
) -> list[Row]:
    """Return rows of the table `trade`, newest first."""
    query = select(trade).where(trade.c.account == account)
    for column, value in ((trade.c.symbol, symbol), (trade.c.order_id, order_id)):
        if value is not None:
            query = query.where(column == value)
    if below is not None:
        query = query.where(trade.c.seq < below)
    return _rows(engine, query.order_by(trade.c.seq.desc()).limit(limit))


def read_balances(engine: Engine, account: AccountId) -> list[Row]:
    """Return rows of the table `portfolio_balance` by asset; none without a deposit."""
    table = portfolio_balance
    return _rows(engine, select(table).where(table.c.account == account).order_by(table.c.asset))


def read_positions(engine: Engine, account: AccountId) -> list[Row]:
    """Return rows of the table `portfolio_position` by symbol."""
    table = portfolio_position
    return _rows(engine, select(table).where(table.c.account == account).order_by(table.c.symbol))


def read_transactions(
    engine: Engine, account: AccountId, *, asset: str | None, below: tuple[int, int] | None, limit: int
) -> list[Row]:
    """Return lines of the account's own two ledgers (free, locked), newest first; `below` is a record and a line."""
    lines = transaction.c
    query = select(transaction).where(lines.account.in_(own_accounts(account)))
    if asset is not None:
        query = query.where(lines.asset == asset)
    if below is not None:
        query = query.where(or_(lines.seq < below[0], and_(lines.seq == below[0], lines.line < below[1])))
    return _rows(engine, query.order_by(lines.seq.desc(), lines.line.desc()).limit(limit))


def read_journal(engine: Engine, account: AccountId, *, after: int, limit: int) -> tuple[list[Row], int]:
    """Return records with `seq` above `after`, oldest first, the account's own and the pairs; and the last's `seq`."""
    columns = (journal.c.seq, journal.c.ts_ns, journal.c.kind, journal.c.payload)
    rows: list[Row] = []
    tip = 0
    with reading(engine) as connection:
        for owned in (journal.c.account == account, _EVERYBODYS):  # each by its index; both at once would read all
            page = select(*columns).where(owned, journal.c.seq > after).order_by(journal.c.seq).limit(limit)
            rows += connection.execute(page).mappings()
            tip = max(tip, connection.execute(select(func.max(journal.c.seq)).where(owned)).scalar() or 0)
    return sorted(rows, key=itemgetter("seq"))[:limit], tip
