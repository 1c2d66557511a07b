"""The double-entry ledger: every fact that moves money becomes one balanced transaction.

Ledger accounts: `<owner>:free` and `<owner>:locked` for what an account holds, `market:<symbol>` for the
other side of its trades (agents or another account), `fees` for what was charged, `deposits` for where
money came from. Money is moved by fills only, never by an order's status: a fill's fact carries the fee
really charged, and the lock of an order is recomputed from what remains of it. What rounding asks for
beyond the lock therefore comes from free. The two legs of an OCO lock the larger of both once, until the first
fill of one, from which on the other counts no more. Facts are trusted; a fact about an order that was never
accepted means a damaged journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Union

from engine.domain.account import Balance, OpenOrder
from engine.domain.command import ListPair, SetFees
from engine.domain.event import (
    FundsDeposited,
    LedgerFact,
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.number import Lots, Nanos, Units
from engine.domain.order import AccountId, ListKind, OrderId, OrderStatus, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.domain.transaction import Posting, Transaction
from engine.errors import StorageCorrupt
from engine.portfolio.commitment import Commitment

__all__ = ["DEPOSITS", "FEES", "Ledger", "LedgerRecord", "Posting", "Transaction"]

FEES = "fees"
DEPOSITS = "deposits"

LedgerRecord = Union[LedgerFact, ListPair, SetFees]
"""What the journal holds and accounts follow from."""

_OfAnOrder = Union[LegStarted, OrderTriggered, OrderAmended, OrderCancelled, OrderExpired, OrderFilled]


class Ledger:
    """Books facts as balanced transactions and keeps the running total of every ledger account."""

    def __init__(self, pairs: Iterable[TradingPair] = ()) -> None:
        self._pairs: dict[str, TradingPair] = {pair.symbol: pair for pair in pairs}
        self._rates: dict[tuple[AccountId, str], tuple[FeeRate | None, FeeRate | None]] = {}
        self._orders: dict[AccountId, dict[OrderId, Commitment]] = {}
        self._totals: dict[tuple[str, str], int] = {}
        self._held: dict[AccountId, dict[str, None]] = {}

    def post(self, record: LedgerRecord) -> Transaction | None:
        """Book one record, in the journal's order; None if it moved no money.

        Raises:
            StorageCorrupt: the record speaks of an order or pair that no earlier record brought.
        """
        book = _BOOKED.get(type(record))
        return book(self, record) if book is not None else None

    def accounts(self) -> tuple[AccountId, ...]:
        """Return the owners in the order of their first deposits."""
        return tuple(self._held)

    def balance(self, owner: AccountId, asset: str) -> Balance:
        """Return what the owner has of an asset: the totals of its two ledger accounts."""
        (free, locked), total = own_accounts(owner), self._totals.get
        return Balance(Units(total((free, asset), 0)), Units(total((locked, asset), 0)))

    def balances(self, owner: AccountId) -> dict[str, Balance]:
        """Return the owner's money by asset in alphabetical order; an asset once touched stays listed."""
        return {asset: self.balance(owner, asset) for asset in sorted(self._held.get(owner, ()))}

    def orders(self, owner: AccountId) -> list[OpenOrder]:
        """Return the owner's open orders in the order of acceptance."""
        return [order.shown() for order in self._orders.get(owner, {}).values()]

    def accepted(self, owner: AccountId) -> dict[OrderId, OrderAccepted]:
        """Return how each open order was accepted."""
        return {order_id: order.fact for order_id, order in self._orders.get(owner, {}).items()}

    def order_rates(self, owner: AccountId) -> dict[OrderId, tuple[FeeRate, FeeRate]]:
        """Return the maker and taker rate under which each open order was accepted; it keeps them."""
        return {order_id: (order.maker, order.taker) for order_id, order in self._orders.get(owner, {}).items()}

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return every pair that was ever listed, in the order of first listing."""
        return tuple(self._pairs.values())

    def pair(self, symbol: str) -> TradingPair:
        """Return a listed pair.

        Raises:
            StorageCorrupt: no record listed it.
        """
        try:
            return self._pairs[symbol]
        except KeyError:
            raise StorageCorrupt(f"The journal speaks of {symbol}, which it never listed.") from None

    def totals(self) -> dict[tuple[str, str], int]:
        """Return the running total by (ledger account, asset): the trial balance."""
        return dict(self._totals)

    def fees(self) -> dict[str, Units]:
        """Return all fees ever charged, by asset."""
        return {asset: Units(units) for (account, asset), units in sorted(self._totals.items()) if account == FEES}

    def check(self) -> None:
        """Prove the books: every asset sums to zero, nobody owes, locked is what open orders set aside.

        Raises:
            StorageCorrupt: something does not add up; the message names it.
        """
        sums: dict[str, int] = {}
        for (account, asset), units in self._totals.items():
            sums[asset] = sums.get(asset, 0) + units
            if units < 0 and account.endswith((":free", ":locked")):
                raise StorageCorrupt(f"{account} is short of {-units} units of {asset}.")
        for asset, units in sums.items():
            if units:
                raise StorageCorrupt(f"The ledger is out of balance by {units} units of {asset}.")
        for owner, assets in self._held.items():
            for asset in assets:
                aside = sum(each.shown_lock for each in self._orders.get(owner, {}).values() if each.asset == asset)
                if aside != self.balance(owner, asset).locked:
                    raise StorageCorrupt(f"{owner} has {asset} locked that no open order sets aside.")

    # Facts

    def _deposit(self, fact: FundsDeposited) -> Transaction:
        owner = fact.account
        return self._book(
            "deposit",
            owner,
            "",
            ((DEPOSITS, fact.asset, -fact.units), (own_accounts(owner)[0], fact.asset, fact.units)),
            fact.at,
        )

    def _accept(self, fact: OrderAccepted) -> Transaction | None:
        pair = self.pair(fact.order.symbol)
        maker, taker = self._rates.get((fact.account, pair.symbol), (None, None))
        order = Commitment(fact, pair, maker or pair.maker_fee, taker or pair.taker_fee)
        orders = self._orders.setdefault(fact.account, {})
        if fact.list_id is not None:
            _find_mate(order, orders.values())
        orders[fact.order_id] = order
        return self._relock(order, fact)

    def _start(self, fact: LegStarted) -> Transaction | None:
        order = self._find(fact)
        order.qty = order.left = fact.qty
        order.status = order.first_status
        return self._relock(order, fact)

    def _amend(self, fact: OrderAmended) -> Transaction | None:
        order = self._find(fact)
        order.qty, order.left, order.price, order.stop_price = fact.qty, fact.left, fact.price, fact.stop_price
        order.trail = fact.trail
        return self._relock(order, fact)

    def _end(self, fact: OrderCancelled | OrderExpired) -> Transaction | None:
        order = self._find(fact)
        del self._orders[fact.account][fact.order_id]
        order.left = Lots(0)
        transaction = self._relock(order, fact)
        order.part()
        return transaction

    def _relock(
        self, order: Commitment, fact: OrderAccepted | LegStarted | OrderAmended | OrderCancelled | OrderExpired
    ) -> Transaction | None:
        more = order.set_aside(order.needed() if order.left else 0)
        if not more:
            return None
        owner, asset = fact.account, order.asset
        free, locked = own_accounts(owner)
        lines = ((free, asset, -more), (locked, asset, more))
        return self._book("lock" if more > 0 else "release", owner, fact.order_id, lines, fact.at)

    def _fill(self, fact: OrderFilled) -> Transaction:
        order, owner = self._find(fact), fact.account
        pair = order.pair
        base, quote = pair.base.code, pair.quote.code
        (free, locked), market = own_accounts(owner), f"market:{pair.symbol}"
        notional, units = pair.notional(fact.price, fact.qty), pair.base_units(fact.qty)
        order.left = fact.left
        released = -order.mate.set_aside(0) if order.mate is not None else 0
        order.part()
        released -= order.set_aside(order.needed())
        if not fact.left:
            del self._orders[owner][fact.order_id]
        lines: tuple[tuple[str, str, int], ...]
        if fact.side is Side.BUY:
            lines = (
                (locked, quote, -released),
                (free, quote, released - notional - fact.fee),
                (market, quote, notional),
                (FEES, quote, fact.fee),
                (market, base, -units),
                (free, base, units),
            )
        else:
            lines = (
                (locked, base, -released),
                (free, base, released - units),
                (market, base, units),
                (market, quote, -notional),
                (FEES, quote, fact.fee),
                (free, quote, notional - fact.fee),
            )
        return self._book(fact.side, owner, fact.order_id, lines, fact.at)

    def _find(
        self, fact: LegStarted | OrderTriggered | OrderAmended | OrderCancelled | OrderExpired | OrderFilled
    ) -> Commitment:
        order = self._orders.get(fact.account, {}).get(fact.order_id)
        if order is None:
            name = type(fact).__name__
            raise StorageCorrupt(f"The journal has {name} of order {fact.order_id!r}, which is not open.")
        return order

    def _book(
        self, why: str, owner: AccountId, reference: str, lines: Iterable[tuple[str, str, int]], at: Nanos
    ) -> Transaction:
        totals, own = self._totals, own_accounts(owner)
        held = self._held.get(owner)
        if held is None:
            held = self._held[owner] = {}
        postings = []
        for account, asset, units in lines:
            if account in own:
                held[asset] = None
            if units:
                key = account, asset
                totals[key] = totals.get(key, 0) + units
                postings.append(Posting(account, asset, Units(units), at))
        return Transaction(why, owner, reference, tuple(postings), at)

    def _trigger(self, fact: OrderTriggered) -> None:
        self._find(fact).status = OrderStatus.WORKING

    def _list(self, record: ListPair) -> None:
        self._pairs[record.pair.symbol] = record.pair

    def _set_fees(self, record: SetFees) -> None:
        self._rates[record.account, record.symbol] = (record.maker, record.taker)


_BOOKED: dict[type, Callable[[Ledger, Any], Transaction | None]] = {
    OrderFilled: Ledger._fill,
    OrderAccepted: Ledger._accept,
    OrderCancelled: Ledger._end,
    OrderExpired: Ledger._end,
    OrderAmended: Ledger._amend,
    FundsDeposited: Ledger._deposit,
    LegStarted: Ledger._start,
    OrderTriggered: Ledger._trigger,
    ListPair: Ledger._list,
    SetFees: Ledger._set_fees,
}
"""How a record is booked; any other kind moves no money."""


@lru_cache(maxsize=1024)
def own_accounts(owner: str) -> tuple[str, str]:
    """Return the names of the two ledger accounts that hold what somebody has, free and locked."""
    return f"{owner}:free", f"{owner}:locked"


def _find_mate(order: Commitment, others: Iterable[Commitment]) -> None:
    """Tie a new leg to the one before it if only one of both can trade and both set aside the same asset."""
    fact = order.fact
    if fact.list_kind is ListKind.OTO or (fact.list_kind is ListKind.BRACKET and fact.starts_after is None):
        return
    for other in others:
        same = other.fact.list_id == fact.list_id and other.fact.starts_after == fact.starts_after
        if same and other.order.side is order.order.side:
            order.mate, other.mate = other, order
