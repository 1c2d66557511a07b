import pytest

from engine.adapters.paper.feed import OfflineFeed
from engine.bus import Bus
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.exchange.offline import OfflineMarket
from engine.exchange.replayed import ReplayMarket
from engine.exchange.simulated import SimulatedMarket
from engine.market.catalogue import PAIRS
from engine.market.footprint import flow_of
from engine.services.prints import Prints
from tests.engine.services.scripted_feed import START, ScriptedFeed

SECOND = NANOS_PER_SECOND


def test_a_jump_begins_anew() -> None:
    bus = Bus()
    feed = ScriptedFeed(bus)
    prints = Prints(bus, feed)
    feed.print(500, 3)
    before = prints.log("BTC/USDT")
    feed.jump(START + 7)
    feed.print(501, 2)
    log = prints.log("BTC/USDT")
    prints.close()

    assert before.count == 1
    assert (log.since, log.from_number(0).price.tolist()) == (START + 7, [501])
    assert bus.subscriber_count == 0


def play(market: OfflineMarket, feed: OfflineFeed, seconds: int) -> None:
    for _ in range(seconds):
        feed.show(market.advance(Nanos(market.now + SECOND)))


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["replay", "simulated"])
def test_prints_since_the_log_began_sum_to_the_volume_of_every_bar(kind: str) -> None:
    market: OfflineMarket = ReplayMarket() if kind == "replay" else SimulatedMarket(3, pairs=PAIRS[:1])
    bus = Bus()
    feed = OfflineFeed(bus, market)
    prints = Prints(bus, feed, feed.past_prints)
    play(market, feed, 20)
    symbol = "BTC/USDT"
    log = prints.log(symbol)
    bars = market.bars(symbol, Timeframe.S1, end=market.now, count=10_000)
    known = bars.start >= log.since

    flow = flow_of(log.from_number(0), bars.start[known], SECOND)

    assert flow.volume.tolist() == bars.volume[known].tolist()
    assert flow.volume.any()
    assert len(flow.volume) > 250 if kind == "replay" else len(flow.volume) == 20  # a recording kept its past
    prints.close()


@pytest.mark.no_cover
def test_a_recording_that_jumps_back_knows_the_prints_before_and_none_twice() -> None:
    market, bus = ReplayMarket(), Bus()
    feed = OfflineFeed(bus, market)
    prints = Prints(bus, feed, feed.past_prints)
    play(market, feed, 5)
    count = prints.log("BTC/USDT").count
    market.jump(Nanos(market.opening))
    feed.replace(market)
    play(market, feed, 5)

    assert prints.log("BTC/USDT").count == count
    prints.close()
