"""What every Venue promises, checked on each of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.domain.command import AmendOrder, CancelOrder, SubmitList, SubmitOrder
from engine.domain.event import (
    BalanceChanged,
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    PositionChanged,
)
from engine.domain.number import Lots, Ticks
from engine.domain.order import CancelReason, ListKind, OrderId, OrderType, Reason, Side
from engine.domain.pair import TradingPair
from engine.ports.venue import ListAccepted, ListCancelled, Venue
from tests.contract.markets import Running, running, server

__all__ = ["running", "server"]

pytestmark = pytest.mark.integration


def first(engine: Running) -> TradingPair:
    return engine.venue.pairs()[0]


def order(
    engine: Running, name: str, *, market: bool = False, away: float = 0.95, qty: int | None = None
) -> SubmitOrder:
    pair = first(engine)
    bid = engine.best_bid(pair.symbol)
    price = Ticks(int(bid * away))
    whole = pair.min_notional * 4 // pair.notional(price, 1) + 1
    return SubmitOrder(
        account=engine.venue.account,
        order_id=OrderId(name),
        symbol=pair.symbol,
        side=Side.BUY,
        order_type=OrderType.MARKET if market else OrderType.LIMIT,
        qty=Lots(qty or whole),
        price=None if market else price,
    )


def bracket(engine: Running, name: str, *, market: bool = False, qty: int | None = None) -> SubmitList:
    """A bracket: what would buy at the market or below it, with a target above and a stop below."""
    entry = order(engine, f"{name}-entry", market=market, qty=qty)
    bid = engine.best_bid(entry.symbol)
    target = replace(
        entry, order_id=OrderId(f"{name}-target"), side=Side.SELL, order_type=OrderType.LIMIT, price=Ticks(bid * 2)
    )
    stop = replace(
        entry, order_id=OrderId(f"{name}-stop"), side=Side.SELL, order_type=OrderType.STOP, price=None,
        stop_price=Ticks(bid // 2),
    )  # fmt: skip
    return SubmitList(entry.account, OrderId(name), ListKind.BRACKET, (entry, target, stop))


def heard(engine: Running) -> list[object]:
    events: list[object] = []
    for kind in (
        OrderAccepted, OrderRejected, LegStarted, OrderFilled, OrderAmended, OrderCancelled, BalanceChanged,
        PositionChanged,
    ):  # fmt: skip
        engine.bus.subscribe(kind, events.append)
    return events


async def test_it_says_who_it_is_and_what_can_be_traded(running: Running) -> None:
    venue: Venue = running.venue

    assert venue.name.startswith("127.0.0.1:") if running.moves else venue.name == "PAPER"
    assert venue.is_live is running.moves
    assert len({pair.symbol for pair in venue.pairs()}) == len(venue.pairs()) >= 1
    assert venue.account


async def test_facts_are_published_before_the_answer_is_given(running: Running) -> None:
    events = heard(running)
    answer = await running.venue.submit(order(running, "o1"))

    assert isinstance(answer, OrderAccepted)
    assert events[0] == answer


async def test_a_market_order_fills_and_moves_money_and_position(running: Running) -> None:
    events = heard(running)
    await running.venue.submit(order(running, "o1", market=True))

    fills = [event for event in events if isinstance(event, OrderFilled)]
    assert fills
    assert fills[-1].left == 0
    assert any(isinstance(event, PositionChanged) for event in events)
    held = {event.asset for event in events if isinstance(event, BalanceChanged)}
    assert held == {first(running).base.code, first(running).quote.code}


async def test_the_same_order_again_gets_the_first_answer_and_changes_nothing(running: Running) -> None:
    sent = order(running, "o1")
    answer = await running.venue.submit(sent)
    events = heard(running)

    assert await running.venue.submit(sent) == answer
    assert events == []


async def test_the_same_id_for_another_order_is_refused(running: Running) -> None:
    await running.venue.submit(order(running, "o1"))
    answer = await running.venue.submit(order(running, "o1", away=0.9))

    assert isinstance(answer, OrderRejected)
    assert answer.reason is Reason.DUPLICATE_ID


async def test_a_refusal_is_an_answer_with_a_sentence(running: Running) -> None:
    answer = await running.venue.submit(order(running, "o1", qty=10**12))

    assert isinstance(answer, OrderRejected)
    assert answer.reason is Reason.INSUFFICIENT_FUNDS
    assert answer.text.endswith(".")


async def test_an_open_order_can_be_amended_and_cancelled_once(running: Running) -> None:
    sent = order(running, "o1")
    await running.venue.submit(sent)
    amended = await running.venue.amend(
        AmendOrder(account=sent.account, order_id=sent.order_id, qty=Lots(sent.qty * 2))
    )
    cancelled = await running.venue.cancel(CancelOrder(sent.account, sent.order_id))
    again = await running.venue.cancel(CancelOrder(sent.account, sent.order_id))

    assert isinstance(amended, OrderAmended)
    assert isinstance(cancelled, OrderCancelled)
    assert cancelled.left == sent.qty * 2
    assert isinstance(again, OrderRejected)
    assert again.reason is Reason.UNKNOWN_ORDER


async def test_a_list_is_accepted_order_by_order_and_its_legs_start_after_the_entry(running: Running) -> None:
    events = heard(running)
    sent = bracket(running, "L", market=True)
    answer = await running.venue.submit_list(sent)

    assert isinstance(answer, ListAccepted)
    assert [each.order for each in answer.orders] == list(sent.orders)
    assert [each.starts_after for each in answer.orders] == [None, "L-entry", "L-entry"]
    assert events[:3] == list(answer.orders)
    started = [event for event in events if isinstance(event, LegStarted)]
    filled = sum(event.qty for event in events if isinstance(event, OrderFilled))
    assert [(event.order_id, event.qty) for event in started] == [("L-target", filled), ("L-stop", filled)]


async def test_the_same_list_again_gets_the_first_answer_and_changes_nothing(running: Running) -> None:
    sent = bracket(running, "L")
    answer = await running.venue.submit_list(sent)
    events = heard(running)

    assert await running.venue.submit_list(sent) == answer
    await running.venue.cancel(CancelOrder(sent.account, sent.order_id))
    events.clear()
    assert await running.venue.submit_list(sent) == answer, "also when it has ended"
    assert events == []


async def test_one_bad_order_refuses_the_whole_list_under_its_id(running: Running) -> None:
    events = heard(running)
    sent = bracket(running, "L", qty=10**12)
    answer = await running.venue.submit_list(sent)

    assert isinstance(answer, OrderRejected)
    assert (answer.order_id, answer.reason) == ("L", Reason.INSUFFICIENT_FUNDS)
    assert events == [answer]
    assert await running.venue.submit_list(sent) == answer


async def test_a_list_is_cancelled_by_its_id_and_then_unknown(running: Running) -> None:
    sent = bracket(running, "L")
    await running.venue.submit_list(sent)
    cancelled = await running.venue.cancel(CancelOrder(sent.account, sent.order_id))
    again = await running.venue.cancel(CancelOrder(sent.account, sent.order_id))

    assert isinstance(cancelled, ListCancelled)
    assert [each.order_id for each in cancelled.orders] == ["L-entry", "L-target", "L-stop"]
    assert isinstance(again, OrderRejected)
    assert again.reason is Reason.UNKNOWN_ORDER


async def test_a_leg_takes_the_rest_of_its_list_with_it(running: Running) -> None:
    sent = bracket(running, "L")
    await running.venue.submit_list(sent)
    events = heard(running)
    cancelled = await running.venue.cancel(CancelOrder(sent.account, OrderId("L-stop")))

    assert isinstance(cancelled, OrderCancelled)
    ended = [(event.order_id, event.reason) for event in events if isinstance(event, OrderCancelled)]
    assert ended == [
        ("L-stop", CancelReason.USER),
        ("L-entry", CancelReason.OCO),
        ("L-target", CancelReason.OCO),
    ]


async def test_a_trailing_stop_tells_its_mark_while_it_waits_and_its_distance_can_be_changed(running: Running) -> None:
    await running.venue.submit(order(running, "o1", market=True))
    bought = order(running, "o1", market=True)
    sent = replace(
        bought, order_id=OrderId("t1"), side=Side.SELL, order_type=OrderType.TRAILING_STOP, trail=Ticks(10**5)
    )
    answer = await running.venue.submit(sent)
    amended = await running.venue.amend(AmendOrder(account=sent.account, order_id=OrderId("t1"), trail=Ticks(90_000)))

    assert isinstance(answer, OrderAccepted)
    assert isinstance(amended, OrderAmended)
    assert amended.trail == 90_000  # still so far that no move of the market reaches it
    mark, last = running.venue.trail_mark(OrderId("t1")), running.last_price(sent.symbol)
    assert mark is not None
    assert last is not None
    assert mark >= last if running.moves else mark == last
    assert running.venue.trail_mark(OrderId("nobody")) is None


async def test_a_working_order_says_where_it_stands_in_its_queue(running: Running) -> None:
    sent = order(running, "o1", away=0.995 if running.moves else 1.0)
    displayed = {int(price): qty for price, qty in running.feed.snapshot(sent.symbol, 500).bids}.get(sent.price or 0, 0)

    await running.venue.submit(sent)
    if running.moves:
        await running.more()

    place = running.venue.place_in_queue(sent.order_id)
    assert place is not None
    assert place.ahead is not None
    assert 0 <= place.ahead <= place.level_qty - sent.qty
    assert place.is_estimate is (running.kind != "simulated")
    assert place.is_estimate or place.ahead == displayed
    assert running.venue.place_in_queue(OrderId("nothing")) is None
