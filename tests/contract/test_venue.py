"""What every Venue promises, checked on each of them."""

from __future__ import annotations

import pytest

from engine.bootstrap import Engine
from engine.domain.command import AmendOrder, CancelOrder, SubmitOrder
from engine.domain.event import (
    BalanceChanged,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    PositionChanged,
)
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Reason, Side
from engine.domain.pair import TradingPair
from engine.ports.venue import Venue
from tests.contract.markets import running

__all__ = ["running"]

pytestmark = pytest.mark.integration


def first(engine: Engine) -> TradingPair:
    return engine.venue.pairs()[0]


def order(
    engine: Engine, name: str, *, market: bool = False, away: float = 0.95, qty: int | None = None
) -> SubmitOrder:
    pair = first(engine)
    bid = engine.venue.market.exchange.book(pair.symbol).best_bid
    assert bid is not None
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


def heard(engine: Engine) -> list[object]:
    events: list[object] = []
    for kind in (
        OrderAccepted, OrderRejected, OrderFilled, OrderAmended, OrderCancelled, BalanceChanged, PositionChanged
    ):  # fmt: skip
        engine.bus.subscribe(kind, events.append)
    return events


async def test_it_says_who_it_is_and_what_can_be_traded(running: Engine) -> None:
    venue: Venue = running.venue

    assert (venue.name, venue.is_live) == ("PAPER", False)
    assert len({pair.symbol for pair in venue.pairs()}) == len(venue.pairs()) >= 1
    assert venue.account


async def test_facts_are_published_before_the_answer_is_given(running: Engine) -> None:
    events = heard(running)
    answer = await running.venue.submit(order(running, "o1"))

    assert isinstance(answer, OrderAccepted)
    assert events[0] == answer


async def test_a_market_order_fills_and_moves_money_and_position(running: Engine) -> None:
    events = heard(running)
    await running.venue.submit(order(running, "o1", market=True))

    fills = [event for event in events if isinstance(event, OrderFilled)]
    assert fills
    assert fills[-1].left == 0
    assert any(isinstance(event, PositionChanged) for event in events)
    held = {event.asset for event in events if isinstance(event, BalanceChanged)}
    assert held == {first(running).base.code, first(running).quote.code}


async def test_the_same_order_again_gets_the_first_answer_and_changes_nothing(running: Engine) -> None:
    sent = order(running, "o1")
    answer = await running.venue.submit(sent)
    events = heard(running)

    assert await running.venue.submit(sent) == answer
    assert events == []


async def test_the_same_id_for_another_order_is_refused(running: Engine) -> None:
    await running.venue.submit(order(running, "o1"))
    answer = await running.venue.submit(order(running, "o1", away=0.9))

    assert isinstance(answer, OrderRejected)
    assert answer.reason is Reason.DUPLICATE_ID


async def test_a_refusal_is_an_answer_with_a_sentence(running: Engine) -> None:
    answer = await running.venue.submit(order(running, "o1", qty=10**12))

    assert isinstance(answer, OrderRejected)
    assert answer.reason is Reason.INSUFFICIENT_FUNDS
    assert answer.text.endswith(".")


async def test_an_open_order_can_be_amended_and_cancelled_once(running: Engine) -> None:
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
