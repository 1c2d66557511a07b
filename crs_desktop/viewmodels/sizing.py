"""From a wish (an amount of money, a share of the funds) to whole lots, always rounded down.

Levels are those an order would trade with, best first. What is called affordable can be paid whatever
the number of fills: fees are counted as if every lot were its own fill, rounded up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.domain.market import Level
from engine.domain.number import Lots, Ticks, Units, ceil_div
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair


class Walk(NamedTuple):
    """What an arriving order would trade now."""

    lots: int
    tick_lots: int
    """Sum of price x quantity; times the pair's `notional_unit` = quote units."""
    fee: Units
    worst: Ticks | None

    @property
    def average_ticks(self) -> float | None:
        """The average price in ticks, for the screen."""
        return self.tick_lots / self.lots if self.lots else None


def walk(
    pair: TradingPair, side: Side, levels: Sequence[Level], lots: int, rate: FeeRate, limit: Ticks | None = None
) -> Walk:
    """Trade up to `lots` with the levels, none worse than `limit`; the fee is rounded up per level."""
    left, tick_lots, fee = lots, 0, 0
    worst: Ticks | None = None
    for price, qty in levels:
        beyond = limit is not None and (price > limit if side is Side.BUY else price < limit)
        if left <= 0 or beyond:
            break
        taken = min(left, qty)
        left -= taken
        tick_lots += price * taken
        fee += rate.of(pair.notional(price, taken))
        worst = price
    return Walk(lots - left, tick_lots, Units(fee), worst)


def lots_for_value(pair: TradingPair, levels: Sequence[Level], value: int) -> Lots:
    """Return how many lots of the levels `value` quote units are worth, without fee."""
    lots = 0
    for price, qty in levels:
        fits = value // pair.notional(price, 1)
        lots += min(fits, qty)
        if fits <= qty:
            break
        value -= pair.notional(price, qty)
    return Lots(lots)


def affordable_at_market(pair: TradingPair, levels: Sequence[Level], funds: int, rate: FeeRate) -> Lots:
    """Return how many lots of the levels `funds` quote units buy, fees included."""
    lots = 0
    for price, qty in levels:
        notional = pair.notional(price, 1)
        per_lot = notional + rate.of(notional)
        fits = funds // per_lot
        lots += min(fits, qty)
        if fits <= qty:
            break
        funds -= per_lot * qty
    return Lots(lots)


def affordable_at(pair: TradingPair, price: Ticks, funds: int, rate: FeeRate) -> Lots:
    """Return how many lots at one price `funds` quote units pay for, the fee on the whole included."""
    return Lots(max(0, funds) * rate.denominator // (pair.notional(price, 1) * (rate.denominator + rate.numerator)))


def value_at(pair: TradingPair, price: Ticks, value: int) -> Lots:
    """Return how many lots at one price `value` quote units are worth, without fee."""
    return Lots(max(0, value) // pair.notional(price, 1))


def held_lots(pair: TradingPair, base_units: int) -> Lots:
    """Return base units as whole lots."""
    return Lots(base_units // pair.lot_unit)


def step_lots(lots: int) -> int:
    """Return a comfortable step for a quantity: one unit of its second digit, at least one lot."""
    return int(10 ** max(0, len(str(max(1, lots))) - 2))


def stepped(value: int, step: int, steps: int) -> int:
    """Return the multiple of `step` that lies `steps` away (the nearest one first), at least one step."""
    if steps >= 0:
        return max(step, (value // step + steps) * step)
    return max(step, (ceil_div(value, step) + steps) * step)
