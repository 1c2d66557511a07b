"""What an open order sets aside, in one place for the kernel and for whoever rebuilds its accounts.

The lock is always recomputed from what remains, never counted down, so it cannot drift from the order.
A market order, and a waiting order that will be one, sets nothing aside for a buy: it has no price.
"""

from __future__ import annotations

from engine.domain.number import Units
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair


def resting_lock(pair: TradingPair, side: Side, price: int, left: int, maker: FeeRate, taker: FeeRate) -> Units:
    """Return what an order sets aside for `left` lots at `price` ticks.

    Returns:
        For a buy the notional plus its fee at the higher of the two rates, rounded up, in quote units;
        for a sell the quantity in base units, whatever the price.
    """
    if side is Side.SELL:
        return pair.base_units(left)
    notional = pair.notional(price, left)
    higher = taker if maker < taker else maker
    return Units(notional + higher.of(notional))
