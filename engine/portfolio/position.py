"""Positions by average cost, in exact integers.

Spot is long or flat. What is bought costs its notional plus the buying fee; what is sold takes its share
of that cost out, rounded *up* to a unit, so no profit is ever overstated and the last lot takes all that
is left. Realised profit is proceeds less the selling fee less that cost. At every moment, over the fills
of a pair: realised - cost held = proceeds - payments, fees included, to the last unit.

Lots that came by deposit are no part of a position, for nothing says what they cost. A sale takes the
position first; what it sells beyond it moves no profit (its fee, split in proportion, neither).
"""

from __future__ import annotations

from fractions import Fraction

from engine.domain.account import Position
from engine.domain.event import OrderFilled
from engine.domain.number import Lots, Ticks, Units, ceil_div
from engine.domain.order import Side
from engine.domain.pair import TradingPair


def flat(symbol: str) -> Position:
    """Return the position of a pair that was never traded."""
    return Position(symbol, Lots(0), Units(0), Units(0), Units(0))


def after_fill(position: Position, pair: TradingPair, fill: OrderFilled) -> Position:
    """Return the position once the fill is counted."""
    if fill.side is Side.BUY:
        cost = position.cost + pair.notional(fill.price, fill.qty) + fill.fee
        return position._replace(
            qty=Lots(position.qty + fill.qty), cost=Units(cost), fees=Units(position.fees + fill.fee)
        )
    sold = min(fill.qty, position.qty)
    cost_out, fee = 0, 0
    if sold:
        cost_out = ceil_div(position.cost * sold, position.qty)
        fee = ceil_div(fill.fee * sold, fill.qty)
    return position._replace(
        qty=Lots(position.qty - sold),
        cost=Units(position.cost - cost_out),
        realised=Units(position.realised + pair.notional(fill.price, sold) - fee - cost_out),
        fees=Units(position.fees + fill.fee),
    )


def unrealised(position: Position, pair: TradingPair, last: int) -> Units:
    """Return what selling at `last` would bring beyond the cost, before the selling fee, in quote units."""
    return Units(pair.notional(last, position.qty) - position.cost)


def average_ticks(position: Position, pair: TradingPair) -> Fraction | None:
    """Return the average cost of what is held in ticks, buying fees included; None when flat."""
    if not position.qty:
        return None
    return Fraction(position.cost, position.qty * pair.notional_unit)


def break_even_ticks(position: Position, pair: TradingPair, fee: Fraction) -> Ticks | None:
    """Return the lowest price at which selling all at the fee `fee` (< 1) loses nothing; None when flat."""
    average = average_ticks(position, pair)
    if average is None or fee >= 1:
        return None
    exact = average / (1 - fee)
    return Ticks(ceil_div(exact.numerator, exact.denominator))


class PositionBook:
    """One account's positions by pair, in the order of first trade."""

    def __init__(self) -> None:
        self._positions: dict[str, Position] = {}

    def apply(self, pair: TradingPair, fill: OrderFilled) -> Position:
        """Count a fill and return the pair's position after it."""
        position = after_fill(self.position(pair.symbol), pair, fill)
        self._positions[pair.symbol] = position
        return position

    def position(self, symbol: str) -> Position:
        """Return the pair's position, flat if it was never traded."""
        return self._positions.get(symbol) or flat(symbol)

    def positions(self) -> list[Position]:
        """Return every position that was ever traded."""
        return list(self._positions.values())
