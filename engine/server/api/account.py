"""What an account holds and did: balances, positions, fills, ledger lines, and its records in the journal."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from engine.adapters.sql.owned import (
    read_balances,
    read_fills,
    read_journal,
    read_positions,
    read_transactions,
)
from engine.domain.order import AccountId
from engine.portfolio.ledger import own_accounts
from engine.server.api.orders import WhoseOrder, pairs_of
from engine.server.core.told import MILLI, fill_of_row, trimmed
from engine.server.http.page import AccountName, account_of, cursor_of, numbers_of
from engine.server.http.route import Call, Route
from engine.services.offload import offload
from engine.wire.account import (
    Balance,
    Balances,
    Fills,
    JournalPage,
    JournalRecord,
    Position,
    Positions,
    Transaction,
    Transactions,
)
from engine.wire.text import Cursor, OrderKey, PageSize, Symbol

Asset = Annotated[str, Meta(pattern=r"^[A-Z0-9]{1,15}$")]


class WhichFills(Struct):
    """Fills to list, newest first."""

    symbol: Symbol | None = None
    order_id: OrderKey | None = None
    cursor: Cursor | None = None
    limit: PageSize = 100
    account: AccountName | None = None


class WhichTransactions(Struct):
    """Lines of the ledger to list, newest first."""

    asset: Asset | None = None
    cursor: Cursor | None = None
    limit: PageSize = 100
    account: AccountName | None = None


class WhichRecords(Struct):
    """Records to list: those after a number, in order."""

    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    limit: PageSize = 500
    account: AccountName | None = None


async def balances(call: Call) -> Balances:
    """Answer with the money of an account."""
    account = account_of(call, call.query.account)
    rows = await offload(read_balances, call.services.exchange_db, account)
    return Balances(account, tuple(Balance(row["asset"], trimmed(row["free"]), trimmed(row["locked"])) for row in rows))


async def positions(call: Call) -> Positions:
    """Answer with what an account holds of each pair's base."""
    account = account_of(call, call.query.account)
    rows = await offload(read_positions, call.services.exchange_db, account)
    return Positions(
        account,
        tuple(Position(row["symbol"], row["qty"], trimmed(row["cost"]), trimmed(row["realised"])) for row in rows),
    )


async def fills(call: Call) -> Fills:
    """Answer with a page of fills."""
    asked: WhichFills = call.query
    below = None if asked.cursor is None else numbers_of(asked.cursor)[0]
    rows = await offload(
        read_fills, call.services.exchange_db, account_of(call, asked.account),
        symbol=asked.symbol, order_id=asked.order_id, below=below, limit=asked.limit + 1,
    )  # fmt: skip
    pairs, shown = pairs_of(call), rows[: asked.limit]
    more = cursor_of(shown[-1]["seq"]) if len(rows) > len(shown) else None
    return Fills(tuple(fill_of_row(row, pairs[row["symbol"]]) for row in shown), more)


async def transactions(call: Call) -> Transactions:
    """Answer with a page of the ledger."""
    asked: WhichTransactions = call.query
    account, below = account_of(call, asked.account), None
    if asked.cursor is not None:
        record, line = numbers_of(asked.cursor, 2)
        below = record, line
    rows = await offload(
        read_transactions, call.services.exchange_db, account, asset=asked.asset, below=below, limit=asked.limit + 1
    )
    shown, names = rows[: asked.limit], _ledgers(account)
    more = cursor_of(shown[-1]["seq"], shown[-1]["line"]) if len(rows) > len(shown) else None
    lines = (
        Transaction(
            row["seq"], row["line"], names[row["account"]], row["asset"], trimmed(row["amount"]), row["at_ns"] // MILLI
        )
        for row in shown
    )
    return Transactions(tuple(lines), more)


def _ledgers(account: AccountId) -> dict[str, str]:
    free, locked = own_accounts(account)
    return {free: "free", locked: "locked"}


async def journal(call: Call) -> JournalPage:
    """Answer with an account's records: their fold is the account."""
    asked: WhichRecords = call.query
    account = account_of(call, asked.account)
    rows, tip = await offload(read_journal, call.services.exchange_db, account, after=asked.after, limit=asked.limit)
    records = (
        JournalRecord(row["seq"], row["ts_ns"], row["kind"], msgspec.json.decode(row["payload"])) for row in rows
    )
    return JournalPage(account, tuple(records), tip)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/v1/balances", balances, "Show the money of an account", "account", Balances, query=WhoseOrder,
        refuses=(404,),
    ),
    Route(
        "GET", "/v1/positions", positions, "Show what is held", "account", Positions, query=WhoseOrder, refuses=(404,),
    ),
    Route(
        "GET", "/v1/fills", fills, "List fills, the newest first", "account", Fills, query=WhichFills, refuses=(404,),
    ),
    Route(
        "GET", "/v1/transactions", transactions, "List lines of the ledger, the newest first", "account", Transactions,
        query=WhichTransactions, refuses=(404,),
    ),
    Route(
        "GET", "/v1/journal", journal, "List an account's journaled records, in order", "account", JournalPage,
        query=WhichRecords, refuses=(404,),
    ),
)  # fmt: skip
