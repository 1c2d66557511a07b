"""The preview of the ticket as lines of text: what it would do, what it costs, what target and stop bring."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.ticket_expiry import left_text
from crs_desktop.viewmodels.ticket_kind import GTD, Kind, Leg
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Lots, Nanos
from engine.domain.order import OrderType, Side
from engine.domain.pair import TradingPair
from engine.portfolio.exits import Exit, pair_lock
from engine.portfolio.preview import OrderPreview

if TYPE_CHECKING:
    from crs_desktop.viewmodels.ticket_state import TicketState

KEYS = (
    "fill", "impact", "trigger", "follows", "slices", "target", "loss", "reward", "fee", "total", "lock", "after",
    "expires", "room",
)  # fmt: skip
"""Every line there can be, from the top."""
DASHED = say(fmt.DASH)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the preview."""

    name: Sentence
    value: Sentence
    hidden: bool = False
    tone: str = "text"


def preview_lines(ticket: TicketState) -> dict[str, Line]:
    """Return the lines of the form's kind by key, with dashes while the order cannot be worked out."""
    names, seen = _names(ticket), ticket.seen
    if seen is None:
        return {key: Line(name, DASHED, key == "room") for key, name in names.items()}
    return {key: _line(key, name, ticket, seen) for key, name in names.items()}


def average_text(pair: TradingPair, average: Fraction) -> str:
    """Return a fraction of ticks as a price, rounded to the tick (half up)."""
    return fmt.price(pair, int(average + Fraction(1, 2)))


def _names(ticket: TicketState) -> dict[str, Sentence]:
    """Return which lines the kind has, in order."""
    form = ticket.form
    buys = form.side is Side.BUY
    waits = form.has_stop or form.has_trail
    total = say("Cost with fee") if buys else say("You receive")
    shown: dict[str, Sentence | None] = {
        "fill": say("Entry fill") if form.opens else None if form.kind is Kind.OCO else say("Average fill"),
        "impact": say("Price impact") if not (waits or form.is_list or form.displays) else None,
        "trigger": say("Fires") if waits else None,
        "follows": say("Then") if form.has_trail else say("The stop") if form.has_distance else None,
        "slices": say("Shows") if form.displays else None,
        "target": say("At the target") if Leg.TARGET in form.legs else None,
        "loss": say("At the stop") if form.is_list and form.legs != (Leg.TARGET,) else None,
        "reward": say("Reward to risk") if form.is_list and _has_reward(ticket) else None,
        "fee": say("Fee") if not form.is_list else None,
        "total": total if not form.is_list else None,
        "lock": say("Sets aside") if form.is_list else None,
        "after": say("Leaves you with") if not form.opens else None,
        "expires": say("Expires") if form.tif is GTD else None,
        "room": say("Risk limits"),
    }
    return {key: name for key in KEYS if (name := shown[key]) is not None}


def _has_reward(ticket: TicketState) -> bool:
    """Whether gain and loss can be told: of an OCO only if what it closes has a known cost."""
    if ticket.form.kind is not Kind.OCO:
        return ticket.form.kind is Kind.BRACKET
    return ticket.exits is not None and ticket.exits.target is not None and ticket.exits.target.profit is not None


def _line(key: str, name: Sentence, ticket: TicketState, seen: OrderPreview) -> Line:
    pair, exits = ticket.pair, ticket.exits
    if key == "room":
        return Line(name, ticket.room or DASHED, ticket.room is None)
    if key in ("target", "loss"):
        way_out = getattr(exits, key) if exits is not None else None
        return _exit_line(name, pair, way_out) if way_out is not None else Line(name, DASHED)
    if key == "total":
        return Line(name, say("{total} {quote}", total=fmt.money(pair.quote, seen.total, 2), quote=pair.quote.code))
    if key in ("fill", "impact") and seen.average is not None and not ticket.desk.is_synced:
        return Line(name, say("unknown until the book is in step"), tone="muted")
    makers = {
        "fill": _fill, "impact": _impact, "trigger": _trigger, "follows": _follows, "slices": _slices, "fee": _fee,
        "reward": _reward, "lock": _lock, "after": _after, "expires": _expires,
    }  # fmt: skip
    return Line(name, makers[key](ticket, seen))


def _fill(ticket: TicketState, seen: OrderPreview) -> Sentence:
    pair, price = ticket.pair, ticket.price
    if ticket.form.has_stop or ticket.form.has_trail:
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


def _impact(ticket: TicketState, seen: OrderPreview) -> Sentence:
    impact = seen.impact_bps
    if impact is None:
        return DASHED
    bps = fmt.grouped(f"{float(impact):.2f}")
    if seen.dropped:
        return say("{bps} bps, {qty} unfilled", bps=bps, qty=fmt.quantity(ticket.pair, seen.dropped))
    return say("{bps} bps", bps=bps)


