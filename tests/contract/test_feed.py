"""What every MarketFeed promises, checked on each of them."""

from __future__ import annotations

import pytest

from engine.domain.market import BookDiff, DataLabel, FeedState, Timeframe
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.market.l2 import L2Book
from engine.ports.feed import MarketFeed, TradesPrinted
from tests.contract.markets import Running, running, server

__all__ = ["running", "server"]

pytestmark = pytest.mark.integration


async def test_its_label_says_where_prices_come_from(running: Running) -> None:
    feed: MarketFeed = running.feed

    assert (
        feed.label
        is {
            "simulated": DataLabel.SIMULATED,
            "replay": DataLabel.REPLAY,
            "server": DataLabel.SERVER,
            "public": DataLabel.PUBLIC,
        }[running.kind]
    )
    held_still = running.kind in ("simulated", "replay")
    assert feed.state is (FeedState.PAUSED if held_still else FeedState.SYNCED)
    assert feed.now > 0


async def test_snapshot_and_diffs_give_the_book_of_a_later_snapshot(running: Running) -> None:
    feed = running.feed
    books = {}
    for pair in feed.pairs():
        books[pair.symbol] = book = L2Book(pair.symbol)
        book.apply_snapshot(feed.snapshot(pair.symbol))
    diffs: list[BookDiff] = []
    running.bus.subscribe(BookDiff, diffs.append)
    await running.more()

    assert diffs
    for diff in diffs:
        assert books[diff.symbol].apply_diff(diff)
    for pair in feed.pairs():
        later = feed.snapshot(pair.symbol)
        book = books[pair.symbol]
        assert book.seq == later.seq
        assert tuple(book.top(Side.BUY, 10)) == later.bids[:10]
        assert tuple(book.top(Side.SELL, 10)) == later.asks[:10]
        assert not book.is_crossed


async def test_a_snapshot_is_sorted_and_as_deep_as_asked(running: Running) -> None:
    for pair in running.feed.pairs():
        found = running.feed.snapshot(pair.symbol, depth=5)
        bids, asks = [level.price for level in found.bids], [level.price for level in found.asks]

        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert 0 < len(bids) <= 5
        assert bids[0] < asks[0]


async def test_prints_come_in_the_order_of_time(running: Running) -> None:
    seen: dict[str, list[Nanos]] = {}
    running.bus.subscribe(
        TradesPrinted, lambda event: seen.setdefault(event.symbol, []).extend(tick.at for tick in event.ticks)
    )
    await running.more()

    assert seen
    assert all(instants == sorted(instants) for instants in seen.values())


@pytest.mark.parametrize("timeframe", [Timeframe.S1, Timeframe.M1])
async def test_bars_are_closed_aligned_and_sane(running: Running, timeframe: Timeframe) -> None:
    feed = running.feed
    for pair in feed.pairs():
        bars = await feed.bars(pair.symbol, timeframe, end=feed.now, count=50)

        assert len(bars) <= 50
        assert (bars.start % timeframe.nanos == 0).all()
        assert (bars.start + timeframe.nanos <= feed.now).all()
        assert (bars.high >= bars.open).all()
        assert (bars.high >= bars.close).all()
        assert (bars.low <= bars.open).all()
        assert (bars.low <= bars.close).all()
        assert (bars.volume >= 0).all()


async def test_a_pair_it_does_not_carry_is_named(running: Running) -> None:
    with pytest.raises(InvalidInput, match="NO/SUCH"):
        running.feed.snapshot("NO/SUCH")
    with pytest.raises(InvalidInput, match="NO/SUCH"):
        await running.feed.bars("NO/SUCH", Timeframe.M1, end=running.feed.now, count=1)
