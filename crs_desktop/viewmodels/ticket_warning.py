"""What the venue would take, but a person should know first: it would fire at once, or could not pay when it fires."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.ticket_form import TicketForm
from crs_desktop.viewmodels.ticket_kind import Kind
from crs_desktop.viewmodels.ticket_read import Market, Reading, entry_price
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.account import Balance
from engine.domain.command import SubmitOrder
from engine.domain.number import Ticks
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.exits import fired_buy_cost


def warning(
    form: TicketForm,
    reading: Reading,
    order: SubmitOrder,
    pair: TradingPair,
    market: Market,
    quote: Balance,
    taker: FeeRate,
) -> Sentence | None:
    """Return what to know before sending; None if there is nothing."""
    if form.is_list:
        found = _levels(form, reading, pair, market)
        if found is not None or form.kind is Kind.OCO:
            return found
    if reading.stop is not None and market.last is not None and fires(order.side, form, reading.stop, market.last):
        return say("It would fire at once: the last price is {last}.", last=fmt.price(pair, market.last))
    at = reading.stop if reading.stop is not None else reading.fires_at if form.has_trail else None
    return _unpaid(order, at, pair, quote, taker) if at is not None else None


def fires(side: Side, form: TicketForm, stop: int, last: int) -> bool:
    """Whether a stop or take-profit price holds already."""
    above = (side is Side.BUY) != form.takes_profit
    return last >= stop if above else last <= stop


def _unpaid(order: SubmitOrder, at: Ticks, pair: TradingPair, quote: Balance, taker: FeeRate) -> Sentence | None:
    cost = fired_buy_cost(pair, order, at, taker)
    if cost <= quote.free:
        return None
    return say(
        "It would be cancelled when it fires: it needs about {need} {quote}, {free} are free.",
        need=fmt.money(pair.quote, cost, 2),
        quote=pair.quote.code,
        free=fmt.money(pair.quote, quote.free, 2),
    )


def _levels(form: TicketForm, reading: Reading, pair: TradingPair, market: Market) -> Sentence | None:
    """Return which leg would go off as soon as it is alive."""
    start = entry_price(form, reading, market)
    sells = form.exit_side is Side.SELL
    if start is None or reading.problem is not None:
        return None
    shown, loss, target = fmt.price(pair, start), reading.loss, reading.target
    if loss is not None and (loss >= start if sells else loss <= start):
        if form.kind is Kind.OCO:
            return say("The stop would fire at once: the last price is {last}.", last=shown)
        return say("The stop is on the wrong side of the entry, {entry}: it would fire at once.", entry=shown)
    best = market.meets(form.exit_side) if form.kind is Kind.OCO else start
    if best is not None and target is not None and (target <= best if sells else target >= best):
        if form.kind is Kind.OCO:
            return say("The target would trade at once: the book is at {best}.", best=fmt.price(pair, best))
        return say("The target is on the wrong side of the entry, {entry}: it would trade at once.", entry=shown)
    return None
