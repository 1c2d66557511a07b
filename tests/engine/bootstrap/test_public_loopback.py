"""Paper trading over the wire: a venue on this machine, our own feed from it, and orders that meet its book."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bootstrap.public import open_public
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted, OrderFilled, OrderRejected
from engine.domain.market import FeedState
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Reason, Side
from engine.profile import Profile
from engine.settings import Settings, changed, save
from tests.engine.adapters.exchanges.following import play, quick, until, watched
from tests.engine.adapters.exchanges.loopback import demo, loopback

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]

SYMBOL = "BTC/USDT"
OTHERS = ("kraken", "coinbase")


@pytest.mark.parametrize("venue", ["binance", *(pytest.param(each, marks=pytest.mark.soak) for each in OTHERS)])
async def test_orders_fill_at_what_the_venue_shows_and_wait_out_a_gap(venue: str, tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    profile.create()
    save(changed(Settings(), "market.latency", "off"), profile.settings_file)
    async with loopback(demo(SYMBOL), venue) as house, watched(house) as seen:
        feed = seen.feed
        await seen.follow(SYMBOL)
        engine = await open_public(profile, venue, feed=feed, bus=feed._bus, follow=[SYMBOL])
        fills: list[OrderFilled] = []
        engine.bus.subscribe(OrderFilled, fills.append)
        count = 0

        async def send(price: int | None = None) -> OrderAccepted | OrderRejected:
            nonlocal count
            count += 1
            return await engine.venue.submit(
                SubmitOrder(
                    account=engine.venue.account,
                    order_id=OrderId(f"o{count}"),
                    symbol=SYMBOL,
                    side=Side.BUY,
                    order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
                    qty=Lots(pair.min_notional * 3 // pair.notional(feed.snapshot(SYMBOL, 1).asks[0].price, 1) + 1),
                    price=None if price is None else Ticks(price),
                )
            )

        try:
            await until(lambda: engine.live.market.is_synced(SYMBOL))
            pair = engine.venue.pairs()[0]
            shown = feed.snapshot(SYMBOL, 1)
            assert isinstance(await send(), OrderAccepted)
            assert fills[0].price == shown.asks[0].price
            resting = await send(shown.bids[0].price)
            assert isinstance(resting, OrderAccepted)

            house.faults.put("drop", "next@book")
            refused = None
            for _ in range(40):
                await play(house, 1)
                if not engine.live.market.is_synced(SYMBOL):
                    refused = await send()
                    break
            if refused is not None:  # else it was healed within the tenth of a second
                assert isinstance(refused, OrderRejected)
                assert refused.reason is Reason.NO_BOOK

            for _ in range(100):
                await play(house, 2)
                if feed.state_of(SYMBOL) is FeedState.SYNCED and any(each.order_id == "o2" for each in fills):
                    break
            await seen.synced(SYMBOL)
            assert feed.health(SYMBOL).gaps == 1
            book = engine.live.market.exchange.book(SYMBOL)
            ours = {level.price: level.qty for level in book.levels(Side.BUY, 5)}
            theirs = {level.price: level.qty for level in feed.snapshot(SYMBOL, 5).bids}
            assert ours == theirs
            assert {each.order_id for each in fills} == {"o1", "o2"}
        finally:
            await engine.close()
