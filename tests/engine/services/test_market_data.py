import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.market import TradeTick
from engine.domain.number import Lots, Ticks
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.ports.feed import TradesPrinted
from engine.services.market_data import TAPE_LENGTH, MarketData
from tests.engine.services.scripted_feed import BTC, SECOND, START, ScriptedFeed


def make() -> tuple[Bus, ScriptedFeed, MarketData]:
    bus = Bus()
    feed = ScriptedFeed(bus)
    feed.bids, feed.asks = {100: 5, 99: 7}, {101: 4, 103: 9}
    data = MarketData(bus, feed)
    asyncio.run(data.start())
    return bus, feed, data


def test_book_follows_diffs_and_drops_levels_of_quantity_zero() -> None:
    _, feed, data = make()

    feed.diff({100: 0, 98: 2}, {101: 6})

    assert data.book("BTC/USDT").top(Side.BUY, 5) == [(99, 7), (98, 2)]
    assert data.quote("BTC/USDT")[1:5] == (99, 7, 101, 6)
    assert data.resyncs == 0


def test_a_gap_in_the_sequence_is_healed_by_a_snapshot_and_counted() -> None:
    _, feed, data = make()
    feed.bids[97] = 3  # this update is lost on the way

    feed.diff({100: 1}, {}, lost=1)

    assert data.book("BTC/USDT").top(Side.BUY, 9) == [(100, 1), (99, 7), (97, 3)]
    assert data.resyncs == 1


def test_a_crossed_book_is_never_shown() -> None:
    _, feed, data = make()

    feed.diff({102: 1}, {101: 0})  # honest move: the ask left
    feed.asks.pop(103)
    feed.asks[104] = 1
    feed._bus.publish  # noqa: B018 - the feed itself stays uncrossed
    from engine.domain.market import BookDiff, Level

    feed.seq += 1
    feed._bus.publish(BookDiff("BTC/USDT", (Level(200, 1),), (), feed.seq, feed.seq, feed.now))  # type: ignore[arg-type]

    assert not data.book("BTC/USDT").is_crossed
    assert data.book("BTC/USDT").best_bid == 102


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 50), st.integers(0, 7200 * SECOND)), min_size=1))
def test_day_figures_equal_a_scan_of_the_prints_kept(prints: list[tuple[int, int, int]]) -> None:
    _, feed, data = make()
    for price, qty, gap in prints:
        feed.print(price, qty, gap)

    day = data.day("BTC/USDT")
    bucket = 1800 * SECOND
    since = feed.now - feed.now % bucket - 86_400 * SECOND
    kept = [tick for tick in feed.prints if tick.at - tick.at % bucket > since]
    assert (day.last, day.high, day.low) == (kept[-1].price, max(t.price for t in kept), min(t.price for t in kept))
    assert day.volume == sum(tick.qty for tick in kept)


def test_tape_is_bounded_and_newest_is_right() -> None:
    _, feed, data = make()
    for price in range(1, TAPE_LENGTH + 11):
        feed.print(price, 1)

    tape = data.tape("BTC/USDT")

    assert (len(tape), tape[0].price, tape[-1].price) == (TAPE_LENGTH, 11, TAPE_LENGTH + 10)
    assert data.prints_seen == TAPE_LENGTH + 10


def test_a_jump_forgets_what_belongs_to_another_time() -> None:
    async def jump() -> tuple[int, object]:
        bus = Bus()
        feed = ScriptedFeed(bus)
        data = MarketData(bus, feed)
        await data.start()
        feed.print(100, 1)
        feed.jump(feed.now + 10**15)
        await asyncio.sleep(0)
        data.close()
        return len(data.tape("BTC/USDT")), data.last("BTC/USDT")

    assert asyncio.run(jump()) == (0, None)


def test_closing_leaves_no_subscription() -> None:
    bus, _, data = make()

    data.close()

    assert bus.subscriber_count == 0


async def test_a_market_with_other_pairs_is_followed_and_the_old_ones_are_forgotten(bus: Bus) -> None:
    other = replace(BTC, symbol="ETH/USDT", base=Asset("ETH", 8))

    class Moving(ScriptedFeed):
        carried = (other,)

        def pairs(self) -> tuple[TradingPair, ...]:
            return self.carried

    feed = Moving(bus)
    data = MarketData(bus, feed)
    assert data.last_price("BTC/USDT") is None
    bus.publish(TradesPrinted("ETH/USDT", (TradeTick("ETH/USDT", Ticks(5), Lots(1), Side.BUY, feed.now, 1),)))
    assert data.last_price("ETH/USDT") == 5

    feed.carried = (BTC,)
    feed.bids[10] = 3
    feed.jump(START)
    feed.print(600_000, 1)

    assert (data.last_price("ETH/USDT"), data.last_price("BTC/USDT")) == (None, 600_000)
    assert (data.book("ETH/USDT").synced, data.book("BTC/USDT").synced) == (False, True)
    data.close()
