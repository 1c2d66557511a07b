"""What an account holds and did, and who owns it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from engine.domain.order import Liquidity, Side
from engine.wire.text import Amount, Decimals, Millis, Symbol


class Balance(Struct):
    """Money of one asset; free + locked = total."""

    asset: str
    free: Amount
    locked: Amount


class Balances(Struct):
    """All assets that an account ever touched, in alphabetical order."""

    account: str
    balances: tuple[Balance, ...]


class Position(Struct):
    """What is held of a pair's base, by average cost, in the quote asset."""

    symbol: Symbol
    qty: Amount
    cost: Amount
    realised: Decimals


class Positions(Struct):
    """All pairs that an account ever traded."""

    account: str
    positions: tuple[Position, ...]


class Fill(Struct):
    """One execution of one order; `id` is unique within the server."""

    id: int
    order_id: str
    trade_id: int
    symbol: Symbol
    side: Side
    price: Amount
    qty: Amount
    fee: Amount
    fee_asset: str
    liquidity: Liquidity
    at_ms: Millis


class Fills(Struct):
    """One page of fills, newest first."""

    fills: tuple[Fill, ...]
    next: str | None = None


class Transaction(Struct):
    """One line of the ledger; lines of one record share `record`."""

    record: int
    line: int
    ledger: str
    """Which of the double entry's accounts, e.g. the free or the locked money."""
    asset: str
    amount: Decimals
    at_ms: Millis


class Transactions(Struct):
    """One page of ledger lines, newest first."""

    transactions: tuple[Transaction, ...]
    next: str | None = None


class JournalRecord(Struct):
    """A journaled record of the account: `data` is the record's canonical form (ticks, lots and units as integers)."""

    seq: int
    at_ns: int
    kind: str
    data: dict[str, Any]


class JournalPage(Struct):
    """Records in order, those with `seq` above the one asked for; `tip` is the account's last one."""

    account: str
    records: tuple[JournalRecord, ...]
    tip: int


class AccountInfo(Struct):
    """One trading account of a user."""

    account: str
    name: str


class User(Struct):
    """Who is signed in."""

    user_id: int
    email: str
    username: str
    role: str
    accounts: tuple[AccountInfo, ...]
    mfa: bool
    created_ms: Millis
