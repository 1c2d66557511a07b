"""Whether an order is sound: every reason of ENGINE.md, in its documented order, with a sentence.

`shape_fault` needs nothing but the order and its pair's grid; the others look at the book and the
account. A command that was read from text brings the faults the reader found; the gravest of all
faults, by the order of the members of `Reason`, is the answer.
"""

from __future__ import annotations

from engine.domain.command import AmendOrder, Fault, SubmitOrder
from engine.domain.order import OrderType, Reason, SelfTrade, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.exchange import sentences
from engine.exchange.account import Account
from engine.exchange.floor import Floor
from engine.exchange.market import Market
from engine.exchange.order import BUILT, LIMITED, STOPPED, WorkingOrder
from engine.matching.selftrade import LEAVES
from engine.portfolio.lock import resting_lock

RANK: dict[Reason, int] = {reason: rank for rank, reason in enumerate(Reason)}
"""Lower is graver."""


NAMES: dict[OrderType, str] = {
    OrderType.STOP_LIMIT: "stop-limit",
    OrderType.TAKE_PROFIT: "take-profit",
    OrderType.TAKE_PROFIT_LIMIT: "take-profit limit",
    OrderType.TRAILING_STOP: "trailing stop",
}
"""What a person calls a type, where that is not its word in commands."""


def gravest(faults: list[Fault]) -> Fault | None:
    """Return the fault that is reported when there are several."""
    return min(faults, key=lambda fault: RANK[fault.reason]) if faults else None


def no_market(symbol: str) -> Fault:
    """Return the fault of an order in a pair that is not listed."""
    return Fault(Reason.UNKNOWN_SYMBOL, f"{symbol} is not traded here.")


def used_id(order_id: str) -> Fault:
    """Return the fault of an order whose id was used before."""
    return Fault(Reason.DUPLICATE_ID, f"The id {order_id} was used before, for another order.")


def shape_fault(order: SubmitOrder) -> Fault | None:
    """Return what is wrong with the order's own fields, None if nothing is."""
    if _is_plain(order):
        return None
    faults = list(order.faults)
    text = _form(order)
    if text is not None:
        faults.append(Fault(Reason.BAD_ORDER, text))
    if order.qty <= 0:
        faults.append(Fault(Reason.BAD_QUANTITY, "The quantity must be positive."))
    if order.price is not None and order.price <= 0:
        faults.append(Fault(Reason.BAD_PRICE, "The price must be positive."))
    if order.stop_price is not None and order.stop_price <= 0:
        faults.append(Fault(Reason.BAD_STOP, "The stop price must be positive."))
    elif order.stop_price is None and order.order_type in STOPPED:
        faults.append(Fault(Reason.BAD_STOP, f"A {_name(order.order_type)} order needs a stop price."))
    return gravest(faults)


def _is_plain(order: SubmitOrder) -> bool:
    """Whether it is one of the sound limit orders that most orders are; the full checks would agree."""
    return (
        order.order_type is OrderType.LIMIT
        and not order.faults
        and order.qty > 0
        and order.price is not None
        and order.price > 0
        and order.tif is not TimeInForce.GTD
        and not order.reduce_only
        and order.stop_price is None
        and order.expire_ts is None
        and order.display_qty is None
        and order.trail is None
        and order.trail_bps is None
    )


def _form(order: SubmitOrder) -> str | None:
    kind, name = order.order_type, _name(order.order_type)
    if kind not in BUILT:
        return f"{name.capitalize()} orders are not available yet."
    for present, flag in (
        (order.reduce_only, "Reduce-only"),
        (order.display_qty is not None, "A displayed quantity (iceberg)"),
        (order.trail is not None or order.trail_bps is not None, "A trailing distance"),
        (order.tif is TimeInForce.GTD or order.expire_ts is not None, "Good till date"),
    ):
        if present:
            return f"{flag} is not available yet."
    if kind in LIMITED and order.price is None:
        return f"A {name} order needs a price."
    if kind not in LIMITED and order.price is not None:
        return f"A {name} order takes no price."
    if kind not in STOPPED and order.stop_price is not None:
        return f"A {name} order takes no stop price."
    if kind not in LIMITED and order.tif is not TimeInForce.GTC:
        return f"A {name} order takes no time in force; it trades at once or not at all."
    if order.post_only and kind is not OrderType.LIMIT:
        return f"A {name} order cannot be post-only; only a limit order can."
    if kind in STOPPED and order.tif is TimeInForce.FOK:
        return f"A {name} order cannot be fill-or-kill; nobody knows the book in which it will fire."
    return None


def _name(kind: OrderType) -> str:
    return NAMES.get(kind, kind.value)


