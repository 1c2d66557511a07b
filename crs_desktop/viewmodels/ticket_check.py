"""Why an order cannot be sent, in the words of the person who fills in the ticket.

The venue has the last word; what is found here is found before the key press. The order of the checks is
that of the venue's own reasons.
"""

from __future__ import annotations

from decimal import Decimal

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.preview import Preview, Terms
from crs_desktop.viewmodels.sizing import held_lots
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.account import Balance
from engine.domain.number import Units
from engine.domain.order import OrderType, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.portfolio.lock import resting_lock
from engine.settings import Settings


def problem(terms: Terms, seen: Preview, *, base: Balance, quote: Balance, post_only: bool) -> Sentence | None:
    """Return the first reason not to send it, None if there is none."""
    found = _minimum(terms) or _arrival(terms, seen, post_only)
    if found is not None:
        return found
    return _cash(terms, seen, quote) if terms.side is Side.BUY else _holding(terms, base)


def _minimum(terms: Terms) -> Sentence | None:
    pair = terms.pair
    price = terms.price if terms.price is not None else terms.stop_price
    if price is None:
        price = terms.opposite[0].price if terms.opposite else None
    if price is None or pair.notional(price, terms.lots) >= pair.min_notional:
        return None
    return say(
        "The smallest order is {least} {quote}; this one is {value}.",
        least=fmt.money(pair.quote, pair.min_notional, 2),
        quote=pair.quote.code,
        value=fmt.money(pair.quote, pair.notional(price, terms.lots), 2),
    )


def _arrival(terms: Terms, seen: Preview, post_only: bool) -> Sentence | None:
    pair = terms.pair
    if terms.order_type is OrderType.MARKET and not terms.opposite:
        return say("Nobody sells now.") if terms.side is Side.BUY else say("Nobody buys now.")
    if post_only and seen.now.lots:
        best = fmt.price(pair, terms.opposite[0].price)
        if terms.side is Side.BUY:
            return say("Post-only: this would trade at once; the best ask is {price}.", price=best)
        return say("Post-only: this would trade at once; the best bid is {price}.", price=best)
    if terms.order_type is OrderType.LIMIT and terms.tif is TimeInForce.FOK and seen.now.lots < terms.lots:
        return say("Fill or kill: the book does not hold {qty} at this price.", qty=fmt.quantity(pair, terms.lots))
    return None


def needed(terms: Terms, seen: Preview) -> Units:
    """Return what a buy must have free to be accepted, in quote units."""
    if terms.price is not None:
        return resting_lock(terms.pair, Side.BUY, terms.price, terms.lots, terms.maker, terms.taker)
    return seen.total


def _cash(terms: Terms, seen: Preview, quote: Balance) -> Sentence | None:
    pair, need = terms.pair, needed(terms, seen)
    if need <= quote.free:
        return None
    surplus = 10 ** max(0, pair.quote.decimals - 2)
    return say(
        "You need {more} {quote} more: {need} with the fee, {free} available.",
        more=fmt.money(pair.quote, -(-(need - quote.free) // surplus) * surplus, 2),
        quote=pair.quote.code,
        need=fmt.money(pair.quote, -(-need // surplus) * surplus, 2),
        free=fmt.money(pair.quote, quote.free, 2),
    )


def _holding(terms: Terms, base: Balance) -> Sentence | None:
    pair = terms.pair
    free, total = held_lots(pair, base.free), held_lots(pair, base.total)
    if terms.lots <= free:
        return None
    code = pair.base.code
    if total == 0:
        return say("You hold no {base} to sell. Spot has no short positions.", base=code)
    if terms.lots <= total:
        return say(
            "{locked} of your {total} {base} are locked by open orders; {free} are free to sell.",
            locked=fmt.quantity(pair, total - free),
            total=fmt.quantity(pair, total),
            free=fmt.quantity(pair, free),
            base=code,
        )
    return say(
        "You hold {total} {base}; you cannot sell {qty}. Spot has no short positions.",
        total=fmt.quantity(pair, total),
        qty=fmt.quantity(pair, terms.lots),
        base=code,
    )


def over_limit(pair: TradingPair, seen: Preview, side: Side, last: int | None, settings: Settings) -> Sentence | None:
    """Return which of the money limits of the settings it exceeds; the venue's gate checks all of them."""
    limit = settings.risk.max_order_value
    value = pair.quote.amount(seen.value)
    if limit is not None and value > limit:
        return say(
            "{value} {quote} exceeds your limit of {limit} per order. Change it under Settings › Risk.",  # noqa: RUF001
            value=fmt.money(pair.quote, seen.value, 2),
            quote=pair.quote.code,
            limit=fmt.grouped(fmt.decimal_text(limit)),
        )
    most = settings.risk.max_position_value
    if side is Side.BUY and most is not None and last is not None:
        after = pair.notional(last, seen.held_after)
        if pair.quote.amount(after) > most:
            return say(
                "You would hold {value} {quote}, over your limit of {limit}. Change it under Settings › Risk.",  # noqa: RUF001
                value=fmt.money(pair.quote, after, 2),
                quote=pair.quote.code,
                limit=fmt.grouped(fmt.decimal_text(most)),
            )
    return None


def room(pair: TradingPair, seen: Preview, last: int | None, settings: Settings) -> Sentence | None:
    """Return how far the order stays below the tightest money limit, None if none is set."""
    left: list[Decimal] = []
    if settings.risk.max_order_value is not None:
        left.append(settings.risk.max_order_value - pair.quote.amount(seen.value))
    if settings.risk.max_position_value is not None and last is not None:
        left.append(settings.risk.max_position_value - pair.quote.amount(pair.notional(last, seen.held_after)))
    if not left or min(left) < 0:
        return None
    return say("{left} {quote} below your limits", left=fmt.grouped(f"{min(left):.2f}"), quote=pair.quote.code)
