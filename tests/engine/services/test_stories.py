"""What became of orders: from memory while all of it is there, else from the archive."""

import asyncio

import pytest

from engine.domain.command import CancelOrder, SubmitOrder
from engine.domain.event import OrderRejected
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, OrderId, OrderType, Reason, Side
from engine.services import stories
from engine.services.stories import OrderTold
from tests.crs_desktop.trading_floor import ME, OTHER, Floor

BTC = "BTC/USDT"
LONG_AGO = OrderTold(OrderId("o1"), None, (), None)


def make() -> Floor:
    floor = Floor(usdt=100_000)
    floor.stock(levels=2)
    return floor


def buy(floor: Floor, qty: int, price: int | None = None, account: AccountId = ME, **more: bool) -> OrderId:
    order_id = floor.orders.new_id()
    kind = OrderType.MARKET if price is None else OrderType.LIMIT
    floor.apply(
        SubmitOrder(
            account=account, order_id=order_id, symbol=BTC, side=Side.BUY, order_type=kind, qty=Lots(qty),
            price=None if price is None else Ticks(price), post_only=more.get("post_only", False),
        )
    )  # fmt: skip
    return order_id


def told(floor: Floor, order_id: OrderId) -> OrderTold:
    return asyncio.run(floor.stories.tell(order_id))


def test_a_fresh_order_is_told_from_memory_with_the_record_of_each_fill() -> None:
    floor = make()
    order_id = buy(floor, 3_000)

    story = told(floor, order_id)

    assert story.record == floor.orders.record(order_id)
    assert [fill.trade_id for fill, _ in story.fills] == [why.trade_id for _, why in story.fills if why is not None]
    assert [fill.qty for fill, _ in story.fills] == [2_000, 1_000]
    assert (story.refused, floor.archive.told) == (None, {})


def test_a_refused_order_has_its_refusal_and_nothing_else() -> None:
    floor = make()
    order_id = buy(floor, 100, 6_425_010, post_only=True)

    story = told(floor, order_id)

    assert (story.record, story.fills) == (None, ())
    assert story.refused is not None
    assert story.refused.reason is Reason.POST_ONLY_WOULD_TAKE


def test_what_memory_holds_only_in_part_comes_from_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "KEPT", 1)
    floor = make()
    floor.archive.told[LONG_AGO.order_id] = LONG_AGO
    assert buy(floor, 3_000) == LONG_AGO.order_id  # two fills, of which one record is kept

    assert told(floor, LONG_AGO.order_id) is LONG_AGO


def test_refusals_are_remembered_in_bounds_and_those_of_other_accounts_are_none_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stories, "KEPT", 2)
    floor = make()
    for order_id in ("a", "b", "c"):
        floor.bus.publish(OrderRejected(ME, OrderId(order_id), Reason.HALTED, "Halted.", Nanos(floor.now + 5)))
    floor.bus.publish(OrderRejected(OTHER, OrderId("d"), Reason.HALTED, "Halted.", Nanos(floor.now + 9)))

    assert floor.stories.last() == OrderId("c")


def test_the_last_order_is_the_one_that_was_sent_or_executed_last() -> None:
    floor = make()
    assert floor.stories.last() is None
    early = buy(floor, 100, 6_424_990)
    late = buy(floor, 100, 6_424_000)
    assert floor.stories.last() == late

    floor.other(Side.SELL, BTC, 6_424_990, 2_100)

    assert floor.stories.last() == early
    floor.apply(CancelOrder(ME, late))
    assert floor.stories.last() == early
    floor.stories.close()
