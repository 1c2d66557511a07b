"""An account inside the exchange: purses, open orders, and what became of earlier ids."""

from __future__ import annotations

from collections import deque
from hashlib import blake2b
from typing import TYPE_CHECKING

from engine.domain.account import Balance
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Units
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange.order import WorkingOrder
from engine.exchange.outcomes import Outcome, Outcomes

if TYPE_CHECKING:
    from engine.exchange.lists import OrderList

Rates = tuple[FeeRate | None, FeeRate | None]
"""An account's own maker and taker rates of a pair; None = the pair's."""


class Purse:
    """Money of one asset: `free` to use, `locked` by working orders; neither is ever negative."""

    __slots__ = ("free", "locked")

    def __init__(self, free: int = 0, locked: int = 0) -> None:
        self.free = free
        self.locked = locked


def digest_of(order: SubmitOrder) -> str:
    """Return a short digest that is equal for submits equal in every field, and for no others."""
    bps = order.trail_bps.as_integer_ratio() if order.trail_bps is not None else None
    parts = [
        f"{order.side}|{order.order_type}|{order.qty}|{order.price}|{order.stop_price}|{order.tif}|{order.expire_ts}|"
        f"{order.post_only}|{order.reduce_only}|{order.display_qty}|{order.trail}|{bps}|{order.stp}",
        order.symbol,
    ]
    for fault in order.faults:
        parts += (fault.reason, fault.text)
    text = "\0".join(parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class Account:
    """What the exchange holds for one account."""

    __slots__ = ("account_id", "lists", "orders", "outcomes", "purses", "rates", "recent", "works")

    def __init__(self, account_id: AccountId) -> None:
        self.account_id = account_id
        self.purses: dict[str, Purse] = {}
        """By asset code; an asset once touched stays listed."""
        self.orders: dict[OrderId, WorkingOrder] = {}
        """Open orders, in the order of acceptance."""
        self.lists: dict[OrderId, OrderList] = {}
        """Lists of which an order is open, by their own ids."""
        self.outcomes = Outcomes()
        """Of ids that are not open any more, oldest first."""
        self.rates: dict[str, Rates] = {}
        """By symbol."""

        self.recent: deque[int] = deque()
        """When the orders of the last minute were accepted; kept up for the risk gate."""
        self.works: dict[str, list[int]] = {}
        """What open orders have left to sell and to buy, in lots, by symbol; kept up for the risk gate."""

    def work(self, order: WorkingOrder, lots: int) -> None:
        """Note that an open order of the account has `lots` more left to trade (fewer if negative)."""
        works = self.works.get(order.command.symbol)
        if works is None:
            works = self.works[order.command.symbol] = [0, 0]
        works[order.is_buy] += lots

    def purse(self, asset: str) -> Purse:
        """Return the purse of an asset; from now on the asset is listed."""
        purse = self.purses.get(asset)
        if purse is None:
            purse = self.purses[asset] = Purse()
        return purse

    def free(self, asset: str) -> int:
        """Return what is free, without listing the asset."""
        purse = self.purses.get(asset)
        return purse.free if purse is not None else 0

    def held(self, asset: str) -> int:
        """Return all there is of an asset, free and locked."""
        purse = self.purses.get(asset)
        return purse.free + purse.locked if purse is not None else 0

    def rates_for(self, pair: TradingPair) -> tuple[FeeRate, FeeRate]:
        """Return the maker and taker rate that a new order of the pair gets."""
        own = self.rates.get(pair.symbol)
        if own is None:
            return pair.maker_fee, pair.taker_fee
        return own[0] or pair.maker_fee, own[1] or pair.taker_fee

    def balances(self) -> dict[str, Balance]:
        """Return what it holds, by asset code in alphabetical order."""
        return {code: Balance(Units(p.free), Units(p.locked)) for code, p in sorted(self.purses.items())}

    def accepted_since(self, since: int) -> int:
        """Return how many orders were accepted after an instant, and forget those before."""
        recent = self.recent
        while recent and recent[0] <= since:
            recent.popleft()
        return len(recent)

    def has_used(self, order_id: OrderId) -> bool:
        """Return whether an order or a list had this id."""
        return order_id in self.orders or order_id in self.lists or order_id in self.outcomes

    def knows(self, order: SubmitOrder) -> bool | None:
        """Return whether an earlier submit under this id was identical; None if there was none."""
        working = self.orders.get(order.order_id)
        if working is not None:
            return working.command == order
        if order.order_id in self.lists:
            return False
        outcome = self.outcomes.get(order.order_id)
        return None if outcome is None else outcome.digest == digest_of(order)

    def knows_list(self, list_id: OrderId, digest: str) -> bool:
        """Return whether an earlier list under this id was identical."""
        group = self.lists.get(list_id)
        if group is not None:
            return group.digest == digest
        outcome = self.outcomes.get(list_id)
        return outcome is not None and outcome.digest == digest

    def finish(self, order: WorkingOrder) -> None:
        """Close the order's id, and that of its list with its last order."""
        del self.orders[order.order_id]
        self.outcomes.add(order.order_id, Outcome(digest_of(order.command), order.key, None, "", order.at))
        group = order.list
        if group is not None:
            group.orders.remove(order)
            if not group.orders:
                del self.lists[group.list_id]
                self.outcomes.add(group.list_id, Outcome(group.digest, group.number, None, "", order.at))

    def first_answer(self, order: SubmitOrder) -> OrderAccepted | OrderRejected | None:
        """Return how the first submit under this order's id was answered, None if there was none."""
        working = self.orders.get(order.order_id)
        if working is not None:
            return OrderAccepted(self.account_id, order.order_id, working.command, working.key, working.at)
        outcome = self.outcomes.get(order.order_id)
        if outcome is None:
            return None
        if outcome.reason is None:
            return OrderAccepted(self.account_id, order.order_id, order, outcome.number, outcome.at)
        return OrderRejected(self.account_id, order.order_id, outcome.reason, outcome.text, outcome.at)
