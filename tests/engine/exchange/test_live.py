"""The live market: the twin of a replay while all is well, and what happens when its book is not known."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import cast

import pytest

from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, ListPair, SubmitOrder
from engine.domain.course import Latency
from engine.domain.event import KernelEvent, OrderFilled
from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side, TimeInForce
from engine.domain.why import FillExplained
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.exchange.latency import TRAVELLING
from engine.exchange.live import LiveMarket
from engine.exchange.offline import stored_exchange
from engine.exchange.replayed import ReplayMarket
from tests.engine.exchange.desk import story
from tests.engine.exchange.live_play import BTC, SYMBOL, LivePlay

S = NANOS_PER_SECOND
ME = AccountId("me")
DEPOSITS = (Deposit(ME, "USDT", Units(10**24)), Deposit(ME, "BTC", Units(10**19)))
HOME = Latency(7, 60_000_000, 60_000_000, 60_000_000, 15_000_000)


def order(name: str, side: str, qty: int, price: int | None = None, **more: object) -> SubmitOrder:
    sent = SubmitOrder(
        account=ME,
        order_id=OrderId(name),
        symbol=SYMBOL,
        side=Side(side),
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        qty=Lots(qty),
        price=None if price is None else Ticks(price),
    )
    return replace(sent, **more)  # type: ignore[arg-type]


def plan(seed: int, opening: Nanos, seconds: int, bid: int) -> list[tuple[Nanos, Command]]:
    """Commands of all kinds around a price, at instants in order."""
    random, ids, found = Random(seed), list[str](), list[tuple[Nanos, Command]]()  # noqa: S311 - a repeatable stream
    for number, at in enumerate(sorted(random.sample(range(seconds * 1000), 120))):
        side, price = random.choice(("buy", "sell")), bid + random.randint(-1_500, 1_500)
        kind, command = random.random(), cast(Command, None)
        if kind < 0.15 and ids:
            command = CancelOrder(ME, OrderId(random.choice(ids)))
        elif kind < 0.25 and ids:
            command = AmendOrder(account=ME, order_id=OrderId(random.choice(ids)), price=Ticks(price))
        elif kind < 0.35:
            command = order(f"o{number}", side, random.randint(100, 40_000))
        elif kind < 0.5:
            stop = Ticks(price)
            command = order(f"o{number}", side, 2_000, order_type=OrderType.STOP, stop_price=stop)
        else:
            until = Nanos(opening + at * 10**6 + random.randint(1, 20) * S)
            lives = {"tif": TimeInForce.GTD, "expire_ts": until} if random.random() < 0.3 else {}
            command = order(f"o{number}", side, random.randint(100, 90_000), price, **lives)
        ids.append(f"o{number}")
        found.append((Nanos(opening + at * 10**6), command))
    return found


@pytest.mark.parametrize("latency", [pytest.param(None, marks=pytest.mark.soak), HOME])
def test_on_one_recording_it_fills_as_the_replay_does(latency: Latency | None) -> None:
    replayed = ReplayMarket()
    live = LivePlay(replayed.opening)
    facts: dict[str, list[KernelEvent]] = {"live": [], "replay": []}
    answers: dict[str, list[object]] = {"live": [], "replay": []}
    for market in (live.market, replayed):
        for deposit in DEPOSITS:
            market.command(deposit)
        market.line.latency = latency
    bid = replayed.exchange.book(SYMBOL).best_bid
    assert bid is not None

    for at, command in plan(3, replayed.opening, 60, bid):
        step = replayed.advance(at)
        facts["replay"] += step.facts
        answers["replay"] += step.answers
        live.until(at)
        step = live.market.take()
        facts["live"] += step.facts
        answers["live"] += step.answers
        for name, market in (("replay", replayed), ("live", live.market)):
            if latency is not None and isinstance(command, TRAVELLING):
                market.line.send(command, market.now)
            else:
                facts[name] += market.command(command)

    fills = [fact for fact in facts["live"] if isinstance(fact, OrderFilled)]
    explained = {fact.rule for fact in facts["live"] if isinstance(fact, FillExplained)}
    assert len(fills) > 40
    assert explained >= {"taken", "displayed", "through"}
    assert facts["live"] == facts["replay"]
    assert answers["live"] == answers["replay"]
    assert live.market.exchange.dump()["accounts"] == replayed.exchange.dump()["accounts"]


def happened(facts: list[KernelEvent]) -> list[str]:
    return [each for each in story(facts) if each != "FillExplained"]


def levels(*pairs: tuple[int, int]) -> tuple[Level, ...]:
    return tuple(Level(Ticks(price), Lots(qty)) for price, qty in pairs)


def picture(at: int, seq: int = 1, bid: int = 100_000) -> BookSnapshot:
    return BookSnapshot(
        SYMBOL, levels((bid, 500), (bid - 1, 500)), levels((bid + 2, 500), (bid + 3, 500)), seq, Nanos(at)
    )


def tick(price: int, qty: int, side: str = "sell", at: int = 2 * S) -> TradeTick:
    return TradeTick(SYMBOL, Ticks(price), Lots(qty), Side(side), Nanos(at), 1)


def live(*, synced: bool = True) -> LiveMarket:
    made = LiveMarket([BTC.pair], at=Nanos(S))
    for deposit in DEPOSITS:
        made.command(deposit)
    if synced:
        assert made.hear_snapshot(picture(S))
    return made


def test_a_book_that_is_not_known_takes_no_order_that_only_it_could_judge() -> None:
    made = live(synced=False)

    for sent in (
        order("m", "buy", 100_000),
        order("i", "buy", 100_000, 100_000, tif=TimeInForce.IOC),
        order("f", "buy", 100_000, 100_000, tif=TimeInForce.FOK),
        order("p", "buy", 100_000, 100_000, post_only=True),
    ):
        assert story(made.command(sent)) == [f"rejected {sent.order_id} no_book"]
    assert story(made.command(order("l", "buy", 100_000, 100_000))) == ["accepted l"]


def test_a_stop_that_fires_while_the_book_is_not_known_trades_as_soon_as_it_is() -> None:
    made = live()
    made.hear_print(tick(100_000, 1))
    made.command(order("s", "sell", 100_300, order_type=OrderType.STOP, stop_price=Ticks(99_000)))
    made.command(order("t", "sell", 100_000, order_type=OrderType.STOP, stop_price=Ticks(99_500)))
    made.distrust(SYMBOL)
    made.take()

    made.hear_print(tick(98_000, 1))
    assert made.take().facts == []
    assert story(made.command(CancelOrder(ME, OrderId("t")))) == ["cancelled t user"]
    made.hear_print(tick(99_900, 1))
    made.hear_snapshot(picture(3 * S, 9, bid=99_900))

    assert happened(made.take().facts) == [
        "OrderTriggered",
        "filled s 500@99900 taker 99800",
        "filled s 500@99899 taker 99300",
        "cancelled s no_liquidity",
    ]


def test_prints_that_come_later_than_the_book_that_has_them_fill_nobody() -> None:
    made = live()
    made.command(order("o", "buy", 100_000, 100_000))
    made.advance(Nanos(10 * S))
    made.distrust(SYMBOL)
    made.hear_snapshot(picture(10 * S, 5))
    made.take()

    made.hear_print(tick(99_000, 10**6, at=5 * S))
    assert made.take().facts == []
    assert made.exchange.book(SYMBOL).last_price == 99_000, "stops look at it all the same"
    made.hear_print(tick(99_000, 10, at=10 * S))
    assert [fill for fill in story(made.take().facts) if fill.startswith("filled")] == [
        "filled o 10@100000 maker 99990"
    ]


def test_a_gap_in_the_numbers_is_found_on_the_very_next_diff() -> None:
    made = live()

    assert made.hear_diff(BookDiff(SYMBOL, levels((100_001, 5)), (), 2, 2, Nanos(S)))
    assert made.hear_diff(BookDiff(SYMBOL, levels((100_001, 9)), (), 1, 1, Nanos(S))), (
        "what is in the book is passed over"
    )
    assert not made.hear_diff(BookDiff(SYMBOL, levels((100_001, 0)), (), 4, 4, Nanos(S)))
    assert not made.is_synced(SYMBOL)
    assert made.hear_diff(BookDiff(SYMBOL, (), levels((99_000, 5)), 5, 5, Nanos(S)))
    assert made.exchange.book(SYMBOL).best_bid is None
    made.hear_snapshot(picture(S, 7))
    assert made.exchange.book(SYMBOL).best_bid == 100_000


def test_a_crossed_or_empty_picture_is_not_trusted() -> None:
    made = live()

    assert not made.hear_snapshot(BookSnapshot(SYMBOL, levels((101, 1)), levels((101, 1)), 2, Nanos(S)))
    assert not made.is_synced(SYMBOL)
    assert not made.hear_snapshot(BookSnapshot(SYMBOL, (), (), 3, Nanos(S)))
    assert made.hear_snapshot(BookSnapshot(SYMBOL, levels((101, 1)), (), 4, Nanos(S))), "a thin pair may have one side"


def test_time_never_goes_back_and_orders_expire_by_it() -> None:
    made = live()
    made.command(order("g", "buy", 100_000, 100_000, tif=TimeInForce.GTD, expire_ts=Nanos(5 * S)))
    made.advance(Nanos(3 * S))
    made.hear_print(tick(100_000, 1, at=2 * S))
    assert made.now == 3 * S
    made.advance(Nanos(2 * S))
    made.take()

    made.hear_diff(BookDiff(SYMBOL, levels((100_000, 6)), (), 2, 2, Nanos(6 * S)))

    assert story(made.take().facts) == ["OrderExpired"]
    assert made.now == 6 * S


def test_a_command_arrives_between_what_the_feed_says_before_and_after_it() -> None:
    made = live()
    made.line.latency = Latency(1, 10, 10, 10, 0)
    made.line.send(order("o", "buy", 100_000, 100_002), made.now)
    made.hear_diff(BookDiff(SYMBOL, (), levels((100_002, 0)), 2, 2, Nanos(S + 9)))
    made.hear_diff(BookDiff(SYMBOL, (), levels((100_001, 7)), 3, 3, Nanos(S + 11)))

    step = made.take()
    assert happened(step.facts) == ["accepted o", "filled o 7@100002 maker 99993"]
    assert [ticket for ticket, _ in step.answers] == [1]


def test_of_one_instant_what_the_feed_says_comes_before_a_command() -> None:
    made = live()
    made.line.latency = Latency(1, 10, 10, 10, 0)
    made.line.send(order("o", "buy", 100_000, 100_002), made.now)
    made.hear_diff(BookDiff(SYMBOL, (), levels((100_001, 100_000)), 2, 2, Nanos(S + 10)))
    assert made.take().facts == []
    made.advance(Nanos(S + 10))

    assert happened(made.take().facts) == ["accepted o", "filled o 100000@100001 taker 0"]


def test_who_waited_for_the_book_is_first_where_its_picture_shows_nobody() -> None:
    made = live(synced=False)
    for name, price in (("in", 99_999), ("out", 99_000)):
        made.command(order(name, "buy", 100_000, price))
    made.hear_snapshot(BookSnapshot(SYMBOL, levels((100_000, 5), (99_998, 5)), levels((100_002, 5)), 1, Nanos(S)))

    places = {name: made.exchange.place_in_queue(ME, OrderId(name)) for name in ("in", "out")}
    assert {name: place.ahead for name, place in places.items() if place is not None} == {"in": 0, "out": None}
    made.hear_print(tick(99_999, 7))
    assert happened(made.take().facts) == ["filled in 7@99999 maker 99993"]


def test_who_left_while_the_book_was_not_known_does_not_meet_it() -> None:
    made = live(synced=False)
    for name in ("stays", "leaves"):
        made.command(order(name, "buy", 100_000, 100_002))
    made.command(CancelOrder(ME, OrderId("leaves")))
    made.take()
    made.hear_snapshot(picture(2 * S))

    assert happened(made.take().facts) == ["filled stays 500@100002 taker 99500"]


def test_a_post_only_order_that_was_moved_meanwhile_never_takes() -> None:
    made = live()
    made.command(order("p", "buy", 100_000, 99_999, post_only=True))
    made.distrust(SYMBOL)
    moved = made.command(AmendOrder(account=ME, order_id=OrderId("p"), price=Ticks(100_001)))
    assert story(moved) == ["OrderAmended"]
    made.take()
    made.hear_snapshot(picture(3 * S, 9, bid=99_000))

    filled = [each for each in happened(made.take().facts) if each.startswith("filled")]
    assert filled
    assert all("@100001 maker" in each for each in filled)


def test_an_exchange_that_explains_nothing_lets_those_who_waited_meet_the_book_too() -> None:
    exchange = Exchange()
    for command in (ListPair(BTC.pair), *DEPOSITS):
        exchange.handle(command, Nanos(S))
    exchange.use_feed(SYMBOL)
    exchange.distrust(SYMBOL)
    exchange.handle(order("l", "buy", 100_000, 100_002), Nanos(S))

    assert story(exchange.feed_snapshot(picture(2 * S)))[-1].startswith("filled l 500@100002 taker")


def test_what_waits_for_the_book_is_in_its_dump() -> None:
    made = live()
    made.hear_print(tick(100_000, 1))
    made.command(order("s", "sell", 100_000, order_type=OrderType.STOP, stop_price=Ticks(99_000)))
    made.distrust(SYMBOL)
    made.command(order("l", "buy", 100_000, 100_004))
    made.hear_print(tick(98_000, 1))
    loaded = Exchange.load(made.exchange.dump(), [BTC.pair])

    assert loaded.dump() == made.exchange.dump()
    kept = stored_exchange(made.freeze()(), [BTC.pair])
    assert kept.open_orders(ME) == made.exchange.open_orders(ME)
    assert kept.place_in_queue(ME, OrderId("l")) == made.exchange.place_in_queue(ME, OrderId("l"))
    loaded.feed_snapshot(picture(3 * S))
    made.hear_snapshot(picture(3 * S))
    assert loaded.open_orders(ME) == made.exchange.open_orders(ME)


def test_a_pair_that_is_not_followed_has_no_book_to_take_over() -> None:
    market = LiveMarket(at=Nanos(S))

    with pytest.raises(InvalidInput, match="not followed"):
        market.hear_snapshot(BookSnapshot("ABC/XYZ", (), (), 1, Nanos(S)))
