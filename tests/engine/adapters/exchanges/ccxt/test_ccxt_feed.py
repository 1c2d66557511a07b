"""A feed through ccxt over Binance's wire: slower, and still never wrong about what it shows."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from engine.adapters.exchanges.ccxt.feed import CcxtFeed, open_ccxt
from engine.adapters.exchanges.ccxt.peer import text_of
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.venues import open_feed, spec_of
from engine.bus import Bus
from engine.domain.market import BookDiff, FeedState, Timeframe
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.market.l2 import L2Book
from engine.ports.feed import TradesPrinted
from tests.engine.adapters.exchanges.following import play, until
from tests.engine.adapters.exchanges.loopback import demo, loopback

pytest.importorskip("ccxt")

pytestmark = pytest.mark.integration

BTC = "BTC/USDT"


async def opened(venue: Loopback, bus: Bus) -> CcxtFeed:
    """A feed of ccxt's Binance, which is on this machine."""

    def configure(exchange: Any) -> None:  # noqa: ANN401 - of a library without types
        exchange.options["fetchMarkets"] = {"types": ["spot"]}
        exchange.has["fetchCurrencies"] = False
        exchange.urls["api"]["public"] = f"{venue.rest_url}/api/v3"
        exchange.urls["api"]["ws"]["spot"] = f"{venue.socket_url}/stream/ws"

    return await open_ccxt(spec_of("ccxt-binance"), bus, configure=configure)


async def test_its_book_is_the_venues_after_a_break_as_well() -> None:
    async with loopback(demo(BTC)) as venue:
        bus, wrong = Bus(), list[str]()
        feed = await opened(venue, bus)
        book, ids = L2Book(BTC), list[int]()

        def on_diff(diff: BookDiff) -> None:
            if not book.apply_diff(diff) or book.is_crossed:
                wrong.append(str(diff.seq))

        bus.subscribe(BookDiff, on_diff)
        bus.subscribe(TradesPrinted, lambda event: ids.extend(tick.trade_id for tick in event.ticks))
        try:
            await feed.follow(BTC)
            book.apply_snapshot(feed.snapshot(BTC))
            for attempt in range(2):
                for _ in range(80):
                    await play(venue, 1)
                    await asyncio.sleep(0.02)
                    if feed.state is FeedState.SYNCED and venue.stage.market.pairs[BTC].prints and ids:
                        break
                await play(venue, 3)
                truth = venue.stage.market.pairs[BTC]

                def same() -> bool:
                    shown = feed.snapshot(BTC, 20)
                    pair = feed.pairs()[0]
                    bids = [(pair.price(level.price), pair.qty(level.qty)) for level in shown.bids]
                    expected = [(float(price), float(qty)) for price, qty in truth.top(20)[0]]  # noqa: B023
                    return [(float(price), float(qty)) for price, qty in bids] == expected

                await until(same)
                if not attempt:
                    venue.faults.put("hangup", "now")
                    await until(lambda: feed.health().reconnects == 1)
            assert wrong == []
            assert tuple(book.top(Side.BUY, 20)) == feed.snapshot(BTC, 20).bids
            assert ids == sorted(set(ids))
            assert feed.health(BTC).reconnects == 1

            hours = await feed.bars(BTC, Timeframe.H1, end=Nanos(venue.stage.now), count=30)
            assert len(hours) == 30
            await feed.unfollow(BTC)
            assert feed.pairs() == ()
        finally:
            await feed.close()


async def test_an_exchange_that_ccxt_does_not_know_is_named() -> None:
    with pytest.raises(InvalidInput, match="no exchange 'mtgox'"):
        await open_feed("ccxt-mtgox", Bus())
    assert spec_of("ccxt-kucoin").title == "kucoin (ccxt)"
    with pytest.raises(InvalidInput):
        spec_of("ccxt-")


def test_ccxt_is_imported_by_nobody_who_does_not_ask() -> None:
    code = "import sys; import engine.adapters.exchanges.venues; sys.exit('ccxt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_numbers_are_the_shortest_texts_that_mean_them() -> None:
    assert [text_of(each) for each in (61837.63, 1e-8, 0.1, 3, "7.50")] == [
        "61837.63",
        "0.00000001",
        "0.1",
        "3",
        "7.50",
    ]
