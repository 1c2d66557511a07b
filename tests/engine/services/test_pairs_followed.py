"""Pairs that a feed takes up later, and gives up: the services above it follow."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from engine.bus import Bus
from engine.domain.market import BookSnapshot, Level, Timeframe, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.ports.exchange import PairsFollowed, PastPrints
from engine.ports.feed import BarArrays, TradesPrinted
from engine.services.bars import Bars
from engine.services.market_data import MarketData
from engine.services.prints import Prints
from tests.engine.services.scripted_feed import BTC, SECOND, START, ScriptedFeed

ETH = replace(BTC, symbol="ETH/USDT")


class FollowingFeed(ScriptedFeed):
    """A feed that carries what it is told to; ETH/USDT has the same bars as BTC/USDT."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.carried: list[TradingPair] = [BTC]

    def pairs(self) -> tuple[TradingPair, ...]:
        return tuple(self.carried)

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        if symbol == "BTC/USDT":
            return super().snapshot(symbol, depth)
        return BookSnapshot(symbol, (Level(Ticks(7), Lots(1)),), (Level(Ticks(9), Lots(2)),), 5, self.now)

    def follow(self) -> None:
        self.carried = [BTC, ETH]
        self._bus.publish(PairsFollowed("scripted", ("ETH/USDT",), ()))

    def unfollow(self) -> None:
        self.carried = [BTC]
        self._bus.publish(PairsFollowed("scripted", (), ("ETH/USDT",)))


def eth(price: int, at: int, number: int = 1) -> TradeTick:
    return TradeTick("ETH/USDT", Ticks(price), Lots(3), Side.BUY, Nanos(at), number)


async def test_a_pair_that_is_followed_later_has_book_day_and_tape() -> None:
    bus = Bus()
    feed = FollowingFeed(bus)
    feed.print(500, 3)
    feed.print(510, 3, 1800 * SECOND)
    data = MarketData(bus, feed)
    await data.start()

    feed.follow()
    await data._tasks.finished()

    assert data.quote("ETH/USDT")[1:5] == (7, 1, 9, 2)
    assert data.day("ETH/USDT").high == 500  # the closed quarters of an hour
    bus.publish(PastPrints("ETH/USDT", Nanos(START), (eth(8, START), eth(7, START + 1, 2))))
    bus.publish(TradesPrinted("ETH/USDT", (eth(9, START + 2, 3),)))
    assert [tick.price for tick in data.tape("ETH/USDT")] == [8, 7, 9]
    data.close()


async def test_nothing_is_kept_of_a_pair_that_is_not_followed_any_more() -> None:
    bus = Bus()
    feed = FollowingFeed(bus)
    data, prints = MarketData(bus, feed), Prints(bus, feed)
    bars = Bars(bus, feed, data)
    feed.follow()
    bus.publish(TradesPrinted("ETH/USDT", (eth(8, START),)))
    await bars.watch("ETH/USDT", Timeframe.M1)

    feed.unfollow()

    assert data.last("ETH/USDT") is None
    assert prints.log("ETH/USDT").count == 0
    assert bars.forming("ETH/USDT", Timeframe.M1) is None
    for service in (data, bars, prints):
        service.close()
    assert bus.subscriber_count == 0


async def test_bars_of_a_day_that_come_too_late_make_no_pair() -> None:
    bus = Bus()
    gate = asyncio.Event()

    class Slow(FollowingFeed):
        async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
            await gate.wait()
            return await super().bars(symbol, timeframe, end=end, count=count)

    feed = Slow(bus)
    feed.print(500, 3)
    data = MarketData(bus, feed)
    feed.follow()
    await asyncio.sleep(0)
    feed.unfollow()
    gate.set()
    await data._tasks.finished()

    assert data.day("ETH/USDT").last is None
    data.close()


async def test_a_watched_bar_of_a_pair_that_comes_again_is_seeded_anew() -> None:
    bus = Bus()
    feed = FollowingFeed(bus)
    data = MarketData(bus, feed)
    bars = Bars(bus, feed, data)
    await bars.watch("ETH/USDT", Timeframe.M1)
    assert bars.forming("ETH/USDT", Timeframe.M1) is None

    feed.print(500, 3)  # ETH/USDT has its bars of a second
    feed.now = Nanos(feed.now + 2 * SECOND)
    feed.follow()
    await bars._tasks.finished()

    forming = bars.forming("ETH/USDT", Timeframe.M1)
    assert forming is not None
    assert (forming.open, forming.volume) == (500, 3)
    bars.close()
    data.close()


def test_prints_of_the_past_go_before_those_that_come() -> None:
    bus = Bus()
    feed = FollowingFeed(bus)
    prints = Prints(bus, feed)
    feed.follow()
    bus.publish(PastPrints("ETH/USDT", Nanos(START - 5), (eth(8, START - 5), eth(7, START - 1, 2))))
    bus.publish(TradesPrinted("ETH/USDT", (eth(9, START, 3),)))

    log = prints.log("ETH/USDT")
    assert (log.since, log.from_number(0).price.tolist()) == (START - 5, [8, 7, 9])
    prints.close()
