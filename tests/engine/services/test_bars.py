import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bus import Bus
from engine.domain.market import Bar, Timeframe
from engine.domain.number import Nanos
from engine.ports.feed import BarArrays
from engine.services.bars import BarClosed, Bars
from engine.services.market_data import MarketData
from tests.engine.services.scripted_feed import SECOND, START, ScriptedFeed, fold_bars

Prints = list[tuple[int, int, int]]
prints_strategy = st.lists(
    st.tuples(st.integers(1, 10**6), st.integers(1, 50), st.integers(0, 200 * SECOND)), min_size=1, max_size=40
)


async def run(before: Prints, after: Prints, timeframe: Timeframe) -> tuple[ScriptedFeed, list[Bar], Bar | None]:
    bus = Bus()
    feed = ScriptedFeed(bus)
    data = MarketData(bus, feed)
    bars = Bars(bus, feed, data)
    closed: list[Bar] = []
    bus.subscribe(BarClosed, lambda event: closed.append(event.bar))
    for each in before:
        feed.print(*each)
    await bars.watch("BTC/USDT", timeframe)
    for each in after:
        feed.print(*each)
    forming = bars.forming("BTC/USDT", timeframe)
    bars.close()
    data.close()
    return feed, closed, forming


@given(prints_strategy, prints_strategy, st.sampled_from([Timeframe.S1, Timeframe.M1, Timeframe.M5]))
@settings(max_examples=60)
def test_closed_and_forming_bars_equal_a_fold_of_all_prints(before: Prints, after: Prints, tf: Timeframe) -> None:
    feed, closed, forming = asyncio.run(run(before, after, tf))

    assert forming is not None
    got = [[b.start, b.open, b.high, b.low, b.close, b.volume] for b in (*closed, forming)]
    expected = fold_bars(feed.prints, tf.nanos, feed.now)
    assert got == expected[-len(got) :]
    assert forming.start == feed.now - feed.now % tf.nanos


def test_time_that_passes_without_a_print_closes_flat_bars() -> None:
    async def quiet() -> list[Bar]:
        bus = Bus()
        feed = ScriptedFeed(bus)
        bars = Bars(bus, feed, MarketData(bus, feed))
        closed: list[Bar] = []
        bus.subscribe(BarClosed, lambda event: closed.append(event.bar))
        feed.print(500, 3)
        await bars.watch("BTC/USDT", Timeframe.S1)
        feed.now = Nanos(feed.now + 3 * SECOND)
        feed.diff({499: 1}, {})
        return closed

    closed = asyncio.run(quiet())

    assert [(bar.start - START, bar.close, bar.volume) for bar in closed] == [
        (0, 500, 3),
        (SECOND, 500, 0),
        (2 * SECOND, 500, 0),
    ]


def test_watching_nests_and_unwatching_forgets() -> None:
    async def nest() -> tuple[bool, bool]:
        bus = Bus()
        feed = ScriptedFeed(bus)
        bars = Bars(bus, feed, MarketData(bus, feed))
        feed.print(500, 3)
        await bars.watch("BTC/USDT", Timeframe.M1)
        await bars.watch("BTC/USDT", Timeframe.M1)
        bars.unwatch("BTC/USDT", Timeframe.M1)
        once = bars.forming("BTC/USDT", Timeframe.M1) is not None
        bars.unwatch("BTC/USDT", Timeframe.M1)
        return once, bars.forming("BTC/USDT", Timeframe.M1) is None

    assert asyncio.run(nest()) == (True, True)


@pytest.mark.parametrize("timeframe", [Timeframe.S1, Timeframe.H1])
def test_a_jump_seeds_the_forming_bar_anew(timeframe: Timeframe) -> None:
    async def jump() -> Bar | None:
        bus = Bus()
        feed = ScriptedFeed(bus)
        data = MarketData(bus, feed)
        bars = Bars(bus, feed, data)
        feed.print(500, 3)
        await bars.watch("BTC/USDT", timeframe)
        feed.jump(START + 10 * 86_400 * SECOND)
        feed.print(900, 2)
        await asyncio.sleep(0.01)
        bars.close()
        return bars.forming("BTC/USDT", timeframe)

    bar = asyncio.run(jump())

    assert bar is not None
    assert (bar.open, bar.volume) == (900, 2)


def test_a_bar_watched_before_any_price_is_known_forms_from_the_first_print() -> None:
    async def early() -> Bar | None:
        bus = Bus()
        feed = ScriptedFeed(bus)
        bars = Bars(bus, feed, MarketData(bus, feed))
        await bars.watch("BTC/USDT", Timeframe.M1)
        assert bars.forming("BTC/USDT", Timeframe.M1) is None
        feed.print(700, 4, SECOND)
        return bars.forming("BTC/USDT", Timeframe.M1)

    bar = asyncio.run(early())

    assert bar is not None
    assert (bar.start, bar.open, bar.close, bar.volume) == (START, 700, 700, 4)


async def test_who_stops_watching_early_does_not_take_the_bar_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus()
    feed = ScriptedFeed(bus)
    data = MarketData(bus, feed)
    bars = Bars(bus, feed, data)
    feed.print(500, 3, 90 * SECOND)
    feed.now = Nanos(feed.now + 30 * SECOND)
    read = feed.bars

    async def slow(symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        await asyncio.sleep(0.001)
        return await read(symbol, timeframe, end=end, count=count)

    monkeypatch.setattr(feed, "bars", slow)
    first, second = (asyncio.ensure_future(bars.watch("BTC/USDT", Timeframe.H1)) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()
    bars.unwatch("BTC/USDT", Timeframe.H1)
    await second

    assert bars.forming("BTC/USDT", Timeframe.H1) is not None
    bars.close()
    data.close()
