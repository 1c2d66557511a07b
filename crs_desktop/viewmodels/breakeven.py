"""Breakeven: the stop of a position moves to its average cost: the selling fee and slippage are left to lose.

The average cost includes the buying fees, as the positions show it; it is rounded up to the tick. The stop of a bracket
or an OCO goes before one that stands alone, and of several the newest. A stop that follows the price already needs no
moving, and one that stands above the average cost secures a profit that is not given away.
"""

from __future__ import annotations

from dataclasses import dataclass

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.event import OrderRejected
from engine.domain.number import Ticks, ceil_div
from engine.domain.order import OrderStatus, OrderType, Side
from engine.domain.pair import TradingPair
from engine.services.orders import OrderRecord

MOVED = "The stop is at {price} now, your average cost."


@dataclass(frozen=True, slots=True)
class Move:
    """A stop, and the price to which it goes."""

    record: OrderRecord
    to: Ticks

    @property
    def limit(self) -> Ticks | None:
        """The limit of a stop-limit order, moved by as much as its stop; None for a market-type stop."""
        order = self.record.order
        if order.price is None or order.stop_price is None:
            return None
        return Ticks(max(1, order.price + self.to - order.stop_price))


def stop_to_move(desk: Desk, pair: TradingPair | None = None) -> Move | Sentence:
    """Return which stop of a pair (the desk's, if None) goes where, or why none does."""
    pair = pair or desk.pair
    position = desk.portfolio.position(pair.symbol)
    if position is None or position.qty <= 0:
        return say("You hold no position in {symbol}.", symbol=pair.symbol)
    stops = [each for each in desk.orders.records(pair.symbol) if _is_stop(each)]
    if not stops:
        return say("No stop protects your position in {symbol}. S, then Stop in the ticket.", symbol=pair.symbol)
    found = max(stops, key=lambda each: (each.list_id is not None, each.number))
    to = Ticks(ceil_div(position.cost, pair.notional(1, position.qty)))
    price = fmt.price(pair, to)
    if found.order.stop_price == to:
        return say("The stop is at your average cost already, {price}.", price=price)
    if found.order.stop_price is not None and found.order.stop_price > to:
        above = fmt.price(pair, found.order.stop_price)
        return say("The stop is above your average cost already: {stop}, not {price}.", stop=above, price=price)
    last = desk.market_data.last_price(pair.symbol)
    if last is not None and last <= to:
        return say(
            "The last price, {last}, is not above your average cost, {price}: a stop there would fire at once.",
            last=fmt.price(pair, last), price=price,
        )  # fmt: skip
    return Move(found, to)


async def move_stop(desk: Desk, move: Move) -> Sentence:
    """Move it, and return what to say: `MOVED`, or the venue's reason.

    Raises:
        VenueUnavailable, StorageUnavailable: as `Venue.amend`.
    """
    answer = await desk.orders.amend(move.record.order.order_id, stop_price=move.to, price=move.limit)
    if isinstance(answer, OrderRejected):
        return verbatim(answer.text)
    return Sentence(MOVED, {"price": fmt.price(desk.pairs[move.record.order.symbol], move.to)})


def _is_stop(record: OrderRecord) -> bool:
    """Whether it is a sell stop that waits, or will once its entry has filled."""
    order = record.order
    return (
        order.side is Side.SELL
        and order.order_type in (OrderType.STOP, OrderType.STOP_LIMIT)
        and record.status in (OrderStatus.WAITING, OrderStatus.PENDING)
    )
