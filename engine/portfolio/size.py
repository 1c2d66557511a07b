"""Quantities from money: what an amount, or a share of what is free, buys or sells.

Every quantity is rounded *down* to the lot, and the rounding is part of the answer, so the ticket can
show what stays over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.domain.market import Level
from engine.domain.number import Lots, Units
from engine.domain.pair import FeeRate, TradingPair

BPS = 10_000


class Size(NamedTuple):
    """A quantity made from an amount."""

    qty: Lots
    spent: Units
    """Of the amount: with fee for a buy, base units for a sell."""
    over: Units
    """What rounding down to the lot (or a thin book) leaves of the amount."""


def share(free: int, share_bps: int) -> Units:
    """Return a share (10,000 = all) of a free amount, rounded down to a unit."""
    return Units(free * share_bps // BPS)


def size_to_sell(pair: TradingPair, base_units: int) -> Size:
    """Return how many whole lots an amount of the base is."""
    qty = base_units // pair.lot_unit
    spent = pair.base_units(qty)
    return Size(Lots(qty), spent, Units(base_units - spent))


def size_at_price(pair: TradingPair, quote_units: int, price: int, fee: FeeRate) -> Size:
    """Return the most lots whose notional at `price` ticks plus fee an amount of the quote pays."""
    qty = _affordable(pair, quote_units, price, fee)
    spent = _cost(pair, price, qty, fee)
    return Size(Lots(qty), Units(spent), Units(quote_units - spent))


def size_by_walking(pair: TradingPair, quote_units: int, asks: Sequence[Level], fee: FeeRate) -> Size:
    """Return the most lots that an amount of the quote buys from the displayed asks (best first), fee by level."""
    qty, left = 0, quote_units
    for level in asks:
        part = min(level.qty, _affordable(pair, left, level.price, fee))
        qty += part
        left -= _cost(pair, level.price, part, fee)
        if part < level.qty:
            break
    return Size(Lots(qty), Units(quote_units - left), Units(left))


def _cost(pair: TradingPair, price: int, qty: int, fee: FeeRate) -> int:
    notional = pair.notional(price, qty)
    return notional + fee.of(notional)


def _affordable(pair: TradingPair, quote_units: int, price: int, fee: FeeRate) -> int:
    """Return the most lots: cost = notional + ceil(notional x rate) <= amount, solved without rounding."""
    per_lot = pair.notional(price, 1)
    return quote_units * fee.denominator // (per_lot * (fee.denominator + fee.numerator))
