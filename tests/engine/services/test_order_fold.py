from collections.abc import Iterable

from engine.domain.command import SubmitOrder
from engine.domain.event import (
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import (
    AccountId,
    CancelReason,
    Liquidity,
    ListKind,
    OrderId,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from engine.services.order_fold import OrderFold

ME = AccountId("PAPER")


def order(name: str, kind: OrderType, side: Side = Side.SELL, **more: object) -> SubmitOrder:
    return SubmitOrder(
        account=ME, order_id=OrderId(name), symbol="BTC/USDT", side=side, order_type=kind, qty=Lots(100),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def accepted(each: SubmitOrder, number: int = 1, **more: object) -> OrderAccepted:
    return OrderAccepted(each.account, each.order_id, each, number, Nanos(number), **more)  # type: ignore[arg-type]


def bracket() -> list[OrderAccepted]:
    entry = order("e", OrderType.LIMIT, Side.BUY, price=Ticks(1000))
    target = order("t", OrderType.LIMIT, price=Ticks(1200))
    stop = order("s", OrderType.STOP, stop_price=Ticks(900))
    known = {"list_id": OrderId("L"), "list_kind": ListKind.BRACKET}
    return [
        accepted(entry, 1, **known),
        *(accepted(leg, 2 + at, starts_after=OrderId("e"), **known) for at, leg in enumerate((target, stop))),
    ]


def filled(name: str, qty: int, left: int) -> OrderFilled:
    return OrderFilled(
        ME, OrderId(name), 7, "BTC/USDT", Side.BUY, Ticks(1000), Lots(qty), Units(0), Liquidity.MAKER, Lots(left),
        Nanos(9),
    )  # fmt: skip


def folded(facts: Iterable[object]) -> OrderFold:
    fold = OrderFold(lambda: ME)
    for fact in facts:
        fold.apply(fact)
    return fold


def test_legs_are_pending_until_they_start_with_what_the_entry_filled() -> None:
    fold = folded(bracket())
    assert [each.status for each in fold.open.values()] == [
        OrderStatus.WORKING,
        OrderStatus.PENDING,
        OrderStatus.PENDING,
    ]
    fold.apply(filled("e", 60, 40))
    fold.apply(OrderCancelled(ME, OrderId("e"), CancelReason.STP, Lots(40), Nanos(9)))
    for leg in ("t", "s"):
        fold.apply(LegStarted(ME, OrderId(leg), Lots(60), Nanos(9)))

    target, stop = fold.open.values()
    assert (target.status, target.order.qty, target.starts_after) == (OrderStatus.WORKING, 60, None)
    assert (stop.status, stop.left) == (OrderStatus.WAITING, 60)


def test_a_list_is_found_in_its_own_order_also_when_part_of_it_has_ended() -> None:
    fold = folded([*bracket(), *bracket_of("M")])
    fold.apply(filled("e", 100, 0))

    assert [each.order.order_id for each in fold.of_list(OrderId("L"))] == ["e", "t", "s"]
    assert [each.place for each in fold.of_list(OrderId("M"))] == [0, 1]
    assert fold.of_list(OrderId("nobody")) == []


def bracket_of(name: str) -> list[OrderAccepted]:
    orders = (
        order(f"{name}1", OrderType.LIMIT, price=Ticks(1)),
        order(f"{name}2", OrderType.STOP, stop_price=Ticks(1)),
    )
    return [accepted(each, 9, list_id=OrderId(name), list_kind=ListKind.OCO) for each in orders]


def test_an_order_that_waited_remembers_that_it_fired() -> None:
    fold = folded([accepted(order("o", OrderType.TRAILING_STOP, trail=Ticks(50)))])
    assert fold.open[OrderId("o")].status is OrderStatus.WAITING

    fold.apply(OrderAmended(ME, OrderId("o"), Lots(100), None, None, Lots(100), True, Nanos(2), trail=Ticks(40)))
    fold.apply(OrderTriggered(ME, OrderId("o"), Nanos(3)))

    record = fold.open[OrderId("o")]
    assert (record.status, record.triggered, record.order.trail) == (OrderStatus.WORKING, True, 40)


def test_what_is_shown_carries_every_flag_of_the_order() -> None:
    sent = order(
        "o", OrderType.LIMIT, price=Ticks(5), tif=TimeInForce.GTD, expire_ts=Nanos(77), display_qty=Lots(10),
        reduce_only=True,
    )  # fmt: skip
    shown = folded([accepted(sent)]).open[OrderId("o")].shown()

    assert (shown.tif, shown.expire_ts, shown.display_qty, shown.reduce_only) == (TimeInForce.GTD, 77, 10, True)


def test_an_expired_order_ends_as_such_and_strangers_are_left_alone() -> None:
    fold = folded([accepted(order("o", OrderType.LIMIT, price=Ticks(5)))])
    for fact in (
        LegStarted(ME, OrderId("x"), Lots(1), Nanos(1)),
        OrderTriggered(ME, OrderId("x"), Nanos(1)),
        OrderCancelled(AccountId("OTHER"), OrderId("o"), CancelReason.USER, Lots(1), Nanos(1)),
        object(),
    ):
        fold.apply(fact)
    fold.apply(OrderExpired(ME, OrderId("o"), Lots(100), Nanos(5)))

    assert [(each.status, each.ended_at) for each in fold.history] == [(OrderStatus.EXPIRED, 5)]
