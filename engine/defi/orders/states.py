"""Which changes an order knows: each takes an order and gives another, or says why it cannot be.

waiting -> due -> sending -> done | failed; a series goes from sending back to waiting until its last purchase is
settled, and after an approval an order waits for the price of its swap. What was written down as `Attempt` is never
dropped before the fate of its transaction is known: that keeps an order from being carried out twice.
"""

from __future__ import annotations

from dataclasses import replace

from engine.defi.farming.farm import DAY_S
from engine.defi.orders.limits import Limits
from engine.defi.orders.order import (
    FORGOTTEN,
    MOST_ALLOWED,
    Attempt,
    DexOrder,
    LimitTerms,
    OrderState,
    SeriesTerms,
    Slot,
    SlotOutcome,
)
from engine.errors import InvalidInput

FAILURES_BORNE = 3
"""Purchases of a series that may fail one after the other before it pauses by itself."""


def looked_at(order: DexOrder, now: int) -> DexOrder:
    """Return an order as the clock leaves it: expired, or with purchases that were missed.

    Of a series that was not looked at for long every purchase whose time passed is told as missed; none is made up
    for, so that a program that was closed for a week does not buy seven times at once.
    """
    if order.state not in (OrderState.WAITING, OrderState.DUE, OrderState.PAUSED):
        return order
    terms = order.terms
    if isinstance(terms, LimitTerms):
        if terms.expires is not None and now >= terms.expires:
            return replace(order, state=OrderState.EXPIRED, why="Its price was not reached in time.")
        return order
    while order.next_slot < terms.count and now > terms.due(order.next_slot) + terms.tolerance:
        order = _settled(order, _missed(order, terms, now), now)
    return order


def is_ripe(order: DexOrder, now: int) -> bool:
    """Return whether an order that waits may be looked at for its price: always, or once its hour has come."""
    if order.state is not OrderState.WAITING:
        return False
    return isinstance(order.terms, LimitTerms) or now >= order.terms.due(order.next_slot)


def fell_due(order: DexOrder) -> DexOrder:
    """Return the order with its price or hour come.

    Raises:
        InvalidInput: it does not wait.
    """
    _must_be(order, OrderState.WAITING)
    return replace(order, state=OrderState.DUE, why="")


def put_back(order: DexOrder, why: str) -> DexOrder:
    """Return an order that fell due and could not be carried out (yet): it waits again; nothing was sent."""
    if order.state is OrderState.WAITING:
        return order if order.why == why else replace(order, why=why)
    _must_be(order, OrderState.DUE)
    return replace(order, state=OrderState.WAITING, why=why)


def sending(order: DexOrder, attempt: Attempt) -> DexOrder:
    """Return the order with a transaction that is about to be sent; kept on the disk before it is.

    Raises:
        InvalidInput: it is not due, or the transaction is of another purchase.
    """
    _must_be(order, OrderState.DUE)
    if attempt.slot != order.next_slot:
        raise InvalidInput(f"Purchase {attempt.slot + 1} is not the next one of this order.")
    return replace(order, state=OrderState.SENDING, attempt=attempt, why="")


def never_sent(order: DexOrder, why: str = "") -> DexOrder:
    """Return an order whose transaction is known not to have left: it waits again."""
    _must_be(order, OrderState.SENDING)
    return _unless_cancelled(replace(order, state=OrderState.WAITING, attempt=None, why=why))


def step_done(order: DexOrder) -> DexOrder:
    """Return an order whose approval is in a block: it waits again, for its swap at the price of then.

    After too many it is paused: the token does not keep what it is told.
    """
    _must_be(order, OrderState.SENDING)
    found = replace(order, state=OrderState.WAITING, attempt=None, why="", allowed=order.allowed + 1)
    return _unless_cancelled(paused(found, FORGOTTEN) if found.allowed >= MOST_ALLOWED else found)


def settled(order: DexOrder, slot: Slot, now: int) -> DexOrder:
    """Return an order with a purchase whose fate is known.

    Raises:
        InvalidInput: the purchase is not the next one.
    """
    if slot.number != order.next_slot:
        raise InvalidInput(f"Purchase {slot.number + 1} is not the next one of this order.")
    return _settled(order, slot, now)


def paused(order: DexOrder, why: str = "") -> DexOrder:
    """Return the order at rest.

    Raises:
        InvalidInput: it is over, or a transaction of it is on its way.
    """
    if order.state is OrderState.PAUSED:
        return order
    _must_be(order, OrderState.WAITING, OrderState.DUE)
    return replace(order, state=OrderState.PAUSED, why=why)


