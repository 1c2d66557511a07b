"""An account inside the exchange: purses, open orders, and what became of earlier ids."""

from __future__ import annotations

from hashlib import blake2b

from engine.domain.account import Balance
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Units
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange.order import WorkingOrder
from engine.exchange.outcomes import Outcome, Outcomes

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
    parts = [
        f"{order.side}|{order.order_type}|{order.qty}|{order.price}|{order.stop_price}|{order.tif}|{order.expire_ts}|"
        f"{order.post_only}|{order.reduce_only}|{order.display_qty}|{order.trail}|{order.trail_bps}|{order.stp}",
        order.symbol,
    ]
    for fault in order.faults:
        parts += (fault.reason, fault.text)
    text = "\0".join(parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class Account:
    """What the exchange holds for one account."""

    __slots__ = ("account_id", "orders", "outcomes", "purses", "rates", "works")

    def __init__(self, account_id: AccountId) -> None:
        self.account_id = account_id
        self.purses: dict[str, Purse] = {}
        """By asset code; an asset once touched stays listed."""
        self.orders: dict[OrderId, WorkingOrder] = {}
        """Open orders, in the order of acceptance."""
        self.outcomes = Outcomes()
        """Of ids that are not open any more, oldest first."""
        self.rates: dict[str, Rates] = {}
        """By symbol."""

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

    def rates_for(self, pair: TradingPair) -> tuple[FeeRate, FeeRate]:
        """Return the maker and taker rate that a new order of the pair gets."""
        own = self.rates.get(pair.symbol)
        if own is None:
            return pair.maker_fee, pair.taker_fee
        return own[0] or pair.maker_fee, own[1] or pair.taker_fee

    def balances(self) -> dict[str, Balance]:
        """Return what it holds, by asset code in alphabetical order."""
        return {code: Balance(Units(p.free), Units(p.locked)) for code, p in sorted(self.purses.items())}

    def knows(self, order: SubmitOrder) -> bool | None:
        """Return whether an earlier submit under this id was identical; None if there was none."""
        working = self.orders.get(order.order_id)
        if working is not None:
            return working.command == order
        outcome = self.outcomes.get(order.order_id)
        return None if outcome is None else outcome.digest == digest_of(order)

    def finish(self, order: WorkingOrder) -> None:
        """Close the order's id."""
        del self.orders[order.order_id]
        self.outcomes.add(order.order_id, Outcome(digest_of(order.command), order.key, None, "", order.at))

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

    def first_list_answer(self, command: SubmitList) -> tuple[OrderAccepted, ...] | OrderRejected | None:
        """Return how the first submit under this list's id was answered, None if there was none."""
        outcome = self.outcomes.get(command.order_id)
        if outcome is None:
            return None
        if outcome.reason is not None:
            return OrderRejected(self.account_id, command.order_id, outcome.reason, outcome.text, outcome.at)
        answers = (self.first_answer(order) for order in command.orders)
        return tuple(answer for answer in answers if isinstance(answer, OrderAccepted))
