"""Unfunded flow in the same book."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.event import OrderTriggered, TradeExecuted
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.market import Level
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import OrderId, Side
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from tests.engine.exchange.desk import A, B, S, cancel, desk, limit, pair, story


def flow(kind: FlowKind, key: int, side: str, price: int, qty: int, at: int = 1) -> FlowOrder:
    return FlowOrder(Nanos(at), kind, key, Side(side), Ticks(price), Lots(qty))


def rest(key: int, side: str, price: int, qty: int, at: int = 1) -> FlowOrder:
    return flow(FlowKind.LIMIT, key, side, price, qty, at)


def test_agents_trade_with_each_other_without_accounts() -> None:
    exchange = desk()

    events = exchange.flow(S, [rest(1, "sell", 100, 5), flow(FlowKind.IOC, 2, "buy", 100, 9, at=4)])

    assert len(events) == 1
    trade = events[0]
    assert isinstance(trade, TradeExecuted)
    assert trade[2:9] == (100, 5, None, None, None, None, Side.BUY)
    assert (trade.maker_fee, trade.taker_fee, trade.at, exchange.now) == (0, 0, 4, 4)
    assert exchange.book(S).best_ask is None
    assert exchange.book(S).best_bid is None
    assert exchange.book(S).last_price == 100


def test_flow_meets_funded_orders_at_the_same_priority_and_pays_them() -> None:
    exchange = desk()
    exchange.flow(S, [rest(1, "buy", 100, 5)])
    exchange.handle(limit(A, "a", "buy", 5, 100), Nanos(1))
    exchange.flow(S, [rest(2, "buy", 100, 5)])

    assert exchange.queue_ahead(A, OrderId("a")) == 5
    events = exchange.flow(S, [rest(3, "sell", 100, 12)])

    assert story(events) == [
        "trade None None 5@100",
        "trade a None 5@100",
        "filled a 5@100 maker 0",
        "trade None None 2@100",
    ]
    assert exchange.balances(A)["B"].free == 1_005
    assert exchange.balances(A)["Q"] == (100_000 - 501, 0)


def test_funded_takers_consume_flow_and_forget_its_key() -> None:
    exchange = desk()
    exchange.flow(S, [rest(1, "sell", 100, 5), rest(2, "sell", 101, 5)])

    events = exchange.handle(limit(A, "a", "buy", 6, None), Nanos(2))

    assert story(events)[1:] == [
        "trade None a 5@100",
        "filled a 5@100 taker 1",
        "trade None a 1@101",
        "filled a 1@101 taker 0",
    ]
    assert exchange.flow(S, [flow(FlowKind.CANCEL, 1, "sell", 0, 0), flow(FlowKind.CANCEL, 2, "sell", 0, 0)]) == []
    assert exchange.book(S).levels(Side.SELL) == []
    assert exchange.flow(S, [rest(1, "sell", 100, 5)]) == []


def test_flow_trades_fire_funded_triggers_between_its_orders() -> None:
    exchange = desk()
    exchange.handle(limit(A, "s", "sell", 2, None, stop=99), Nanos(1))

    events = exchange.flow(
        S, [rest(1, "buy", 99, 1), rest(2, "buy", 98, 9), flow(FlowKind.IOC, 3, "sell", 99, 1), rest(4, "buy", 97, 1)]
    )

    assert isinstance(events[1], OrderTriggered)
    assert story(events)[2:] == ["trade None s 2@98", "filled s 2@98 taker 0"]


@pytest.mark.parametrize("sick", [rest(1, "buy", 0, 1), rest(1, "buy", 1, 0), rest(7, "buy", 100, 1)])
def test_flow_that_is_not_sound_is_a_mistake_of_its_maker(sick: FlowOrder) -> None:
    exchange = desk()
    exchange.flow(S, [rest(7, "buy", 90, 1)])

    with pytest.raises(InvalidInput, match=r"B/Q"):
        exchange.flow(S, [sick])
    with pytest.raises(InvalidInput, match="not traded"):
        exchange.flow("no", [])


def test_changes_are_told_once_and_the_first_call_tells_all() -> None:
    exchange = desk()
    book = exchange.book(S)
    exchange.flow(S, [rest(1, "buy", 99, 5), rest(2, "sell", 101, 5), rest(3, "sell", 102, 5)])

    assert book.take_changes() == ([(99, 5)], [(101, 5), (102, 5)])
    assert book.take_changes() == ([], [])
    exchange.flow(S, [flow(FlowKind.CANCEL, 1, "buy", 0, 0), flow(FlowKind.IOC, 4, "buy", 102, 7)])
    assert book.take_changes() == ([Level(Ticks(99), Lots(0))], [(101, 0), (102, 3)])


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["limit", "limit", "ioc", "cancel", "a", "b", "a stop"]),
        st.integers(0, 20),
        st.sampled_from(["buy", "sell"]),
        st.integers(95, 105),
        st.integers(1, 9),
    ),
    max_size=60,
)


def act(exchange: Exchange, number: int, what: str, key: int, side: str, price: int, qty: int) -> list[str]:
    if what in ("a", "b"):
        return story(exchange.handle(limit(A if what == "a" else B, f"{what}{key}", side, qty, price), Nanos(number)))
    if what == "a stop":
        return story(exchange.handle(limit(A, f"s{key}", side, qty, None, stop=price), Nanos(number)))
    kind = {"limit": FlowKind.LIMIT, "ioc": FlowKind.IOC, "cancel": FlowKind.CANCEL}[what]
    return story(exchange.flow(S, [flow(kind, key if kind is FlowKind.CANCEL else number, side, price, qty, number)]))


@pytest.mark.no_cover
@given(acts=ACTS, split=st.integers(0, 60))
def test_a_loaded_exchange_goes_on_as_the_dumped_one_would(
    acts: list[tuple[str, int, str, int, int]], split: int
) -> None:
    one = desk()
    for number, each in enumerate(acts[:split]):
        act(one, number, *each)
    two = Exchange.load(json.loads(json.dumps(one.dump())), [pair()])

    for number, each in enumerate(acts[split:], start=len(acts)):
        assert act(one, number, *each) == act(two, number, *each)

    assert one.dump() == two.dump()
    assert one.state_hash() == two.state_hash()


@pytest.mark.no_cover
@given(acts=ACTS)
def test_with_flow_the_book_is_never_crossed_at_rest_and_nobody_owes(
    acts: list[tuple[str, int, str, int, int]],
) -> None:
    exchange = desk()
    for number, each in enumerate(acts):
        act(exchange, number, *each)
        book = exchange.book(S)
        assert book.best_bid is None or book.best_ask is None or book.best_bid < book.best_ask
    for account in (A, B):
        for order in exchange.open_orders(account):
            assert story(exchange.handle(cancel(account, order.order_id), Nanos(100)))[0].startswith("cancelled")
        assert all(balance.free >= 0 and balance.locked == 0 for balance in exchange.balances(account).values())
