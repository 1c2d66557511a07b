"""The exchange on a feed's book: fills, money, triggers and lists; the matcher itself has its own tests."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.domain.command import SubmitList
from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import ListKind, OrderId, Side
from engine.domain.why import Place
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.matching.book import Sweep
from tests.engine.exchange.desk import A, B, S, cancel, desk, limit, pair, story


def levels(*pairs: tuple[int, int]) -> tuple[Level, ...]:
    return tuple(Level(Ticks(price), Lots(qty)) for price, qty in pairs)


def fed() -> Exchange:
    exchange = desk()
    exchange.use_feed(S)
    exchange.feed_snapshot(BookSnapshot(S, levels((99, 5), (98, 5)), levels((101, 5), (102, 5)), 1, Nanos(1)))
    return exchange


def diff(bids: tuple[Level, ...] = (), asks: tuple[Level, ...] = ()) -> BookDiff:
    return BookDiff(S, bids, asks, 2, 2, Nanos(1))


def tick(price: int, qty: int, side: str = "sell", at: int = 5) -> TradeTick:
    return TradeTick(S, Ticks(price), Lots(qty), Side(side), Nanos(at), 1)


def test_an_aggressive_order_walks_the_displayed_depth_and_its_rest_waits() -> None:
    exchange = fed()

    events = exchange.handle(limit(A, "a", "buy", 12, 102), Nanos(2))

    assert story(events) == [
        "accepted a",
        "trade None a 5@101",
        "filled a 5@101 taker 7",
        "trade None a 5@102",
        "filled a 5@102 taker 2",
    ]
    assert exchange.queue_ahead(A, OrderId("a")) == 0
    assert exchange.book(S).best_ask is None
    assert exchange.book(S).best_bid == 99
    assert exchange.book(S).last_price is None


def test_the_same_liquidity_never_fills_two_orders_until_fresh_size_comes() -> None:
    exchange = fed()
    book = exchange.book(S)
    assert book.take_changes() == (list(levels((99, 5), (98, 5))), list(levels((101, 5), (102, 5))))
    exchange.handle(limit(A, "a1", "buy", 4, None), Nanos(2))

    assert book.levels(Side.SELL) == list(levels((101, 1), (102, 5)))
    assert book.levels(Side.SELL, 1) == list(levels((101, 1)))
    assert story(exchange.handle(limit(A, "a2", "buy", 5, 101, tif="FOK"), Nanos(2))) == [
        "rejected a2 fok_not_fillable"
    ]
    assert book.take_changes() == ([], list(levels((101, 1))))

    exchange.feed_diff(diff(asks=levels((101, 9), (102, 0), (103, 1))))

    assert book.take_changes() == ([], list(levels((101, 5), (102, 0), (103, 1))))
    assert book.cost_to_fill(Side.BUY, Lots(9)) == Sweep(Lots(6), 5 * 101 + 103, Ticks(103))
    assert book.cost_to_fill(Side.SELL, Lots(6)) == Sweep(Lots(6), 5 * 99 + 98, Ticks(98))
    assert story(exchange.handle(limit(A, "a3", "buy", 5, 101, tif="FOK"), Nanos(2)))[1] == "trade None a3 5@101"


def test_resting_orders_fill_by_prints_in_the_order_of_their_queue() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a1", "buy", 4, 98), Nanos(2))
    exchange.handle(limit(B, "b1", "buy", 4, 98), Nanos(2))
    exchange.handle(limit(A, "a3", "sell", 4, 101), Nanos(2))
    assert exchange.place_in_queue(A, OrderId("a1")) == Place(Lots(5), Lots(4), Lots(13), is_estimate=True)
    assert exchange.place_in_queue(B, OrderId("b1")) == Place(Lots(9), Lots(0), Lots(13), is_estimate=True)

    assert story(exchange.feed_print(tick(98, 6))) == ["trade a1 None 1@98", "filled a1 1@98 maker 3"]
    assert story(exchange.feed_print(tick(97, 5))) == [
        "trade a1 None 3@98",
        "filled a1 3@98 maker 0",
        "trade b1 None 2@98",
        "filled b1 2@98 maker 2",
    ]
    assert exchange.queue_ahead(B, OrderId("b1")) == 0
    assert story(exchange.feed_print(tick(101, 5, "buy"))) == []
    assert story(exchange.feed_print(tick(101, 1, "buy"))) == ["trade a3 None 1@101", "filled a3 1@101 maker 3"]
    assert story(exchange.handle(cancel(A, "a3"), Nanos(9))) == ["cancelled a3 user"]


def test_the_other_sides_book_fills_at_our_price_and_starts_what_waits_for_it() -> None:
    exchange = fed()
    entry, leg = limit(A, "e", "buy", 3, 100), limit(A, "l", "sell", 3, 110)
    exchange.handle(SubmitList(A, OrderId("L"), ListKind.OTO, (entry, leg)), Nanos(2))

    events = exchange.feed_diff(diff(asks=levels((100, 4))))

    assert story(events) == ["trade e None 3@100", "filled e 3@100 maker 0", "LegStarted"]
    assert exchange.book(S).levels(Side.SELL, 1) == list(levels((100, 1)))


def test_an_iceberg_waits_with_what_it_displays() -> None:
    exchange = fed()
    exchange.handle(replace(limit(A, "a", "buy", 9, 99), display_qty=Lots(2)), Nanos(2))

    assert exchange.place_in_queue(A, OrderId("a")) == Place(Lots(5), Lots(0), Lots(7), is_estimate=True)
    assert story(exchange.feed_print(tick(99, 7))) == ["trade a None 2@99", "filled a 2@99 maker 7"]
    assert exchange.queue_ahead(A, OrderId("a")) == 5
    assert len(story(exchange.feed_print(tick(98, 5)))) == 6


def test_where_the_feed_shows_nothing_the_place_is_not_known() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a", "buy", 4, 90), Nanos(2))

    assert exchange.place_in_queue(A, OrderId("a")) == Place(None, Lots(0), Lots(4), is_estimate=True)
    assert exchange.queue_ahead(A, OrderId("a")) is None


def test_prints_fire_triggers_and_our_own_trades_do_not() -> None:
    exchange = fed()
    exchange.handle(limit(A, "s", "buy", 2, None, stop=101), Nanos(2))

    assert len(exchange.handle(limit(A, "a", "buy", 1, None), Nanos(2))) == 3
    assert story(exchange.feed_print(tick(101, 1, "buy"))) == [
        "OrderTriggered",
        "trade None s 2@101",
        "filled s 2@101 taker 0",
    ]
    assert exchange.book(S).last_price == 101
    assert exchange.now == 5


def test_a_snapshot_replaces_the_feeds_book_and_keeps_our_orders() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a", "buy", 4, 98), Nanos(2))
    book = exchange.book(S)
    book.take_changes()

    exchange.feed_snapshot(BookSnapshot(S, levels((97, 1)), (), 9, Nanos(3)))

    assert book.take_changes() == (list(levels((99, 0), (98, 0), (97, 1))), list(levels((101, 0), (102, 0))))
    assert exchange.queue_ahead(A, OrderId("a")) == 5


def test_a_dump_keeps_the_places_in_the_queues() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a", "buy", 4, 98), Nanos(2))
    exchange.feed_print(tick(98, 2))
    dump = json.loads(json.dumps(exchange.dump()))
    again = Exchange.load(dump, [pair()])

    assert json.loads(json.dumps(again.dump())) == dump
    assert again.queue_ahead(A, OrderId("a")) == 3
    assert story(again.feed_print(tick(97, 6))) == ["trade a None 4@98", "filled a 4@98 maker 0"]


def test_a_dump_keeps_what_was_consumed() -> None:
    exchange = fed()
    exchange.handle(limit(A, "a", "buy", 4, None), Nanos(2))

    again = Exchange.load(exchange.dump(), [pair()])

    assert again.book(S).levels(Side.SELL) == list(levels((101, 1), (102, 5)))


def test_a_pair_with_a_book_of_its_own_takes_no_feed() -> None:
    exchange = desk()

    with pytest.raises(InvalidInput, match="book of its own"):
        exchange.feed_diff(diff())
