"""Every account as a pure fold of the journal.

Given the same records in the same order a `Fold` holds the same balances, orders and positions as the
kernel that produced them, and the same hash. It looks at nothing else: no book, no clock. Balances are
the totals of the double-entry ledger, so what this module says about money is what the postings say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple, Union

from engine.domain.account import Balance, OpenOrder, Position
from engine.domain.command import ListPair, SetFees
from engine.domain.event import (
    BalanceChanged,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    PositionChanged,
)
from engine.domain.number import Nanos, Units
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import FeeRate, TradingPair
from engine.domain.transaction import Transaction
from engine.portfolio.ledger import Ledger, LedgerRecord
from engine.portfolio.position import PositionBook

Change = Union[BalanceChanged, PositionChanged]


class Counters(NamedTuple):
    """How much has happened in all accounts together."""

    accepted: int = 0
    rejected: int = 0
    ended: int = 0
    """Cancelled or expired."""
    fills: int = 0
    last_number: int = 0
    """The highest number of acceptance."""
    last_trade: int = 0
    """The highest trade id of a fill."""


class Fold:
    """Accounts rebuilt from records; `apply` takes them in the journal's order."""

    def __init__(self, pairs: Iterable[TradingPair] = ()) -> None:
        self.ledger = Ledger(pairs)
        self.transaction: Transaction | None = None
        """What the last record moved; None if it moved no money."""
        self.last_at = Nanos(0)
        """Venue time of the last fact."""
        self._counts: dict[type, int] = {}
        self._last_number = 0
        self._last_trade = 0
        self._positions: dict[AccountId, PositionBook] = {}

    def apply(self, record: LedgerRecord) -> list[Change]:
        """Take one record in and return what it changed, balances before the position.

        Raises:
            StorageCorrupt: the record speaks of an order or pair that no earlier record brought.
        """
        transaction = self.transaction = self.ledger.post(record)
        if not isinstance(record, (ListPair, SetFees)):
            kind = type(record)
            self.last_at = record.at
            self._counts[kind] = self._counts.get(kind, 0) + 1
        changes: list[Change] = []
        if transaction is not None:
            owner, seen = AccountId(transaction.owner), None
            for posting in transaction.postings:
                asset = posting.asset
                if asset != seen:  # the postings of an asset stand together
                    free, locked = self.ledger.balance(owner, asset)
                    changes.append(BalanceChanged(owner, asset, free, locked, transaction.at))
                    seen = asset
        if isinstance(record, OrderAccepted):
            if record.number > self._last_number:
                self._last_number = record.number
        elif isinstance(record, OrderFilled):
            self._last_trade = max(self._last_trade, record.trade_id)
            book = self._positions.setdefault(record.account, PositionBook())
            position = book.apply(self.ledger.pair(record.symbol), record)
            changes.append(
                PositionChanged(
                    record.account, record.symbol, position.qty, position.cost, position.realised, record.at
                )
            )
        return changes

    @property
    def counters(self) -> Counters:
        """How much has happened."""
        count = self._counts.get
        return Counters(
            accepted=count(OrderAccepted, 0),
            rejected=count(OrderRejected, 0),
            ended=count(OrderCancelled, 0) + count(OrderExpired, 0),
            fills=count(OrderFilled, 0),
            last_number=self._last_number,
            last_trade=self._last_trade,
        )

    def accounts(self) -> tuple[AccountId, ...]:
        """Return the accounts in the order of their first deposits."""
        return self.ledger.accounts()

    def balances(self, account: AccountId) -> dict[str, Balance]:
        """Return the account's money by asset in alphabetical order; nothing for an unknown account."""
        return self.ledger.balances(account)

    def orders(self, account: AccountId) -> list[OpenOrder]:
        """Return the account's open and waiting orders in the order of acceptance."""
        return self.ledger.orders(account)

    def accepted(self, account: AccountId) -> dict[OrderId, OrderAccepted]:
        """Return how each open order of the account was accepted."""
        return self.ledger.accepted(account)

    def order_rates(self, account: AccountId) -> dict[OrderId, tuple[FeeRate, FeeRate]]:
        """Return the maker and taker rate that each open order keeps from its acceptance."""
        return self.ledger.order_rates(account)

    def positions(self, account: AccountId) -> list[Position]:
        """Return the account's positions, flat ones with a history included."""
        book = self._positions.get(account)
        return book.positions() if book is not None else []

    def position(self, account: AccountId, symbol: str) -> Position:
        """Return the account's position in a pair, flat if it never traded there."""
        return self._positions.get(account, PositionBook()).position(symbol)

    def fees(self) -> dict[str, Units]:
        """Return all fees ever charged, by asset."""
        return self.ledger.fees()

    def check(self) -> None:
        """Prove the books; see `Ledger.check`."""
        self.ledger.check()

    def state(self) -> dict[str, object]:
        """Return everything as JSON values, in a canonical order."""
        return {
            "accounts": {
                account: {
                    "balances": {asset: list(each) for asset, each in self.balances(account).items()},
                    "orders": [_plain(each) for each in self.orders(account)],
                    "positions": [list(each) for each in sorted(self.positions(account))],
                }
                for account in sorted(self.accounts())
            },
            "fees": self.fees(),
            "counters": list(self.counters),
            "last_at": self.last_at,
        }

    def state_hash(self) -> str:
        """Return the SHA-256 of the canonical state: equal for equal journals."""
        text = json.dumps(self.state(), separators=(",", ":"), ensure_ascii=True)
        return sha256(text.encode("ascii")).hexdigest()


def _plain(order: OpenOrder) -> list[object]:
    return [format(value, "f") if isinstance(value, Decimal) else value for value in order]