def market_fault(order: SubmitOrder, market: Market) -> Fault | None:
    """Return what the book has against a well-formed order."""
    pair, book = market.pair, market.book
    best = book.best_ask if order.side == "buy" else book.best_bid
    reference = order.price or order.stop_price or best or book.last_price
    if reference is not None:
        notional = pair.notional(reference, order.qty)
        if notional < pair.min_notional:
            return Fault(Reason.MIN_NOTIONAL, sentences.below_minimum(notional, pair))
    if order.order_type is not OrderType.LIMIT:
        return None
    price = order.price or 0
    if order.post_only and (fault := taking_fault(order.side == "buy", price, market)):
        return fault
    if order.tif is TimeInForce.FOK:
        there = fillable(order, market)
        if there < order.qty:
            return Fault(Reason.FOK_NOT_FILLABLE, sentences.not_fillable(order.qty, there, pair))
    return None


def taking_fault(is_buy: bool, price: int, market: Market) -> Fault | None:
    """Return why a post-only order must not stand at `price`."""
    best = market.book.best_ask if is_buy else market.book.best_bid
    if best is None or (price < best if is_buy else price > best):
        return None
    text = sentences.would_take("buy" if is_buy else "sell", price, best, market.pair)
    return Fault(Reason.POST_ONLY_WOULD_TAKE, text)


def fillable(order: SubmitOrder, market: Market) -> int:
    """Return how many lots a fill-or-kill order would get, at most its quantity.

    Own orders count only if trading with oneself is allowed. A mode that cancels the taker ends the
    walk at the first own order: from there on the order would fill no further.
    """
    there = 0
    for maker in market.book.fills(order.side == "buy", order.price):
        if there >= order.qty:
            break
        own = isinstance(maker, WorkingOrder) and maker.account.account_id == order.account
        if own and order.stp is not SelfTrade.NONE:
            if LEAVES[order.stp].taker:
                break
            continue
        there += maker.left
    return min(there, order.qty)


def funds_fault(order: SubmitOrder, account: Account, market: Market, rates: tuple[FeeRate, FeeRate]) -> Fault | None:
    """Return why the account cannot carry the order."""
    pair = market.pair
    if order.side == "buy" and order.price is None:
        if order.order_type in STOPPED:
            return None  # a market-type buy locks nothing while it waits
        return _short(Floor.market_cost(market, order.qty, rates[1]), account, pair, True)
    need = resting_lock(pair, order.side, order.price or 0, order.qty, *rates)
    return _short(need, account, pair, order.side == "buy")


def _short(need: int, account: Account, pair: TradingPair, is_buy: bool, locked: int = 0) -> Fault | None:
    free = account.free(pair.quote.code if is_buy else pair.base.code) + locked
    if need <= free:
        return None
    sentence = sentences.missing_quote if is_buy else sentences.missing_base
    return Fault(Reason.INSUFFICIENT_FUNDS, sentence(need, free, pair))


def amend_fault(order: WorkingOrder, command: AmendOrder, market: Market) -> Fault | None:
    """Return why an open order must not be changed so."""
    pair = market.pair
    filled = order.qty - order.left
    faults = list(command.faults)
    if command.price is not None and not order.has_limit:
        faults.append(Fault(Reason.BAD_ORDER, "The order has no limit price to change."))
    if command.stop_price is not None and not order.is_waiting:
        faults.append(Fault(Reason.BAD_ORDER, "The order waits for no stop price that could be changed."))
    if command.qty is not None and command.qty <= filled:
        faults.append(Fault(Reason.BAD_QUANTITY, f"The new total must exceed the {pair.qty_text(filled)} filled."))
    if command.price is not None and command.price <= 0:
        faults.append(Fault(Reason.BAD_PRICE, "The price must be positive."))
    if command.stop_price is not None and command.stop_price <= 0:
        faults.append(Fault(Reason.BAD_STOP, "The stop price must be positive."))
    if faults:
        return gravest(faults)
    qty, price, stop = amended(order, command)
    reference = price if order.has_limit else stop
    notional = pair.notional(reference, qty)
    if notional < pair.min_notional:
        return Fault(Reason.MIN_NOTIONAL, sentences.below_minimum(notional, pair))
    if order.command.post_only and (fault := taking_fault(order.is_buy, price, market)):
        return fault
    need = order.lock_for(price, qty - filled)
    return _short(need, order.account, pair, order.is_buy, order.locked) if need > order.locked else None


def amended(order: WorkingOrder, command: AmendOrder) -> tuple[int, int, int]:
    """Return total quantity, limit and stop price as they would be after the amend."""
    return (
        order.qty if command.qty is None else command.qty,
        order.price if command.price is None else command.price,
        order.stop if command.stop_price is None else command.stop_price,
    )
