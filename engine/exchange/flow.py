"""Unfunded flow through the same book: the agents of the offline market.

Kept apart from funded commands because it is most of the work of a simulated market and has nothing
to check against an account.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain.event import TradeExecuted
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.exchange.floor import Floor
from engine.exchange.market import Market
from engine.matching.ladder import Resting

NO_FEE = Units(0)


def run_flow(floor: Floor, market: Market, orders: Iterable[FlowOrder]) -> None:
    """Let the orders act one after the other, each with all its consequences.

    Raises:
        InvalidInput: a quantity or price is not positive, or a resting key is used twice.
    """
    book, flow, symbol, events = market.book, market.flow, market.symbol, floor.events
    front, rest, take, recorder = book.front, book.rest, book.take, floor.recorder
    for at, kind, key, side, price, qty in orders:
        if at > floor.now:
            if at >= floor.deadlines.next_at:
                floor.pass_time(at)
            floor.now = at
        if kind == FlowKind.CANCEL:
            resting = flow.pop(key, None)
            if resting is not None:
                book.remove(resting)
            continue
        if qty <= 0 or price <= 0:
            raise InvalidInput(f"Flow order {key} of {symbol}: price and quantity must be positive.")
        is_buy = side == Side.BUY
        taker = Resting(None, key, is_buy, price, qty)
        while taker.left:
            maker = front(is_buy, price)
            if maker is None:
                break
            part = maker.left - maker.hidden
            if part > taker.left:
                part = taker.left
            if maker.owner is not None:
                floor.trade(market, maker, taker, part)
                continue
            take(maker, part)
            taker.left -= part
            if not maker.left:
                del flow[maker.key]
            floor.trade_id += 1
            at_price = Ticks(maker.price)
            events.append(
                TradeExecuted(
                    floor.trade_id,
                    symbol,
                    at_price,
                    Lots(part),
                    None,
                    None,
                    None,
                    None,
                    side,
                    NO_FEE,
                    NO_FEE,
                    floor.now,
                )
            )
            if recorder is not None and not recorder.is_idle:
                recorder.traded(symbol, maker, part, floor.trade_id, floor.now)
            floor.print_at(market, at_price)
        if taker.left and kind == FlowKind.LIMIT:
            if key in flow:
                raise InvalidInput(f"Flow order {key} of {symbol}: the key rests already.")
            rest(taker)
            flow[key] = taker
        floor.settle_down()
