"""The preview of the ticket as lines of text: fill price, cost, fee, what it leaves, room to the limits."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Lots
from engine.domain.order import OrderType, Side
from engine.domain.pair import TradingPair
from engine.portfolio.preview import OrderPreview

if TYPE_CHECKING:
    from crs_desktop.viewmodels.ticket import Ticket

KEYS = ("fill", "impact", "fee", "total", "after", "room")
DASHED = say(fmt.DASH)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the preview."""

    name: Sentence
    value: Sentence
    hidden: bool = False


def preview_lines(ticket: Ticket) -> dict[str, Line]:
    """Return the lines by key, with dashes while the order cannot be worked out."""
    seen, pair = ticket.seen, ticket.pair
    buys = ticket.form.side is Side.BUY
    names = {
        "fill": say("Average fill"),
        "impact": say("Price impact"),
        "fee": say("Fee"),
        "total": say("Cost with fee") if buys else say("You receive"),
        "after": say("Leaves you with"),
        "room": say("Risk limits"),
    }
    if seen is None:
        return {key: Line(name, DASHED, key == "room") for key, name in names.items()}
    quote = pair.quote.code
    values = {
        "fill": _fill(ticket, seen),
        "impact": _impact(seen, pair),
        "fee": _fee(ticket, seen),
        "total": say("{total} {quote}", total=fmt.money(pair.quote, seen.total, 2), quote=quote),
        "after": _after(ticket, seen),
        "room": ticket.room or DASHED,
    }
    return {key: Line(names[key], values[key], key == "room" and ticket.room is None) for key in KEYS}


def average_text(pair: TradingPair, average: Fraction) -> str:
    """Return a fraction of ticks as a price, rounded to the tick (half up)."""
    return fmt.price(pair, int(average + Fraction(1, 2)))


def _fill(ticket: Ticket, seen: OrderPreview) -> Sentence:
    pair, price = ticket.pair, ticket.price
    if ticket.form.has_stop:
        if price is not None:
            return say("{price}, once it fires", price=fmt.price(pair, price))
        return say("at market, once it fires")
    if seen.average is not None and seen.rests and price is not None:
        return say("{average}, rest {price}", average=average_text(pair, seen.average), price=fmt.price(pair, price))
    if seen.average is not None:
        return say("{average}", average=average_text(pair, seen.average))
    if price is not None and seen.rests:
        return say("{price}, rests in the book", price=fmt.price(pair, price))
    return say("does not trade")


def _impact(seen: OrderPreview, pair: TradingPair) -> Sentence:
    impact = seen.impact_bps
    if impact is None:
        return DASHED
    bps = fmt.grouped(f"{float(impact):.2f}")
    if seen.dropped:
        return say("{bps} bps, {qty} unfilled", bps=bps, qty=fmt.quantity(pair, seen.dropped))
    return say("{bps} bps", bps=bps)


def _fee(ticket: Ticket, seen: OrderPreview) -> Sentence:
    pair = ticket.pair
    values = {"fee": fmt.money(pair.quote, seen.fee, 4), "quote": pair.quote.code}
    taker, maker = (fmt.rate(rate.decimal) for rate in (ticket.taker, ticket.maker))
    if ticket.form.order_type is OrderType.STOP:
        return say("{fee} {quote} · taker {rate}", rate=taker, **values)
    if seen.taken.qty and seen.rests:
        return say("{fee} {quote} · taker, then maker", **values)
    if seen.taken.qty:
        return say("{fee} {quote} · taker {rate}", rate=taker, **values)
    return say("{fee} {quote} · maker {rate}", rate=maker, **values)


def _after(ticket: Ticket, seen: OrderPreview) -> Sentence:
    pair, qty = ticket.pair, fmt.quantity(ticket.pair, seen.position)
    if seen.side is Side.SELL and seen.taken.qty + seen.rests:
        closed = fmt.quantity(pair, Lots(seen.taken.qty + seen.rests))
        return say("{qty} {base} (closes {closed})", qty=qty, base=pair.base.code, closed=closed)
    return say("{qty} {base}", qty=qty, base=pair.base.code)
