"""Why an order filled: the record beside each fill, worked by hand on both books."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.domain.command import AmendOrder, Deposit, ListPair, SubmitList
from engine.domain.event import KernelEvent, OrderFilled
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, ListKind, OrderId, Side
from engine.domain.why import Arrival, FillExplained, PrintUsed, QueueStep, SeenLevel
from engine.exchange.kernel import Exchange
from engine.exchange.offline import open_market, stored_exchange
from engine.exchange.recorder import ENDED, PRINTS, STEPS
from tests.engine.exchange.desk import A, B, S, cancel, desk, limit, pair
from tests.engine.matching.shadowing import levels


def why(events: list[KernelEvent]) -> list[FillExplained]:
    """The explanations among events, each checked to follow its fill."""
    found = []
    for before, event in pairwise(events):
        if isinstance(event, FillExplained):
            assert isinstance(before, OrderFilled)
            assert (before.order_id, before.trade_id, before.liquidity) == (
                event.order_id,
                event.trade_id,
                event.liquidity,
            )
            found.append(event)
    return found


def explaining() -> Exchange:
    exchange = Exchange(explain=True)
    exchange.handle(ListPair(pair()), Nanos(0))
    for account in (A, B):
        exchange.handle(Deposit(account, "B", Units(1_000)), Nanos(0))
        exchange.handle(Deposit(account, "Q", Units(100_000)), Nanos(0))
    return exchange


def fed() -> Exchange:
    exchange = explaining()
    exchange.use_feed(S)
    exchange.feed_snapshot(BookSnapshot(S, levels((99, 5), (98, 5)), levels((101, 5), (102, 5)), 1, Nanos(1)))
    return exchange


def tick(price: int, qty: int, at: int, side: str = "sell", number: int | None = None) -> TradeTick:
    return TradeTick(S, Ticks(price), Lots(qty), Side(side), Nanos(at), at if number is None else number)


def flow(at: int, key: int, side: str, price: int, qty: int, kind: FlowKind = FlowKind.LIMIT) -> FlowOrder:
    return FlowOrder(Nanos(at), kind, key, Side(side), Ticks(price), Lots(qty))


def test_a_taker_is_explained_by_the_book_it_met_and_its_way_to_the_exchange() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a0", "buy", 2, None), Nanos(2))

    first, second = why(exchange.handle(limit(A, "a1", "buy", 5, None), Nanos(50), sent_at=Nanos(20)))

    arrival = Arrival(
        Nanos(20),
        Nanos(50),
        Ticks(99),
        Ticks(101),
        None,
        (SeenLevel(Ticks(101), Lots(5), Lots(2)), SeenLevel(Ticks(102), Lots(5), Lots(0))),
    )
    assert first == FillExplained(A, OrderId("a1"), 2, S, Liquidity.TAKER, "0.001", "taken", arrival, (), (), Nanos(50))
    assert second.arrival == arrival
    assert first.arrival.mid_half_ticks == 200
    assert first.slippage_half_ticks(101, buys=True) == second.slippage_half_ticks(101, buys=True) == 2
    assert first.slippage_half_ticks(102, buys=False) == -4
    assert replace(first, arrival=replace(arrival, bid=None)).slippage_half_ticks(101, buys=True) is None


def test_a_maker_is_explained_by_its_queue_and_the_prints_that_consumed_it() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a1", "buy", 4, 99), Nanos(10))
    exchange.feed_print(tick(99, 2, 20))
    exchange.feed_diff(BookDiff(S, levels((99, 2)), (), 2, 2, Nanos(30)))

    (filled,) = why(exchange.feed_print(tick(99, 5, 40)))
    (rest,) = why(exchange.feed_print(tick(98, 9, 50)))

    assert (filled.rule, rest.rule, filled.liquidity) == ("queue", "through", Liquidity.MAKER)
    assert filled.arrival.ahead == 5
    assert filled.queue == (
        QueueStep(Nanos(10), Lots(5)),
        QueueStep(Nanos(20), Lots(3)),
        QueueStep(Nanos(30), Lots(2)),
        QueueStep(Nanos(40), Lots(0)),
    )
    assert filled.prints == (
        PrintUsed(Nanos(20), Ticks(99), Lots(2), Lots(2)),
        PrintUsed(Nanos(40), Ticks(99), Lots(5), Lots(5)),
    )
    assert rest.prints[-1] == PrintUsed(Nanos(50), Ticks(98), Lots(9), Lots(2))


def test_a_maker_met_by_the_other_sides_book_says_so() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a1", "buy", 4, 99), Nanos(10))

    (filled,) = why(exchange.feed_diff(BookDiff(S, levels((99, 0)), levels((98, 0), (99, 3)), 2, 2, Nanos(30))))

    assert filled.rule == "displayed"
    assert filled.prints == (PrintUsed(Nanos(30), Ticks(99), Lots(3), Lots(3)),)
    assert filled.queue[-1] == QueueStep(Nanos(30), Lots(0))


def test_a_stop_saw_the_book_when_it_fired_and_arrived_before() -> None:
    exchange = fed()
    exchange.handle(limit(A, "s", "buy", 1, None, stop=101), Nanos(10), sent_at=Nanos(4))

    (filled,) = why(exchange.feed_print(tick(101, 1, 60, "buy")))

    arrival = filled.arrival
    assert (arrival.sent_at, arrival.at, arrival.seen_at, arrival.last) == (4, 10, 60, 101)


def test_where_the_feed_shows_nothing_what_is_ahead_stays_unknown_until_it_does() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a", "buy", 1, 90), Nanos(10))
    exchange.feed_diff(BookDiff(S, levels((90, 3)), (), 2, 2, Nanos(30)))

    (filled,) = why(exchange.feed_print(tick(90, 4, 40)))

    assert filled.arrival.ahead is None
    assert [step.ahead for step in filled.queue] == [3, 0]
    exchange.handle(limit(A, "b", "buy", 1, 80), Nanos(50))
    (filled,) = why(exchange.feed_print(tick(70, 4, 60)))
    assert [step.ahead for step in filled.queue] == [0]


def test_an_iceberg_says_that_its_next_slice_joined_at_the_back() -> None:
    exchange = fed()
    exchange.handle(replace(limit(A, "a", "buy", 4, 99), display_qty=Lots(2)), Nanos(10))

    exchange.feed_print(tick(99, 7, 20))
    exchange.feed_print(tick(99, 6, 30))
    (filled,) = why(exchange.feed_print(tick(99, 1, 40)))

    assert [(step.at, step.ahead) for step in filled.queue] == [(10, 5), (20, 5), (30, 0)]


def test_an_order_that_lost_its_place_notes_the_new_one() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a", "buy", 4, 98), Nanos(10))
    exchange.feed_print(tick(98, 3, 20))
    exchange.handle(AmendOrder(account=A, order_id=OrderId("a"), price=Ticks(99)), Nanos(30))

    (filled,) = why(exchange.feed_print(tick(98, 4, 40)))

    assert [(step.at, step.ahead) for step in filled.queue] == [(10, 5), (20, 2), (30, 5), (40, 0)]
    assert filled.arrival.ahead == 5


def test_in_the_crossing_book_the_queue_is_exact() -> None:
    exchange = explaining()
    exchange.flow(S, [flow(1, 1, "buy", 99, 5), flow(1, 2, "buy", 99, 3), flow(1, 3, "sell", 102, 9)])
    exchange.handle(limit(A, "a", "buy", 4, 99), Nanos(10))
    exchange.handle(limit(B, "b", "sell", 1, 105), Nanos(11))
    exchange.flow(S, [flow(20, 4, "sell", 99, 2), flow(25, 2, "buy", 0, 0, FlowKind.CANCEL), flow(26, 9, "buy", 98, 1)])

    (filled,) = why(exchange.flow(S, [flow(30, 5, "sell", 99, 5)]))

    assert (filled.rule, filled.arrival.bid, filled.arrival.ask, filled.arrival.ahead) == ("queue", 99, 102, 8)
    assert filled.arrival.opposite == (SeenLevel(Ticks(102), Lots(9), Lots(0)),)
    assert filled.queue == (
        QueueStep(Nanos(10), Lots(8)),
        QueueStep(Nanos(20), Lots(6)),
        QueueStep(Nanos(30), Lots(0)),
    )
    assert [used.used for used in filled.prints] == [2, 3, 2]
    taker, maker = why(exchange.handle(limit(B, "b2", "sell", 2, 99), Nanos(40)))[::-1]
    assert (taker.rule, maker.rule) == ("crossed", "queue")
    assert taker.fee_rate == "0.001"


def test_nothing_is_noted_when_no_order_rests() -> None:
    exchange = explaining()
    exchange.flow(S, [flow(1, 1, "buy", 99, 5), flow(2, 2, "sell", 99, 5)])
    exchange.flow(S, [flow(3, 3, "buy", 99, 5)])
    exchange.handle(limit(A, "a", "buy", 4, 99), Nanos(10))
    exchange.handle(cancel(A, "a"), Nanos(11))

    assert exchange.dump()["traces"] == []
    assert desk().dump()["traces"] is None


def test_a_long_wait_is_remembered_in_bounds_and_survives_a_dump() -> None:
    exchange = fed()
    exchange.feed_diff(BookDiff(S, levels((99, 500)), (), 2, 2, Nanos(5)))
    exchange.handle(limit(A, "a", "buy", 40, 99), Nanos(10))
    exchange.handle(limit(A, "w", "buy", 4, None, stop=200), Nanos(10))
    for at in range(20, 320):
        exchange.feed_print(tick(99, 1, at))
    dump = json.loads(json.dumps(exchange.dump()))
    again = Exchange.load(dump, [pair()])

    (filled,) = why(exchange.feed_print(tick(99, 201, 400)))

    assert json.loads(json.dumps(again.dump())) == dump
    assert why(again.feed_print(tick(99, 201, 400))) == [filled]
    assert len(filled.queue) <= STEPS
    assert len(filled.prints) == PRINTS
    assert (filled.queue[0].ahead, filled.queue[-1].ahead) == (500, 0)
    gaps = [after.at - before.at for before, after in pairwise(filled.queue)]
    assert max(gaps[1:-1]) <= 2 * min(gaps[1:-1])


def test_two_prints_of_one_instant_are_two() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a", "buy", 4, 99), Nanos(10))
    exchange.feed_print(tick(99, 3, 20, number=1))

    (filled,) = why(exchange.feed_print(tick(99, 3, 20, number=2)))

    assert [used.used for used in filled.prints] == [3, 3]


def test_an_order_put_back_after_a_stop_says_only_what_is_known() -> None:
    before = fed()
    before.handle(limit(A, "a", "buy", 4, 99), Nanos(10))
    exchange = Exchange(explain=True)
    exchange.handle(ListPair(pair()), Nanos(20))
    exchange.use_feed(S)
    exchange.feed_snapshot(BookSnapshot(S, levels((99, 7)), (), 1, Nanos(20)))
    exchange.seat(A, before.balances(A), before.open_orders(A))

    (filled,) = why(exchange.feed_print(tick(99, 8, 30)))

    assert filled.arrival == Arrival(Nanos(10), Nanos(10), None, None, None, (), Lots(7))
    assert filled.arrival.mid_half_ticks is None


@pytest.mark.parametrize("explain", [True, False])
def test_explaining_changes_nothing_else(explain: bool) -> None:
    exchange = Exchange(explain=explain)
    exchange.handle(ListPair(pair()), Nanos(0))
    exchange.handle(Deposit(A, "Q", Units(100_000)), Nanos(0))
    exchange.flow(S, [flow(1, 1, "sell", 99, 5)])
    events = exchange.handle(limit(A, "a", "buy", 9, 99), Nanos(10))

    assert [type(each).__name__ for each in events if not isinstance(each, FillExplained)] == [
        "OrderAccepted",
        "TradeExecuted",
        "OrderFilled",
    ]
    assert exchange.queue_ahead(A, OrderId("a")) == 0


def test_what_waits_can_be_asked_for_while_it_does() -> None:
    exchange = fed()
    exchange.handle(limit(A, "w", "buy", 4, None, stop=200), Nanos(10))
    exchange.handle(limit(A, "a", "buy", 4, 99), Nanos(10), sent_at=Nanos(7))
    exchange.feed_print(tick(99, 1, 20))

    waiting, resting = (exchange.waits(A, OrderId(name)) for name in ("w", "a"))

    assert waiting is not None
    assert waiting.arrival is None
    assert resting is not None
    assert resting.arrival is not None
    assert (resting.sent_at, resting.arrival.ahead, [step.ahead for step in resting.queue]) == (7, 5, [5, 4])
    assert exchange.waits(A, OrderId("nothing")) is None
    assert desk().waits(A, OrderId("nothing")) is None


def test_a_repeat_is_known_before_it_is_sent() -> None:
    exchange = fed()
    order, unlike = limit(A, "a", "buy", 4, 99), limit(A, "a", "buy", 5, 99)
    two = SubmitList(A, OrderId("L"), ListKind.OTO, (limit(A, "b", "buy", 4, 99), limit(A, "c", "sell", 4, 199)))
    assert not exchange.repeats(order)
    assert not exchange.repeats(two)
    exchange.handle(order, Nanos(10))
    exchange.handle(two, Nanos(11))

    assert exchange.repeats(order)
    assert exchange.repeats(two)
    assert not exchange.repeats(unlike)
    assert not exchange.repeats(cancel(A, "a"))
    assert not exchange.repeats(limit(AccountId("nobody"), "a", "buy", 4, 99))


def test_the_exchange_of_a_stored_market_can_be_looked_at_alone() -> None:
    market = open_market("replay", seed=1)
    pairs = market.exchange.pairs()

    assert stored_exchange(market.dump(), pairs).state_hash() == market.exchange.state_hash()


def test_the_wait_of_an_order_that_ended_unfilled_is_remembered_in_bounds() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a0", "buy", 2, 99), Nanos(2))
    exchange.feed_print(tick(99, 3, 3))
    before = exchange.waits(A, OrderId("a0"))
    exchange.handle(cancel(A, "a0"), Nanos(4))

    assert exchange.waits(A, OrderId("a0")) == before
    assert before is not None
    assert [step.ahead for step in before.queue] == [5, 2]
    exchange.handle(limit(A, "a1", "buy", 1, 101), Nanos(5))
    assert exchange.waits(A, OrderId("a1")) is None, "it filled: that has a record of its own"
    for number in range(ENDED):
        exchange.handle(limit(A, f"b{number}", "buy", 1, 98), Nanos(6))
        exchange.handle(cancel(A, f"b{number}"), Nanos(6))
    assert exchange.waits(A, OrderId("a0")) is None
    assert exchange.waits(A, OrderId("b0")) is not None