def resumed(order: DexOrder, now: int) -> DexOrder:
    """Return a paused order that waits again; purchases that passed meanwhile are told as missed.

    Raises:
        InvalidInput: it is not paused.
    """
    _must_be(order, OrderState.PAUSED)
    return looked_at(replace(order, state=OrderState.WAITING, why="", allowed=0), now)


def cancelled(order: DexOrder) -> DexOrder:
    """Return the order cancelled; while a transaction is on its way, as soon as its fate is known.

    Raises:
        InvalidInput: it is over.
    """
    if order.state.is_over:
        raise InvalidInput(f"This order is {order.state} already.")
    if order.state is OrderState.SENDING:
        return replace(order, cancel_wanted=True, why="A transaction is on its way; the order ends with it.")
    return replace(order, state=OrderState.CANCELLED, why="")


def edited(
    order: DexOrder, now: int, *, amount: int, terms: LimitTerms | SeriesTerms, limits: Limits, note: str | None = None
) -> DexOrder:
    """Return the order with other terms; what is settled stays.

    Raises:
        InvalidInput: it is over, on its way, of the other kind, or the terms cannot be.
    """
    _must_be(order, OrderState.WAITING, OrderState.PAUSED)
    if type(terms) is not type(order.terms):
        raise InvalidInput("A limit order stays one, and so does a series; make a new order instead.")
    if isinstance(terms, SeriesTerms) and terms.count <= order.next_slot:
        raise InvalidInput(f"{order.next_slot} purchases are settled already; a series must have more than that.")
    found = replace(order, amount=amount, terms=terms, limits=limits, note=order.note if note is None else note, why="")
    found.check(now)
    return found


def times_today(order: DexOrder, now: int) -> int:
    """Return how often the order was carried out, or tried on the chain, in the last 24 hours."""
    counted = (SlotOutcome.DONE, SlotOutcome.FAILED)
    return sum(each.outcome in counted and now - each.at < DAY_S for each in order.slots)


def _settled(order: DexOrder, slot: Slot, now: int) -> DexOrder:
    slots = (*order.slots, slot)
    state, why = _after(order, slots, now)
    found = replace(order, slots=slots, attempt=None, state=state, why=why, allowed=0)
    return _unless_cancelled(found)


def _after(order: DexOrder, slots: tuple[Slot, ...], now: int) -> tuple[OrderState, str]:
    last = slots[-1]
    if isinstance(order.terms, LimitTerms):
        ends = {SlotOutcome.DONE: OrderState.DONE, SlotOutcome.FAILED: OrderState.FAILED}
        return ends.get(last.outcome, OrderState.CANCELLED), last.why
    if len(slots) >= order.terms.count:
        done = any(each.outcome is SlotOutcome.DONE for each in slots)
        return (OrderState.DONE if done else OrderState.FAILED), _summary(slots)
    recent = slots[-FAILURES_BORNE:]
    if len(recent) == FAILURES_BORNE and all(each.outcome is SlotOutcome.FAILED for each in recent):
        return OrderState.PAUSED, f"{FAILURES_BORNE} purchases failed one after the other; the last: {last.why}"
    return (OrderState.PAUSED if order.state is OrderState.PAUSED else OrderState.WAITING), last.why


def _missed(order: DexOrder, terms: SeriesTerms, now: int) -> Slot:
    if order.state is OrderState.PAUSED:
        why = "The order was paused then."
    elif order.why:
        why = order.why
    else:
        why = "The program was closed then, or the chain did not answer."
    return Slot(order.next_slot, terms.due(order.next_slot), SlotOutcome.MISSED, now, why=why)


def _summary(slots: tuple[Slot, ...]) -> str:
    counts = {kind: sum(each.outcome is kind for each in slots) for kind in SlotOutcome}
    rest = [f"{count} {kind}" for kind, count in counts.items() if count and kind is not SlotOutcome.DONE]
    return f"{counts[SlotOutcome.DONE]} of {len(slots)} purchases were made" + (
        f", {', '.join(rest)}." if rest else "."
    )


def _unless_cancelled(order: DexOrder) -> DexOrder:
    if order.cancel_wanted and not order.state.is_over:
        return replace(order, state=OrderState.CANCELLED, why="")
    return order


def _must_be(order: DexOrder, *states: OrderState) -> None:
    if order.state not in states:
        wanted = " or ".join(states)
        raise InvalidInput(f"The order is {order.state}; it would have to be {wanted} for that.")
