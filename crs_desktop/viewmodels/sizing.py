"""Steps and values of quantities, beyond what `engine.portfolio.size` offers: always whole lots, rounded down."""

from __future__ import annotations

from collections.abc import Sequence

from engine.domain.market import Level
from engine.domain.number import Lots, ceil_div
from engine.domain.pair import TradingPair


def lots_for_value(pair: TradingPair, levels: Sequence[Level], value: int) -> Lots:
    """Return how many lots of the levels (best first) `value` quote units are worth, without fee."""
    lots = 0
    for price, qty in levels:
        fits = value // pair.notional(price, 1)
        lots += min(fits, qty)
        if fits <= qty:
            break
        value -= pair.notional(price, qty)
    return Lots(lots)


def step_lots(lots: int) -> int:
    """Return a comfortable step for a quantity: one unit of its second digit, at least one lot."""
    return int(10 ** max(0, len(str(max(1, lots))) - 2))


def stepped(value: int, step: int, steps: int) -> int:
    """Return the multiple of `step` that lies `steps` away (the nearest one first), at least one step."""
    if steps >= 0:
        return max(step, (value // step + steps) * step)
    return max(step, (ceil_div(value, step) + steps) * step)
