"""What the window says of an order, or of the rest of one, that has not filled: refused, ended, or still open.

Where an open order stands is asked of the venue and of the shown book when the page is made.
"""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.queue import ABOUT, distance_sentence, is_seen, place_sentence
from crs_desktop.viewmodels.trailing import fires_at
from crs_desktop.viewmodels.why_page import (
    Course,
    Fact,
    Page,
    arrival_facts,
    book_rows,
    market_facts,
    moment,
    print_rows,
    rested_at,
    span,
)
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.event import OrderRejected
from engine.domain.number import Nanos
from engine.domain.order import CancelReason, OrderStatus, OrderType, Side
from engine.domain.pair import TradingPair
from engine.domain.why import Place, QueueStep, WaitExplained
from engine.services.order_fold import OrderRecord

CANCELLED = {
    CancelReason.USER: say("It was cancelled as asked."),
    CancelReason.IOC: say("It was immediate-or-cancel: what did not trade at once was cancelled."),
    CancelReason.NO_LIQUIDITY: say("A market order takes what there is; the book had no more, so it was cancelled."),
    CancelReason.STP: say("It would have traded with an order of your own; self-trade prevention cancelled it."),
    CancelReason.OCO: say("Another order of its list traded, fired or ended, so this one was cancelled."),
    CancelReason.INSUFFICIENT_FUNDS: say("It could not be paid for when its turn came, so it was cancelled."),
}


def refused_page(refused: OrderRejected) -> Page:
    """Return why an order never lived."""
    return Page(
        say("It was refused: {text}", text=refused.text),
        say("A refused order changes nothing: no money was set aside and nothing was traded."),
        (Fact(say("Refused"), moment(refused.at)), Fact(say("Rule"), refused.reason.value)),
        tone="error",
    )


def unfilled_page(desk: Desk, record: OrderRecord) -> Page:
    """Return why (the rest of) an order has not filled."""
    if record.status is OrderStatus.WORKING:
        return _working(desk, record)
    if record.status is OrderStatus.WAITING:
        return _waiting(desk, record)
    if record.status is OrderStatus.PENDING:
        headline = say(
            "It has not started: it does when order {entry} has ended, with what that filled.",
            entry=record.starts_after or "",
        )
        return Page(headline, facts=_order_facts(desk, record))
    return _ended(desk, record)


def _ended(desk: Desk, record: OrderRecord) -> Page:
    if record.status is OrderStatus.EXPIRED:
        until = record.order.expire_ts or record.ended_at or 0
        headline = say("It was good till {until} UTC, which came before the market reached it.", until=moment(until))
    elif record.note in set(CancelReason):
        headline = CANCELLED[CancelReason(record.note)]
    else:
        headline = say("It was cancelled.")
    pair, wait = desk.pairs[record.order.symbol], desk.venue.waits(record.order.order_id)
    ended = record.ended_at or record.accepted_at
    accepted, filled = _order_facts(desk, record)
    lived = (Fact(say("Ended"), moment(ended)), Fact(say("Lived for"), span(ended - record.accepted_at)))
    if wait is None or wait.arrival is None:
        return Page(headline, _distance(desk, record), (accepted, *lived, filled))
    left = () if not wait.queue else (Fact(say("Ahead at last"), _qty(pair, wait.queue[-1].ahead)),)
    course = Course(wait.queue, ended, wait.prints, "ended") if any(step.ahead for step in wait.queue) else None
    return Page(
        headline,
        _distance(desk, record),
        (*left, *lived, filled, *arrival_facts(pair, wait.arrival), *market_facts(pair, wait.arrival)),
        book_rows(pair, wait.arrival),
        course,
        print_rows(pair, wait.prints),
        NOTHING if wait.prints or not wait.queue else say("No print came to its price."),
    )


