"""Prices that a drawing stands for: levels of Fibonacci, a line's price at an instant. Exact where the input is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crs_desktop.viewmodels.drawings.shape import Anchor, Shape
from engine.domain.number import EXACT
from engine.domain.pair import TradingPair

LINES = frozenset({"trend", "ray", "extended", "arrow", "channel"})


def retracement(start: Decimal, end: Decimal, ratios: Sequence[Decimal]) -> list[Decimal]:
    """Return the price of each ratio of the way back from `end` (0) to `start` (1)."""
    way = EXACT.subtract(start, end)
    return [EXACT.add(end, EXACT.multiply(way, ratio)) for ratio in ratios]


def extension(start: Decimal, end: Decimal, back: Decimal, ratios: Sequence[Decimal]) -> list[Decimal]:
    """Return the price of each ratio of the move from `start` to `end`, begun again at `back`."""
    way = EXACT.subtract(end, start)
    return [EXACT.add(back, EXACT.multiply(way, ratio)) for ratio in ratios]


def levels(shape: Shape) -> list[tuple[Decimal, Decimal]]:
    """Return ratio and price of every level of a Fibonacci drawing."""
    ratios = shape.style.levels
    start, end, *back = (anchor.price for anchor in shape.anchors)
    found = extension(start, end, back[0], ratios) if back else retracement(start, end, ratios)
    return list(zip(ratios, found, strict=True))


def ticks(pair: TradingPair, price: Decimal) -> float:
    """Return a price in ticks, as charts count."""
    return float(price / pair.tick)


def price_at(shape: Shape, at: int) -> Decimal | None:
    """Return the price of a drawing's line at an instant: straight in time; None where there is no line, or no one.

    A channel answers with its base line, a horizontal line or price label with its price.
    """
    if shape.kind in ("horizontal", "label"):
        return shape.anchors[0].price
    if shape.kind not in LINES:
        return None
    one, other = shape.anchors[:2]
    if one.at == other.at:
        return None
    first, last = min(one, other), max(one, other)
    extends_left = shape.kind == "extended" or (shape.kind == "ray" and other.at < one.at)
    extends_right = shape.kind == "extended" or (shape.kind == "ray" and other.at > one.at)
    if (at < first.at and not extends_left) or (at > last.at and not extends_right):
        return None
    return _between(one, other, at)


def _between(one: Anchor, other: Anchor, at: int) -> Decimal:
    way = EXACT.multiply(EXACT.subtract(other.price, one.price), Decimal(at - one.at))
    return one.price + way / (other.at - one.at)
