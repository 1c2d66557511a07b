"""Kept bars against a venue that counts its requests: the same bars as without a cache, and none asked for twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.exchanges.venues import open_feed, spec_of
from engine.adapters.history.kept import KeptBars
from engine.adapters.history.store import BarStore
from engine.bus import Bus
from engine.domain.instrument import Instrument
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import InvalidInput, VenueUnavailable
from engine.market.bars import empty
from engine.market.catalogue import PAIRS
from engine.ports.feed import BarArrays
from tests.engine.adapters.exchanges.loopback import demo, loopback

MINUTE = Timeframe.M1.nanos
PAIR = PAIRS[0].pair
BTC = Instrument("binance", "BTCUSDT", PAIR)
START = 28_000_000 * MINUTE
"""Not the beginning of a page."""


def some_bars(places: Iterable[int]) -> BarArrays:
    """Return bars that each follow from their minute alone."""
    at = np.array(sorted(places), dtype=np.int64)
    if not len(at):
        return empty()
    draw = np.random.default_rng(7).integers(1, 500, (100_000, 5))[at % 100_000].astype(np.float64)
    opened, close = 6_000_000 + draw[:, 0], 6_000_000 + draw[:, 1]
    high, low = np.maximum(opened, close) + draw[:, 2], np.minimum(opened, close) - draw[:, 3]
    return BarArrays(START + at * MINUTE, opened, high, low, close, draw[:, 4])


class Venue:
    """Has the bars of some minutes, as far back as `reach`, and answers `page` at a time."""

    venue, page = "binance", 50

    def __init__(self, places: set[int]) -> None:
        self.places, self.asked, self.fails = places, list[tuple[int, int]](), False
        self.now = Nanos(START + 10_000 * MINUTE)

    def timeframes(self, _instrument: Instrument) -> tuple[Timeframe, ...]:
        return (Timeframe.M1,)

    async def bars(self, _instrument: Instrument, _timeframe: Timeframe, *, start: Nanos, end: Nanos) -> BarArrays:
        await asyncio.sleep(0)
        if self.fails:
            raise VenueUnavailable("The exchange cannot be reached.")
        first, until = (start - START) // MINUTE, (end - START) // MINUTE
        self.asked.append((first, until))
        return some_bars(place for place in self.places if first <= place < until)


def kept_over(venue: Venue, directory: Path, now: int = 10_000) -> KeptBars:
    venue.now = Nanos(START + now * MINUTE)
    return KeptBars(venue, BarStore(directory))


async def ask(kept: KeptBars, first: int, until: int) -> BarArrays:
    return await kept.bars(BTC, Timeframe.M1, start=Nanos(START + first * MINUTE), end=Nanos(START + until * MINUTE))


def same(one: BarArrays, other: BarArrays) -> bool:
    names = ("start", "open", "high", "low", "close", "volume")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


async def test_what_was_asked_once_is_not_asked_again_by_anybody(tmp_path: Path) -> None:
    venue = Venue(set(range(9_000)))
    kept = kept_over(venue, tmp_path)

    both = await asyncio.gather(ask(kept, 100, 4_000), ask(kept, 100, 4_000))
    after = await ask(kept_over(venue, tmp_path), 200, 3_900)  # another run of the program

    assert same(both[0], some_bars(range(100, 4_000)))
    assert same(both[1], both[0])
    assert same(after, some_bars(range(200, 3_900)))
    asked = [place for first, until in venue.asked for place in range(first, until)]
    assert len(asked) == len(set(asked)) == 3_900


async def test_a_hole_after_sleep_is_all_that_is_asked_for(tmp_path: Path) -> None:
    venue = Venue(set(range(9_000)))
    await ask(kept_over(venue, tmp_path, now=2_000), 1_000, 2_000)
    venue.asked.clear()

    found = await ask(kept_over(venue, tmp_path, now=3_000), 1_000, 3_000)

    assert same(found, some_bars(range(1_000, 3_000)))
    assert min(first for first, _ in venue.asked) >= 1_999  # the newest bar was too young to be kept


async def test_an_outage_of_the_venue_is_remembered_what_is_out_of_reach_is_asked_for_again(tmp_path: Path) -> None:
    venue = Venue(set(range(500, 2_000)) - set(range(900, 1_400)))
    kept = kept_over(venue, tmp_path)
    assert same(await ask(kept, 100, 2_000), some_bars(venue.places))
    venue.asked.clear()

    again = await ask(kept, 0, 2_000)

    assert same(again, some_bars(venue.places))
    assert venue.asked == [(0, 100)]  # 100 to 500 was empty a moment ago
    later = kept_over(venue, tmp_path)
    venue.places |= set(range(300, 500))
    assert same(await ask(later, 0, 2_000), some_bars(venue.places))
    assert max(until for _, until in venue.asked) <= 500
    (series,), damaged = BarStore(tmp_path).series()
    assert (series.bars, series.missing, damaged) == (1_200, 500, [])


async def test_what_came_before_a_failure_is_kept(tmp_path: Path) -> None:
    venue = Venue(set(range(9_000)))
    kept = kept_over(venue, tmp_path)
    told: list[tuple[int, int]] = []

    def fail_after_two(have: int, whole: int) -> None:
        told.append((have, whole))
        venue.fails = len(told) == 2

    with pytest.raises(VenueUnavailable):
        await kept.fetch(BTC, Timeframe.M1, start=Nanos(START), end=Nanos(START + 4_000 * MINUTE), told=fail_after_two)
    venue.fails = False
    venue.asked.clear()
    found = await ask(kept, 0, 4_000)

    assert told == [(400, 4_000), (800, 4_000)]
    assert same(found, some_bars(range(4_000)))
    assert max(until for _, until in venue.asked) == 3_200


async def test_bars_that_cannot_be_are_refused(tmp_path: Path) -> None:
    venue = Venue(set(range(100)))

    async def lies(_instrument: Instrument, _timeframe: Timeframe, *, start: Nanos, end: Nanos) -> BarArrays:
        bars = some_bars(range(100))
        bars.high[50] = bars.low[50] - 1
        return bars

    venue.bars = lies  # type: ignore[method-assign]
    with pytest.raises(InvalidInput, match="cannot be"):
        await ask(kept_over(venue, tmp_path), 0, 100)
    assert BarStore(tmp_path).series()[0] == []


Range = st.tuples(st.integers(0, 900), st.integers(1, 400)).map(lambda each: (each[0], each[0] + each[1]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 1_300), max_size=900), st.lists(Range, min_size=1, max_size=8))
def test_it_says_what_the_venue_says_whatever_is_asked_in_whatever_order(
    tmp_path_factory: pytest.TempPathFactory, places: set[int], ranges: list[tuple[int, int]]
) -> None:
    venue = Venue(places)
    venue.page = 10
    kept = kept_over(venue, tmp_path_factory.mktemp("kept"))

    async def all_of_them() -> None:
        for first, until in ranges:
            found = await ask(kept, first, until)
            assert same(found, some_bars(place for place in places if first <= place < until))

    asyncio.run(all_of_them())


async def test_a_venue_on_this_machine_tells_its_bars_once(tmp_path: Path) -> None:
    async with loopback(demo("BTC/USDT")) as venue:
        spec = spec_of("binance").at(venue.rest_url, venue.socket_url)
        feed = await open_feed("binance", Bus(), spec=spec)
        try:
            instrument = next(each for each in feed.instruments() if each.symbol == "BTC/USDT")
            end = Nanos(feed.now - feed.now % MINUTE)
            start = Nanos(end - 700 * MINUTE)
            direct = await feed.source.bars(instrument, Timeframe.M1, start=start, end=end)
            kept = KeptBars(feed.source, BarStore(tmp_path))

            first = await kept.bars(instrument, Timeframe.M1, start=start, end=end)
            again = await kept.bars(instrument, Timeframe.M1, start=start, end=end)
        finally:
            await feed.close()

    assert len(direct) >= 699  # the newest may be closing at this very instant
    assert same(first, direct)
    assert same(again, direct)
