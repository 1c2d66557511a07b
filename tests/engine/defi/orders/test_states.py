"""An order never forgets a transaction whose fate is unknown, and settles each purchase once, whatever happens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.orders import states
from engine.defi.orders.limits import Confirmation, Limits, exceeded
from engine.defi.orders.order import (
    Attempt,
    DexOrder,
    LimitTerms,
    OrderState,
    SeriesTerms,
    Slot,
    SlotOutcome,
)
from engine.defi.token import Token
from engine.errors import InvalidInput
from engine.services.dex.orderfile import restored, stored

SELL, BUY = Token(1, "0x" + "1" * 40, "A", 18), Token(1, "0x" + "2" * 40, "B", 6)
SERIES = DexOrder("s", 1, "0xme", SELL, BUY, 10**30, SeriesTerms(1_000, 60, 5), Limits(), 900)
LIMIT = replace(SERIES, id="l", terms=LimitTerms(5, expires=2_000))


def attempt(order: DexOrder, step: str = "swap") -> Attempt:
    return Attempt(order.next_slot, step, order.account, 7, "print", 1_000, 3)


def done(order: DexOrder, outcome: SlotOutcome, now: int) -> Slot:
    return Slot(order.next_slot, now, outcome, now, 1, 2, 3, "0xhash")


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["look", "due", "send", "never", "step", "done", "failed", "pause", "resume", "cancel", "back", "declined"]
        ),
        st.integers(0, 90),
    ),
    max_size=40,
)


def after(order: DexOrder, event: str, now: int) -> DexOrder:
    match event:
        case "look":
            return states.looked_at(order, now)
        case "due":
            return states.fell_due(order)
        case "send":
            return states.sending(order, attempt(order))
        case "never":
            return states.never_sent(order, "why")
        case "step":
            return states.step_done(order)
        case "done" | "failed" if order.state is OrderState.SENDING:
            return states.settled(order, done(order, SlotOutcome(event), now), now)
        case "declined" if order.state is OrderState.DUE:
            return states.settled(order, done(order, SlotOutcome.DECLINED, now), now)
        case "pause":
            return states.paused(order)
        case "resume":
            return states.resumed(order, now)
        case "cancel":
            return states.cancelled(order)
        case "back":
            return states.put_back(order, "why")
    return order


@given(EVENTS, st.sampled_from([SERIES, LIMIT]))
def test_whatever_happens_purchases_are_settled_once_and_in_order(
    events: list[tuple[str, int]], order: DexOrder
) -> None:
    now = 950
    for event, passed in events:
        now += passed
        before = order
        try:
            order = after(order, event, now)
        except InvalidInput:
            assert order == before
        assert [each.number for each in order.slots] == list(range(len(order.slots)))
        assert order.slots[: len(before.slots)] == before.slots, "what is settled stays"
        assert (order.attempt is not None) == (order.state is OrderState.SENDING)
        if before.attempt is not None and order.attempt is None:
            assert event in ("never", "step", "done", "failed"), "its fate is known"
        if before.state.is_over:
            assert order == before
        assert restored(stored(order, now)) == order


def test_a_week_asleep_is_seven_missed_purchases_and_none_at_once() -> None:
    daily = replace(SERIES, terms=SeriesTerms(1_000, 86_400, 10))
    woken = states.looked_at(daily, 1_000 + 7 * 86_400 + 10)

    assert [each.outcome for each in woken.slots] == [SlotOutcome.MISSED] * 7
    assert states.is_ripe(woken, 1_000 + 7 * 86_400 + 10)
    assert woken.next_slot == 7


def test_a_purchase_may_be_late_by_its_tolerance_and_no_more() -> None:
    terms = SERIES.terms
    assert isinstance(terms, SeriesTerms)
    assert states.looked_at(SERIES, 1_000 + terms.tolerance).slots == ()
    assert len(states.looked_at(SERIES, 1_001 + terms.tolerance).slots) == 1


def test_a_series_pauses_after_three_failures_and_ends_after_its_last_purchase() -> None:
    order = SERIES
    for _ in range(3):
        order = states.sending(states.fell_due(order), attempt(order))
        order = states.settled(order, done(order, SlotOutcome.FAILED, 1_100), 1_100)
    assert order.state is OrderState.PAUSED

    order = states.resumed(order, 1_180)
    for _ in range(2):
        order = states.sending(states.fell_due(order), attempt(order))
        order = states.settled(order, done(order, SlotOutcome.DONE, 1_180), 1_180)
    assert order.state is OrderState.DONE
    assert order.why == "2 of 5 purchases were made, 3 failed."
    assert order.sold.units == 5


def test_a_cancel_waits_for_the_fate_of_what_is_on_its_way() -> None:
    order = states.sending(states.fell_due(SERIES), attempt(SERIES))
    order = states.cancelled(order)
    assert order.state is OrderState.SENDING
    assert states.settled(order, done(order, SlotOutcome.DONE, 1_010), 1_010).state is OrderState.CANCELLED
    assert states.never_sent(order).state is OrderState.CANCELLED


def test_a_limit_order_expires_only_while_nothing_is_on_its_way() -> None:
    assert states.looked_at(LIMIT, 2_000).state is OrderState.EXPIRED
    sent = states.sending(states.fell_due(LIMIT), attempt(LIMIT))
    assert states.looked_at(sent, 3_000) == sent


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (replace(SERIES, buy=SELL), "different"),
        (replace(SERIES, amount=0), "more than 0"),
        (replace(SERIES, terms=SeriesTerms(1_000, 1, 5)), "interval"),
        (replace(SERIES, terms=SeriesTerms(1_000, 60, 0)), "purchases"),
        (replace(SERIES, terms=SeriesTerms(1_000, 60, 5, tolerance_s=60)), "late"),
        (replace(LIMIT, terms=LimitTerms(0)), "price"),
        (replace(LIMIT, terms=LimitTerms(1, expires=1)), "expired"),
        (replace(SERIES, limits=Limits(Confirmation.WITHIN_LIMITS)), "bounds"),
    ],
)
def test_orders_that_cannot_be_are_refused_with_a_sentence(wrong: DexOrder, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        wrong.check(950)


def test_each_limit_says_which_it_is() -> None:
    limits = Limits(Confirmation.WITHIN_LIMITS, 50, 10**15, 2)
    assert exceeded(limits, gas_cost=10**15, slippage_bps=50, times_today=1) == ""
    assert "Gas" in exceeded(limits, gas_cost=10**15 + 1, slippage_bps=50, times_today=1)
    assert "slippage" in exceeded(limits, gas_cost=1, slippage_bps=51, times_today=1)
    assert "24 hours" in exceeded(limits, gas_cost=1, slippage_bps=None, times_today=2)
