"""Why an order cannot be sent, in the words of the person who fills in the ticket.

The venue has the last word; what can be known before the key press is found here. The order of the checks is
that of the venue's own reasons.
"""

from __future__ import annotations

from collections.abc import Sequence

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.account import Balance
from engine.domain.command import SubmitOrder
from engine.domain.market import Level
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import AccountId, OrderType, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.portfolio.preview import Funds, OrderPreview
from engine.portfolio.size import size_to_sell
from engine.risk.gate import Gate, RiskContext
from engine.risk.limits import LimitBook


def value_of(seen: OrderPreview) -> Units:
    """Return the notional of everything that trades or rests, in quote units."""
    return Units(seen.total - seen.fee if seen.side is Side.BUY else seen.total + seen.fee)


def problem(order: SubmitOrder, seen: OrderPreview, opposite: Sequence[Level], funds: Funds) -> Sentence | None:
    """Return the first reason not to send it, None if there is none."""
    found = (
        _display(order, seen.pair)
        or _minimum(order, seen, opposite)
        or reducing(order, seen.pair, funds.base)
        or _arrival(order, seen, opposite)
    )
    if found is not None or not seen.missing:
        return found
    if order.side is Side.SELL:
        return _holding(order, seen.pair, funds.base)
    return _cash(seen.pair, seen.needed, funds.quote.free)


def legs_problem(
    orders: Sequence[SubmitOrder], pair: TradingPair, base: Balance, quote: Balance, lock: Units
) -> Sentence | None:
    """Return the first reason not to send target and stop; `lock` is what an OCO sets aside at once, else 0."""
    for order in orders:
        price = order.price if order.price is not None else order.stop_price
        if price is not None and pair.notional(price, order.qty) < pair.min_notional:
            return say(
                "The smallest order is {least} {quote}; at {price} this one is {value}.",
                least=fmt.money(pair.quote, pair.min_notional, 2),
                quote=pair.quote.code,
                price=fmt.price(pair, price),
                value=fmt.money(pair.quote, pair.notional(price, order.qty), 2),
            )
    free = quote.free if orders[0].side is Side.BUY else base.free
    found = reducing(orders[0], pair, base) if lock else None
    if found is not None or lock <= free:
        return found
    return _cash(pair, lock, free) if orders[0].side is Side.BUY else _holding(orders[0], pair, base)


def reducing(order: SubmitOrder, pair: TradingPair, base: Balance) -> Sentence | None:
    """Return why a reduce-only order would not only reduce."""
    if not order.reduce_only:
        return None
    if order.side is Side.BUY:
        return say("Reduce-only: on spot a buy never reduces what you hold.")
    held = size_to_sell(pair, base.total).qty
    if order.qty <= held:
        return None
    return say(
        "Reduce-only: it would sell {qty} {base}, you hold {held}.",
        qty=fmt.quantity(pair, order.qty),
        base=pair.base.code,
        held=fmt.quantity(pair, held),
    )


def _display(order: SubmitOrder, pair: TradingPair) -> Sentence | None:
    if order.display_qty is None or order.display_qty <= order.qty:
        return None
    qty = fmt.quantity(pair, order.qty)
    return say("It cannot show more than there is of it: {qty} {base}.", qty=qty, base=pair.base.code)


def _minimum(order: SubmitOrder, seen: OrderPreview, opposite: Sequence[Level]) -> Sentence | None:
    if not seen.below_minimum:
        return None
    pair = seen.pair
    least = {"least": fmt.money(pair.quote, pair.min_notional, 2), "quote": pair.quote.code}
    price = order.price if order.price is not None else order.stop_price
    if price is None and opposite:
        price = opposite[0].price
    if price is None:
        return say("The smallest order is {least} {quote}.", **least)
    value = fmt.money(pair.quote, pair.notional(price, order.qty), 2)
    return say("The smallest order is {least} {quote}; this one is {value}.", value=value, **least)


def _arrival(order: SubmitOrder, seen: OrderPreview, opposite: Sequence[Level]) -> Sentence | None:
    pair, buys = seen.pair, order.side is Side.BUY
    if order.order_type is OrderType.MARKET and not opposite:
        return say("Nobody sells now.") if buys else say("Nobody buys now.")
    if order.post_only and opposite and order.price is not None:
        best = opposite[0].price
        if buys and order.price >= best:
            return say("Post-only: this would trade at once; the best ask is {price}.", price=fmt.price(pair, best))
        if not buys and order.price <= best:
            return say("Post-only: this would trade at once; the best bid is {price}.", price=fmt.price(pair, best))
    if order.tif is TimeInForce.FOK and seen.taken.qty < order.qty:
        return say("Fill or kill: the book does not hold {qty} at this price.", qty=fmt.quantity(pair, order.qty))
    return None


def _cash(pair: TradingPair, needed: int, free: int) -> Sentence:
    cent = 10 ** max(0, pair.quote.decimals - 2)
    return say(
        "You need {more} {quote} more: {need} with the fee, {free} available.",
        more=fmt.money(pair.quote, -(-(needed - free) // cent) * cent, 2),
        quote=pair.quote.code,
        need=fmt.money(pair.quote, -(-needed // cent) * cent, 2),
        free=fmt.money(pair.quote, free, 2),
    )


def _holding(order: SubmitOrder, pair: TradingPair, base: Balance) -> Sentence:
    free, total = size_to_sell(pair, base.free).qty, size_to_sell(pair, base.total).qty
    code, total_text = pair.base.code, fmt.quantity(pair, total)
    if total == 0:
        return say("You hold no {base} to sell. Spot has no short positions.", base=code)
    if order.qty <= total:
        return say(
            "{locked} of your {total} {base} are locked by open orders; {free} are free to sell.",
            locked=fmt.quantity(pair, total - free),
            total=total_text,
            free=fmt.quantity(pair, free),
            base=code,
        )
    qty = fmt.quantity(pair, order.qty)
    return say("You hold {total} {base}, not {qty}. Spot has no short positions.", total=total_text, qty=qty, base=code)


def over_limit(order: SubmitOrder, context: RiskContext, gate: Gate) -> Sentence | None:
    """Return which limit the order exceeds, in the gate's own words."""
    fault = gate.check(order, context)
    return verbatim(fault.text) if fault is not None else None


def room(seen: OrderPreview, last: int | None, limits: LimitBook, account: AccountId) -> Sentence | None:
    """Return how far the order stays below the tightest limit of money, None if none is set."""
    left: list[int] = []
    order = limits.effective("max_order_value", account, seen.pair)
    if order is not None:
        left.append(order.value - value_of(seen))
    position = limits.effective("max_position_value", account, seen.pair)
    if position is not None and last is not None:
        left.append(position.value - seen.pair.notional(last, seen.position))
    if not left or min(left) < 0:
        return None
    quote = seen.pair.quote
    return say("{left} {quote} below your limits", left=fmt.money(quote, min(left), 2), quote=quote.code)


def context_of(
    pair: TradingPair,
    seen: OrderPreview,
    *,
    held: Lots,
    buying: int,
    selling: int,
    open_orders: int,
    last: int | None,
    bid: Ticks | None,
    ask: Ticks | None,
    day_pnl: Units,
) -> RiskContext:
    """Return what the gate must know."""
    return RiskContext(
        pair=pair,
        held=held,
        selling=Lots(selling),
        buying=Lots(buying),
        open_orders=open_orders,
        last=Ticks(last) if last is not None else None,
        best_bid=bid,
        best_ask=ask,
        worst=seen.worst,
        day_pnl=day_pnl,
    )
