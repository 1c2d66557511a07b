"""What a target and a stop would bring, fees included: the ends of a list, or of a position.

Money in quote units. A target is reckoned as a limit order that rests (maker), a stop as a market order at its
stop price, or as a limit order at its limit (maker) if it has one; the market can make a stop worse. A trailing stop
is reckoned where it would fire if the price never rose.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Ticks, Units, ceil_div
from engine.domain.order import OrderType, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.lock import resting_lock


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out."""

    price: Ticks
    fee: Units
    money: Units
    """What it brings (a sell, less its fee) or costs (a buy, with its fee)."""
    profit: Units | None
    """Against what the way in cost or brought; None if that is not known."""


@dataclass(frozen=True, slots=True)
class Exits:
    """The ways out of the same quantity; None for one that there is not."""

    target: Exit | None
    loss: Exit | None

    @property
    def reward(self) -> Fraction | None:
        """What the target gains for each unit that the stop loses; None unless one gains and the other loses."""
        if self.target is None or self.loss is None:
            return None
        gain, lost = self.target.profit, self.loss.profit
        return Fraction(gain, -lost) if gain is not None and lost is not None and gain > 0 > lost else None


def exits(
    pair: TradingPair, legs: Iterable[SubmitOrder], qty: Lots, basis: Units | None, maker: FeeRate, taker: FeeRate,
    trails_to: Ticks | None = None,
) -> Exits:  # fmt: skip
    """Return what the legs do with `qty` lots.

    Args:
        pair: what is traded.
        legs: a limit order is the target, anything else the stop.
        qty: of each leg.
        basis: what the way in cost (or brought), fees included; None if that is not known.
        maker: rate of a leg that rests.
        taker: rate of one that trades at the market.
        trails_to: where a trailing stop is reckoned to fire.
    """
    found: dict[bool, Exit] = {}
    for leg in legs:
        price = leg.price or leg.stop_price or trails_to
        if price is not None:
            rate = taker if leg.price is None else maker
            found[leg.order_type is OrderType.LIMIT] = _exit(pair, leg.side, price, qty, basis, rate)
    return Exits(found.get(True), found.get(False))


def _exit(pair: TradingPair, side: Side, price: Ticks, qty: Lots, basis: Units | None, rate: FeeRate) -> Exit:
    notional = pair.notional(price, qty)
    fee = rate.of(notional)
    if side is Side.SELL:
        money = Units(notional - fee)
        return Exit(price, fee, money, None if basis is None else Units(money - basis))
    money = Units(notional + fee)
    return Exit(price, fee, money, None if basis is None else Units(basis - money))


def pair_lock(pair: TradingPair, legs: tuple[SubmitOrder, ...], maker: FeeRate, taker: FeeRate) -> Units:
    """Return what two legs of one side set aside together: the larger of both, once."""
    return Units(max(_leg_lock(pair, leg, maker, taker) for leg in legs))


def _leg_lock(pair: TradingPair, leg: SubmitOrder, maker: FeeRate, taker: FeeRate) -> int:
    if leg.side is Side.BUY and leg.price is None:
        return 0  # it will be a market order, and locks nothing while it waits
    return resting_lock(pair, leg.side, leg.price or 0, leg.qty, maker, taker)


def share_of_cost(cost: Units, held: Lots, qty: Lots) -> Units | None:
    """Return what `qty` of the `held` lots cost, rounded up; None if fewer are held."""
    return Units(ceil_div(cost * qty, held)) if 0 < qty <= held else None


def fired_buy_cost(pair: TradingPair, order: SubmitOrder, at: Ticks, taker: FeeRate) -> Units:
    """Return about what a waiting buy without a limit will cost when it fires at `at`; 0 for any other order."""
    if order.side is Side.SELL or order.price is not None or order.order_type is OrderType.MARKET:
        return Units(0)
    notional = pair.notional(at, order.qty)
    return Units(notional + taker.of(notional))