def _trigger(ticket: TicketState, _seen: OrderPreview) -> Sentence:
    """Return at which price it fires now, and how far from the last price that is."""
    last, at = ticket.last_price, ticket.stop_price or ticket.reading.fires_at
    if at is None:
        return DASHED
    price = fmt.price(ticket.pair, at)
    if last is None:
        return say("at {price}", price=price)
    away = fmt.percent((at - last) * 10_000 // last if at >= last else -((last - at) * 10_000 // last))
    return say("at {price} ({away} from now)", price=price, away=away)


def _follows(ticket: TicketState, _seen: OrderPreview) -> Sentence:
    if ticket.form.exit_side is Side.SELL:
        return say("rises with each new high, never falls")
    return say("falls with each new low, never rises")


def _slices(ticket: TicketState, seen: OrderPreview) -> Sentence:
    display = ticket.reading.display
    if display is None or not seen.rests:
        return say("nothing: it trades at once")
    qty = fmt.quantity(ticket.pair, min(display, seen.rests))
    if seen.slices == 1:
        return say("all of it: {qty}", qty=qty)
    return say("{slices} slices of {qty}", slices=seen.slices, qty=qty)


def _exit_line(name: Sentence, pair: TradingPair, found: Exit) -> Line:
    price, quote = fmt.price(pair, found.price), pair.quote.code
    if found.profit is None:
        return Line(name, say("{money} {quote} · {price}", money=fmt.money(pair.quote, found.money, 2), quote=quote,
                              price=price))  # fmt: skip
    money = fmt.signed_money(pair.quote, found.profit, 2)
    tone = "up" if found.profit > 0 else "down" if found.profit < 0 else "text"
    return Line(name, say("{money} {quote} · {price}", money=money, quote=quote, price=price), tone=tone)


def _reward(ticket: TicketState, _seen: OrderPreview) -> Sentence:
    reward = ticket.exits.reward if ticket.exits is not None else None
    return DASHED if reward is None else say("{ratio} R, fees included", ratio=f"{float(reward):.2f}")


def _fee(ticket: TicketState, seen: OrderPreview) -> Sentence:
    pair = ticket.pair
    values = {"fee": fmt.money(pair.quote, seen.fee, 4), "quote": pair.quote.code}
    taker, maker = (fmt.rate(rate.decimal) for rate in (ticket.taker, ticket.maker))
    waits_for_market = ticket.price is None and ticket.form.order_type is not OrderType.MARKET
    if seen.taken.qty and seen.rests:
        return say("{fee} {quote} · taker, then maker", **values)
    if seen.taken.qty or waits_for_market:
        return say("{fee} {quote} · taker {rate}", rate=taker, **values)
    return say("{fee} {quote} · maker {rate}", rate=maker, **values)


def _lock(ticket: TicketState, seen: OrderPreview) -> Sentence:
    """Return what the list sets aside at once; of two legs the larger, once."""
    pair, form = ticket.pair, ticket.form
    buys = form.side is Side.BUY
    if not ticket.lock:
        if form.exit_side is Side.BUY:
            return _buying_back(ticket)
        if form.order_type is OrderType.MARKET and seen.taken.qty:
            values = {"qty": fmt.quantity(pair, Lots(seen.taken.qty)), "base": pair.base.code}
            if len(form.legs) == 1:
                return say("{qty} {base} for the exit, once filled", **values)
            return say("{qty} {base} for both legs, once filled", **values)
        return say("nothing until it fires")
    asset = pair.quote if buys else pair.base
    amount = fmt.money(asset, ticket.lock, 2 if buys else None)
    if form.kind is Kind.OCO:
        return say("{amount} {asset}, once for both", amount=amount, asset=asset.code)
    return say("{amount} {asset} for the entry", amount=amount, asset=asset.code)


def _buying_back(ticket: TicketState) -> Sentence:
    """Return what the ways out of a market sell set aside: only those with a limit do."""
    legs = ticket.draft().orders()[1:]
    lock = pair_lock(ticket.pair, legs, ticket.maker, ticket.taker)
    if not lock or ticket.form.order_type is not OrderType.MARKET:
        return say("nothing until it fires")
    quote = ticket.pair.quote
    return say("{amount} {quote} to buy back, once filled", amount=fmt.money(quote, lock, 2), quote=quote.code)


def _after(ticket: TicketState, seen: OrderPreview) -> Sentence:
    pair, qty = ticket.pair, fmt.quantity(ticket.pair, seen.position)
    if seen.side is Side.SELL and seen.taken.qty + seen.rests:
        closed = fmt.quantity(pair, Lots(seen.taken.qty + seen.rests))
        return say("{qty} {base} (closes {closed})", qty=qty, base=pair.base.code, closed=closed)
    return say("{qty} {base}", qty=qty, base=pair.base.code)


def _expires(ticket: TicketState, _seen: OrderPreview) -> Sentence:
    at, now = ticket.reading.expires, ticket.desk.feed.now
    if at is None:
        return DASHED
    shown = fmt.clock(at) if at - now < 86_400 * 10**9 else fmt.date_clock(at)[:-3]
    return say("{at} UTC, in {left}", at=shown, left=left_text(Nanos(at - now)))
