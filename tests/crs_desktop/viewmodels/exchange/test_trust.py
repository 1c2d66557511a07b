"""No book that is out of step, or crossed, is ever called good; why and for how long is said."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.exchange.trust import TRUSTED, Trust
from engine.bus import Bus
from engine.domain.market import FeedState
from engine.services.market_data import MarketData
from tests.crs_desktop.scripted_exchange import ShownExchange

BTC, ETH = "BTC/USDT", "ETH/USDT"
DOUBTFUL = [each for each in FeedState if each not in TRUSTED]


class Watch:
    """The trust in a scripted exchange, by a clock that the test sets."""

    def __init__(self) -> None:
        self.bus, self.seconds = Bus(), 100.0
        self.feed = ShownExchange(self.bus)
        self.data = MarketData(self.bus, self.feed)
        self.trust = Trust(self.bus, self.feed, self.data.book, lambda: self.seconds)

    async def follow(self, *symbols: str) -> None:
        for symbol in symbols:
            await self.feed.follow(symbol)
        await asyncio.sleep(0)


@given(st.lists(st.tuples(st.sampled_from([BTC, ETH]), st.sampled_from([*DOUBTFUL, FeedState.SYNCED])), max_size=20))
def test_a_pair_is_trusted_exactly_while_its_own_state_says_so(steps: list[tuple[str, FeedState]]) -> None:
    async def play() -> None:
        watch = Watch()
        await watch.follow(BTC, ETH)
        now = dict.fromkeys((BTC, ETH), FeedState.SYNCED)
        for symbol, state in steps:
            now[symbol] = state
            watch.feed.doubt(symbol, state, "")
            for each in (BTC, ETH):
                assert watch.trust.trusts(each) == (now[each] in TRUSTED)
                assert bool(watch.trust.why(each).source) != watch.trust.trusts(each)
        watch.data.close()
        watch.trust.close()

    asyncio.run(play())


async def test_the_age_runs_from_the_first_doubt_through_every_state_until_it_is_over() -> None:
    watch = Watch()
    await watch.follow(BTC)
    watch.feed.doubt(BTC, FeedState.GAP, "Update 7 is missing.")
    watch.seconds += 1.2
    first = str(watch.trust.told(BTC)), str(watch.trust.badge(BTC))
    watch.feed.doubt(BTC, FeedState.RESYNCING, "Reading the book anew.")
    watch.seconds += 0.3
    second = str(watch.trust.told(BTC))
    watch.feed.doubt(BTC, FeedState.SYNCED, "")

    assert first == ("Update 7 is missing. (1.2 s)", "gap 1.2 s")
    assert second == "Reading the book anew. (1.5 s)"
    assert str(watch.trust.told(BTC)) == ""
    watch.data.close()


async def test_a_stale_book_is_as_old_as_the_last_frame() -> None:
    watch = Watch()
    await watch.follow(BTC)
    watch.feed.told = replace(watch.feed.told, age_ms=4_200.0)
    watch.feed.doubt(BTC, FeedState.STALE, "")

    assert str(watch.trust.badge(BTC)) == "stale 4.2 s"
    assert str(watch.trust.told(BTC)) == "Stale: nothing came for 4.2 s."
    watch.data.close()


async def test_a_crossed_book_is_not_trusted_though_the_feed_calls_it_synced() -> None:
    watch = Watch()
    await watch.follow(BTC)
    assert watch.trust.trusts(BTC)

    watch.feed.publish_crossed(BTC)

    assert watch.data.book(BTC).is_crossed
    assert not watch.trust.trusts(BTC)
    assert "cross" in str(watch.trust.why(BTC))
    watch.data.close()


@pytest.mark.parametrize("symbol", [ETH, "NO/WHERE"])
async def test_a_pair_that_is_not_followed_is_waited_for(symbol: str) -> None:
    watch = Watch()

    assert not watch.trust.trusts(symbol)
    assert str(watch.trust.why(symbol)) == f"Waiting for {symbol} of Binance…"
    watch.data.close()
