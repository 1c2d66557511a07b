"""What a position tool says: size from what may be lost, money at risk and at the target, R.

Amounts are whole units of the quote, before fees. The size is the most whole lots whose loss at the stop is no more
than the share of the equity: rounded down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from crs_desktop.viewmodels.drawings.shape import Anchor, Shape
from engine.domain.number import Lots, Units
from engine.domain.pair import TradingPair
from engine.portfolio.size import share

TARGET_R = 2
"""A fresh position aims at this many times its risk."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A trade as it was drawn; prices in ticks."""

    is_long: bool
    entry: int
    stop: int
    target: int
    reward_ratio: Decimal
    """R: the way to the target over the way to the stop."""
    lots: Lots
    risk: Units
    """Lost at the stop."""
    reward: Units
    """Won at the target."""
    cost: Units
    """Notional at the entry."""
    known: bool
    """Whether the equity is known; if not, there is no size."""
    affordable: bool
    """Whether the account could pay for it: spot has no credit."""


def plan(pair: TradingPair, shape: Shape, equity: int | None) -> Plan:
    """Return the figures of a position tool for an account worth `equity` quote units."""
    entry, stop, target = (near(pair, anchor.price) for anchor in shape.anchors)
    distance = max(abs(entry - stop), 1)
    budget = share(max(equity or 0, 0), shape.style.risk_bps)
    lots = Lots(budget // pair.notional(distance, 1))
    cost = pair.notional(entry, lots)
    return Plan(
        shape.kind == "long",
        entry,
        stop,
        target,
        Decimal(abs(target - entry)) / distance,
        lots,
        pair.notional(distance, lots),
        pair.notional(abs(target - entry), lots),
        cost,
        equity is not None,
        equity is not None and cost <= equity,
    )


def near(pair: TradingPair, price: Decimal) -> int:
    """Return the tick nearest to a price, at least 1."""
    exact = pair.ticks(price)
    return max(1, exact if exact is not None else round(price / pair.tick))


def sound(pair: TradingPair, shape: Shape) -> Shape:
    """Return a position with stop and target on their sides of the entry and one right edge; others unchanged.

    A stop on the wrong side is mirrored at the entry; a missing target is set at `TARGET_R`.
    """
    sign = 1 if shape.kind == "long" else -1
    entry, stop = (near(pair, anchor.price) for anchor in shape.anchors[:2])
    entry = max(entry, 2)  # room for a stop, or a target, below
    right = shape.anchors[1].at
    away = max(abs(entry - stop), 1)
    stop = max(1, entry - sign * away)
    fresh = len(shape.anchors) == 2
    ahead = TARGET_R * away if fresh else max(abs(near(pair, shape.anchors[2].price) - entry), 1)
    target = max(1, entry + sign * ahead)
    anchors = (
        Anchor(shape.anchors[0].at, pair.price(entry)),
        Anchor(right, pair.price(stop)),
        Anchor(right, pair.price(target)),
    )
    return replace(shape, anchors=anchors)