def _working(desk: Desk, record: OrderRecord) -> Page:
    pair, order_id = desk.pairs[record.order.symbol], record.order.order_id
    place, wait = desk.venue.place_in_queue(order_id), desk.venue.waits(order_id)
    headline = say("It is working.") if place is None else place_sentence(pair, place)
    accepted, filled = _order_facts(desk, record)
    if wait is None or wait.arrival is None:
        return Page(headline, _distance(desk, record), (accepted, filled, *_place_facts(pair, place)))
    waited = Fact(say("In the queue for"), span(desk.feed.now - rested_at(wait.arrival, wait.queue)))
    facts = (*_place_facts(pair, place), waited, filled)
    return Page(
        headline,
        _distance(desk, record),
        (*facts, *arrival_facts(pair, wait.arrival), *market_facts(pair, wait.arrival)),
        book_rows(pair, wait.arrival),
        _course(wait, place, desk.feed.now),
        print_rows(pair, wait.prints),
        NOTHING if wait.prints else say("No print has come to its price yet."),
    )


def _course(wait: WaitExplained, place: Place | None, now: Nanos) -> Course | None:
    steps = wait.queue
    if place is not None and place.ahead is not None and (not steps or steps[-1].ahead != place.ahead):
        steps = (*steps, QueueStep(now, place.ahead))
    return Course(steps, now, wait.prints, "now") if any(step.ahead for step in steps) else None


def _waiting(desk: Desk, record: OrderRecord) -> Page:
    order, pair = record.order, desk.pairs[record.order.symbol]
    last = desk.market_data.last_price(order.symbol)
    stop = fires_at(desk, record.shown()) if order.order_type is OrderType.TRAILING_STOP else order.stop_price
    if stop is None:
        return Page(
            say("It follows the best price, of which there is none yet; until it fires it stands in no queue."),
            facts=_order_facts(desk, record),
        )
    headline = say(
        "It waits until the last price reaches {stop}; until then it stands in no queue.", stop=fmt.price(pair, stop)
    )
    return Page(headline, _trigger_distance(pair, stop, last), _order_facts(desk, record))


def _trigger_distance(pair: TradingPair, stop: int, last: int | None) -> Sentence:
    if last is None:
        return say("There is no last price yet.")
    return say(
        "The last price is {last}, {away} ({bps} bps) away.",
        last=fmt.price(pair, last),
        away=fmt.price(pair, abs(stop - last)),
        bps=fmt.basis_points(abs(stop - last), last, 2),
    )


def _distance(desk: Desk, record: OrderRecord) -> Sentence:
    """Return how far the market is now from the limit of an order, if it has one."""
    order = record.order
    if order.price is None or order.symbol not in desk.markets:
        return NOTHING
    book, buys = desk.market_data.book(order.symbol), order.side is Side.BUY
    best = book.best_ask if buys else book.best_bid
    return distance_sentence(desk.pairs[order.symbol], buys=buys, price=order.price, best=best)


def _order_facts(desk: Desk, record: OrderRecord) -> tuple[Fact, Fact]:
    pair, order = desk.pairs[record.order.symbol], record.order
    filled = f"{fmt.quantity(pair, record.filled)} / {fmt.quantity(pair, order.qty)} {pair.base.code}"
    return (Fact(say("Accepted"), moment(record.accepted_at)), Fact(say("Filled so far"), filled))


def _qty(pair: TradingPair, lots: int) -> str:
    return f"{fmt.quantity(pair, lots)} {pair.base.code}"


def _place_facts(pair: TradingPair, place: Place | None) -> tuple[Fact, ...]:
    if place is None:
        return ()
    about = ABOUT if place.is_estimate else ""
    ahead = fmt.DASH if place.ahead is None else about + _qty(pair, place.ahead)
    if not is_seen(place):
        return Fact(say("Ahead now"), ahead), Fact(say("At its price"), say("not shown by the feed now"))
    return (
        Fact(say("Ahead now"), ahead),
        Fact(say("Behind it"), about + _qty(pair, place.behind)),
        Fact(say("At its price"), _qty(pair, place.level_qty)),
    )
