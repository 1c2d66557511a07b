import asyncio
from itertools import count

import pytest

from engine.bus import Bus
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Lots, Ticks
from engine.domain.order import AccountId, OrderId, OrderStatus, OrderType, Side, TimeInForce
from engine.errors import InvalidInput
from engine.services.orders import Orders
from tests.engine.services.direct_venue import OTHER, DirectVenue
from tests.engine.services.scripted_feed import BTC


def make() -> tuple[Bus, DirectVenue, Orders]:
    bus = Bus()
    venue = DirectVenue(bus, [BTC])
    numbers = count(1)
    return bus, venue, Orders(bus, venue, new_id=lambda: OrderId(f"o{next(numbers)}"))


def limit(orders: Orders, side: Side, qty: int, price: int, account: str = "PAPER", **more: object) -> SubmitOrder:
    return SubmitOrder(
        account=AccountId(account),
        order_id=orders.new_id(),
        symbol="BTC/USDT",
        side=side,
        order_type=OrderType.LIMIT,
        qty=Lots(qty),
        price=Ticks(price),
        **more,  # type: ignore[arg-type]
    )


def send(orders: Orders, order: SubmitOrder) -> OrderAccepted | OrderRejected:
    return asyncio.run(orders.submit(order))


def test_a_partial_fill_keeps_the_order_open_with_its_average_price() -> None:
    _, venue, orders = make()
    venue.apply(limit(orders, Side.SELL, 300, 6_400_000, OTHER))
    venue.apply(limit(orders, Side.SELL, 100, 6_400_100, OTHER))

    send(orders, limit(orders, Side.BUY, 1000, 6_400_100))

    (record,) = orders.records()
    assert (record.filled, record.left, record.status) == (400, 600, OrderStatus.WORKING)
    assert record.average_ticks == (300 * 6_400_000 + 100 * 6_400_100) / 400
    assert [fill.qty for fill in orders.fills()] == [100, 300]
    assert [each.filled for each in orders.open("BTC/USDT")] == [400]


def test_a_finished_order_moves_to_history_with_the_venues_reason() -> None:
    _, _, orders = make()
    order = limit(orders, Side.BUY, 1000, 6_400_000, tif=TimeInForce.IOC)

    send(orders, order)

    assert orders.records() == []
    (ended,) = orders.history()
    assert (ended.status, ended.note) == (OrderStatus.CANCELLED, "ioc")
    assert orders.record(order.order_id) == ended


def test_a_refusal_is_an_answer_and_leaves_no_order() -> None:
    _, _, orders = make()

    answer = send(orders, limit(orders, Side.SELL, 1000, 6_400_000))

    assert isinstance(answer, OrderRejected)
    assert orders.records() == [] == orders.history()
    with pytest.raises(InvalidInput, match="no order"):
        orders.record(answer.order_id)


def test_amending_shows_the_new_quantity_and_price() -> None:
    _, _, orders = make()
    order = limit(orders, Side.BUY, 1000, 6_400_000)
    send(orders, order)

    asyncio.run(orders.amend(order.order_id, qty=Lots(700), price=Ticks(6_400_001)))

    (record,) = orders.records()
    assert (record.order.qty, record.order.price) == (700, 6_400_001)


def test_a_stop_waits_until_it_triggers() -> None:
    _, venue, orders = make()
    for price in (6_400_000, 6_500_000, 6_600_000):
        venue.apply(limit(orders, Side.SELL, 100, price, OTHER))
    stop = limit(orders, Side.BUY, 50, 6_700_000)
    stop = SubmitOrder(
        account=stop.account,
        order_id=stop.order_id,
        symbol=stop.symbol,
        side=Side.BUY,
        order_type=OrderType.STOP_LIMIT,
        qty=Lots(50),
        price=Ticks(6_400_500),
        stop_price=Ticks(6_450_000),
    )
    send(orders, stop)
    assert orders.record(stop.order_id).status is OrderStatus.WAITING

    send(orders, limit(orders, Side.BUY, 150, 6_500_000))

    assert orders.record(stop.order_id).status is OrderStatus.WORKING


def test_cancel_last_takes_the_newest_and_cancel_all_the_rest() -> None:
    _, _, orders = make()
    placed = [limit(orders, Side.BUY, 100, 6_300_000 + n) for n in range(4)]
    for each in placed:
        send(orders, each)

    asyncio.run(orders.cancel_last())

    assert [each.order_id for each in orders.open()] == [each.order_id for each in placed[:3]]
    assert asyncio.run(orders.cancel_all("BTC/USDT")) == 3
    assert asyncio.run(orders.cancel_last()) is None


def test_flatten_cancels_the_pair_and_sells_all_that_is_held() -> None:
    _, venue, orders = make()
    venue.apply(limit(orders, Side.SELL, 500, 6_400_000, OTHER))
    venue.apply(limit(orders, Side.BUY, 900, 6_399_000, OTHER))
    send(orders, limit(orders, Side.BUY, 500, 6_400_000))
    send(orders, limit(orders, Side.SELL, 200, 6_500_000))

    asyncio.run(orders.flatten("BTC/USDT", Lots(500)))

    assert orders.records() == []
    assert venue.exchange.balances(venue.account)["BTC"].total == 0
    assert asyncio.run(orders.flatten("BTC/USDT", Lots(0))) is None


def test_restoring_past_facts_gives_the_same_view_as_living_through_them() -> None:
    bus, venue, orders = make()
    venue.apply(limit(orders, Side.SELL, 300, 6_400_000, OTHER))
    kept = limit(orders, Side.BUY, 1000, 6_400_000)
    send(orders, kept)
    gone = limit(orders, Side.BUY, 10, 6_300_000)
    send(orders, gone)
    asyncio.run(orders.cancel(gone.order_id))

    again = Orders(Bus(), venue, new_id=orders.new_id)
    again.restore(venue.records)

    assert again.records() == orders.records()
    assert again.history() == orders.history()
    assert again.fills() == orders.fills()
    assert again.fill_count == orders.fill_count
    orders.close()
    assert bus.subscriber_count == 0


def test_orders_of_other_accounts_are_not_ours() -> None:
    _, venue, orders = make()

    venue.apply(limit(orders, Side.SELL, 300, 6_400_000, OTHER))

    assert orders.records() == []
