"""What every MarketFeed promises, checked on the feed of a public exchange over each venue's wire."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from engine.adapters.exchanges.feed.feed import PublicFeed
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.venues import SPECS, open_feed, spec_of
from engine.bus import Bus
from engine.domain.market import FeedState
from tests.contract.markets import Running
from tests.contract.test_feed import (
    test_a_pair_it_does_not_carry_is_named,
    test_a_snapshot_is_sorted_and_as_deep_as_asked,
    test_bars_are_closed_aligned_and_sane,
    test_its_label_says_where_prices_come_from,
    test_prints_come_in_the_order_of_time,
    test_snapshot_and_diffs_give_the_book_of_a_later_snapshot,
)
from tests.engine.adapters.exchanges.following import play, quick, until
from tests.engine.adapters.exchanges.loopback import demo, loopback

__all__ = [
    "quick",
    "test_a_pair_it_does_not_carry_is_named",
    "test_a_snapshot_is_sorted_and_as_deep_as_asked",
    "test_bars_are_closed_aligned_and_sane",
    "test_its_label_says_where_prices_come_from",
    "test_prints_come_in_the_order_of_time",
    "test_snapshot_and_diffs_give_the_book_of_a_later_snapshot",
]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]


class Followed(Running):
    """Two pairs of a venue on this machine."""

    moves = True

    def __init__(self, feed: PublicFeed, bus: Bus, venue: Loopback) -> None:
        self.kind, self.bus, self.feed, self._there = "public", bus, feed, venue

    async def more(self) -> None:
        """Let some more happen there, and wait until it is here."""
        await play(self._there, 20)
        await until(lambda: self.feed.state is FeedState.SYNCED)


@pytest.fixture(params=[pytest.param(name, marks=[] if name == "binance" else [pytest.mark.soak]) for name in SPECS])
async def running(request: pytest.FixtureRequest, quick: None) -> AsyncIterator[Running]:
    """Each venue's wire, some seconds into its life."""
    async with loopback(demo("BTC/USDT", "ETH/USDT"), request.param) as venue:
        bus, spec = Bus(), spec_of(request.param).at(venue.rest_url, venue.socket_url)
        feed = await open_feed(request.param, bus, spec=spec)
        assert isinstance(feed, PublicFeed)
        try:
            for instrument in feed.instruments():
                await feed.follow(instrument.symbol)
            await until(lambda: venue.clients == 1)
            for _ in range(2):  # what fell between a request and the stream shows with the next print
                await play(venue, 10)
                await until(lambda: feed.state is FeedState.SYNCED and not feed.is_catching_up)
            yield Followed(feed, bus, venue)
        finally:
            await feed.close()
