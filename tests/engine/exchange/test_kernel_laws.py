"""Invariants of ENGINE.md over any sequence of commands, read off the events alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.command import AmendOrder, Command, SubmitOrder
from engine.domain.event import KernelEvent, OrderAccepted, OrderAmended, OrderFilled, TradeExecuted
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Liquidity, OrderId, OrderType, SelfTrade, Side, TimeInForce
from tests.engine.exchange.desk import A, B, S, cancel, desk, limit

ACCOUNTS = st.sampled_from([A, B])
IDS = [f"o{number}" for number in range(12)]
PRICES, QTYS = st.integers(95, 105), st.integers(1, 20)

SUBMITS = st.builds(
    limit,
    ACCOUNTS,
    st.sampled_from(IDS),
    st.sampled_from(["buy", "sell"]),
    QTYS,
    st.none() | PRICES,
    tif=st.sampled_from(["GTC", "GTC", "GTC", "IOC", "FOK"]),
    post_only=st.sampled_from([False, False, True]),
    stp=st.sampled_from([mode.value for mode in SelfTrade]),
    stop=st.none() | PRICES,
)
AMENDS = st.builds(
    lambda account, order_id, qty, price: AmendOrder(
        account=account,
        order_id=OrderId(order_id),
        qty=None if qty is None else Lots(qty),
        price=None if price is None else Ticks(price),
    ),
    ACCOUNTS,
    st.sampled_from(IDS),
    st.none() | QTYS,
    st.none() | PRICES,
)
COMMANDS: st.SearchStrategy[list[Command]] = st.lists(
    SUBMITS | SUBMITS | SUBMITS | AMENDS | st.builds(cancel, ACCOUNTS, st.sampled_from(IDS)), max_size=50
)


@dataclass
class Told:
    """What events say of one order."""

    order: SubmitOrder
    qty: int
    price: int | None
    filled: int = 0
    amended: bool = False
    fills: list[OrderFilled] = field(default_factory=list)


def tell(commands: list[Command]) -> tuple[dict[tuple[str, str], Told], list[list[KernelEvent]]]:
    """Carry the commands out, and check on the way what must hold at every single fill."""
    exchange = desk()
    told: dict[tuple[str, str], Told] = {}
    batches = []
    for number, command in enumerate(commands):
        events = exchange.handle(command, Nanos(number))
        batches.append(events)
        for event in events:
            match event:
                case OrderAccepted():
                    told[event.account, event.order_id] = Told(event.order, event.order.qty, event.order.price)
                case OrderAmended():
                    order = told[event.account, event.order_id]
                    order.qty, order.price, order.amended = event.qty, event.price, True
                case OrderFilled():
                    order = told[event.account, event.order_id]
                    order.filled += event.qty
                    order.fills.append(event)
                    assert event.qty > 0
                    assert order.filled == order.qty - event.left <= order.qty
                    if order.price is not None:
                        worse = event.price > order.price if event.side is Side.BUY else event.price < order.price
                        assert not worse
                case TradeExecuted():
                    assert event.qty > 0
    return told, batches


@pytest.mark.no_cover
@given(commands=COMMANDS)
def test_what_is_bought_is_sold_and_no_fill_exceeds_its_order_or_its_limit(commands: list[Command]) -> None:
    told, _ = tell(commands)

    fills = [fill for order in told.values() for fill in order.fills]
    for side in Side:
        assert sum(fill.qty for fill in fills if fill.side is side) * 2 == sum(fill.qty for fill in fills)


@pytest.mark.no_cover
@given(commands=COMMANDS)
def test_fill_or_kill_is_all_or_nothing_and_post_only_never_takes(commands: list[Command]) -> None:
    told, _ = tell(commands)

    for order in told.values():
        if order.order.tif is TimeInForce.FOK:
            assert order.filled == order.qty
        if order.order.post_only:
            assert all(fill.liquidity is Liquidity.MAKER for fill in order.fills)


@pytest.mark.no_cover
@given(commands=COMMANDS)
def test_with_self_trade_prevention_a_taker_never_trades_with_its_own_account(commands: list[Command]) -> None:
    told, batches = tell(commands)

    for event in (event for batch in batches for event in batch):
        if isinstance(event, TradeExecuted) and event.maker_account == event.taker_account:
            assert told[str(event.taker_account), str(event.taker_id)].order.stp is SelfTrade.NONE


@pytest.mark.no_cover
@given(commands=COMMANDS)
def test_what_must_not_rest_does_not(commands: list[Command]) -> None:
    exchange = desk()
    for number, command in enumerate(commands):
        exchange.handle(command, Nanos(number))

    for account in (A, B):
        for order in exchange.open_orders(account):
            waits = order.status == "waiting"
            assert waits or order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
            assert waits or order.tif is TimeInForce.GTC


@given(qtys=st.lists(QTYS, min_size=1, max_size=12), taken=st.integers(1, 200))
def test_first_come_first_served_within_a_level(qtys: list[int], taken: int) -> None:
    exchange = desk()
    for number, qty in enumerate(qtys):
        exchange.handle(limit(A, f"a{number}", "sell", qty, 100), Nanos(0))

    events = exchange.handle(limit(B, "b", "buy", taken, 100), Nanos(1))

    makers = [event for event in events if isinstance(event, TradeExecuted)]
    assert [event.maker_id for event in makers] == [f"a{number}" for number in range(len(makers))]
    assert all(event.qty == qty for event, qty in zip(makers[:-1], qtys, strict=False))
    assert sum(event.qty for event in makers) == min(taken, sum(qtys))


@pytest.mark.no_cover
@given(commands=COMMANDS)
def test_same_commands_give_the_same_events_and_the_same_state(commands: list[Command]) -> None:
    one, two = desk(), desk()

    for number, command in enumerate(commands):
        assert one.handle(command, Nanos(number)) == two.handle(command, Nanos(number))

    assert one.state() == two.state()
    assert one.state_hash() == one.state()["hash"]
    assert one.book(S).levels(Side.BUY) == two.book(S).levels(Side.BUY)


@pytest.mark.no_cover
@given(commands=COMMANDS)
def test_saying_everything_twice_changes_nothing(commands: list[Command]) -> None:
    once, twice = desk(), desk()

    for number, command in enumerate(commands):
        once.handle(command, Nanos(number))
        twice.handle(command, Nanos(number))
        if isinstance(command, SubmitOrder):
            assert [e for e in twice.handle(command, Nanos(number)) if isinstance(e, OrderAccepted | OrderFilled)] == []

    assert once.dump() == twice.dump()
