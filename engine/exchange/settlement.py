"""Money of orders: what is set aside, and what moves when an order fills.

Two legs of which only one can trade (`lock_mate`) set aside the larger of both once. At the first fill of
one the other no longer counts.
"""

from __future__ import annotations

from engine.domain.number import Units
from engine.domain.pair import FeeRate
from engine.exchange.account import Purse
from engine.exchange.order import WorkingOrder


def paying_purse(order: WorkingOrder) -> Purse:
    """Return the purse of what the order gives: the quote for a buy, the base for a sell."""
    return order.account.purse(order.pair.quote.code if order.is_buy else order.pair.base.code)


def more_needed(order: WorkingOrder, needed: int) -> int:
    """Return how much more must be set aside for the order to need `needed`; negative if it frees something."""
    mate = order.lock_mate
    if mate is None:
        return needed - order.locked
    return max(needed, mate.locked) - max(order.locked, mate.locked)


def set_aside(order: WorkingOrder, needed: int) -> None:
    """Set aside what the order needs, and free the rest."""
    more = more_needed(order, needed)
    order.locked = needed
    if more:
        purse = paying_purse(order)
        purse.free -= more
        purse.locked += more


def part_locks(order: WorkingOrder, mate: WorkingOrder) -> None:
    """Let the other leg set nothing aside any more."""
    set_aside(mate, 0)
    order.lock_mate = mate.lock_mate = None


def settle_buy(order: WorkingOrder, rate: FeeRate, price: int, qty: int) -> int:
    """Pay for a fill from the order's lock, return what it no longer needs, credit the base; return the fee."""
    pair = order.pair
    notional = pair.notional(price, qty)
    fee = rate.of(notional)
    quote = order.account.purse(pair.quote.code)
    needed = order.lock_for(order.price, order.left)
    released = order.locked - needed
    if notional + fee > released + quote.free:
        fee = Units(released + quote.free - notional)  # the odd unit of rounding, and nothing free to pay it
    quote.locked -= released
    quote.free += released - notional - fee
    order.locked = needed
    order.account.purse(pair.base.code).free += pair.base_units(qty)
    return fee


def settle_sell(order: WorkingOrder, rate: FeeRate, price: int, qty: int) -> int:
    """Deliver the base from the order's lock and credit the proceeds less the fee; return the fee."""
    pair = order.pair
    units = pair.base_units(qty)
    base = order.account.purse(pair.base.code)
    base.locked -= units
    order.locked -= units
    notional = pair.notional(price, qty)
    quote = order.account.purse(pair.quote.code)
    fee = min(rate.of(notional), notional + quote.free)  # a rate above 1 takes no more than there is
    quote.free += notional - fee
    return fee
