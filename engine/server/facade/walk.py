"""How much a sum of quote money buys or sells at the market: walking the displayed book, rounded down to the lot."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.domain.market import Level
from engine.domain.number import Lots
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput


def lots_for(pair: TradingPair, levels: Sequence[Level], money: Decimal, fee: FeeRate | None) -> Lots:
    """Return the lots that `money` of the quote asset comes to; `levels` are of the side that is met, best first.

    `fee` is what a buyer pays on top, so that all of it together stays within the money; None for a sale.
    """
    try:
        budget = int(pair.quote.units(money))
    except InvalidInput:
        return Lots(0)
    lots = 0
    for price, qty in levels:
        fits = min(qty, _affordable(pair, price, budget, fee))
        lots += fits
        if fits < qty:
            break
        notional = pair.notional(price, fits)
        budget -= notional + (fee.of(notional) if fee else 0)
    return Lots(lots)


def _affordable(pair: TradingPair, price: int, budget: int, fee: FeeRate | None) -> int:
    unit = pair.notional(price, 1)
    if fee is None:
        return budget // unit
    lots = budget * fee.denominator // (unit * (fee.denominator + fee.numerator))
    while lots > 0 and unit * lots + fee.of(unit * lots) > budget:
        lots -= 1
    return lots
