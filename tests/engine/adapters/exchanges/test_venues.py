"""Several venues connected at once, and the board that is fed by them."""

from __future__ import annotations

import asyncio

import pytest

from engine.adapters.exchanges.tickers import together
from engine.adapters.exchanges.venue import connection
from engine.adapters.exchanges.venues import SPECS, Venues, spec_of
from engine.adapters.exchanges.wire.heard import TickerHeard
from engine.bus import Bus
from engine.domain.market import FeedState
from engine.errors import InvalidInput, VenueUnavailable
from engine.ports.exchange import TickersHeard
from engine.services.board import MarketBoard
from tests.engine.adapters.exchanges.following import play, quick, until
from tests.engine.adapters.exchanges.loopback import demo, loopback

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]


async def test_venues_share_one_connection_and_fill_the_board() -> None:
    async with loopback(demo(), "binance") as binance, loopback(demo(seed=4), "kraken") as kraken:
        specs = {each.venue: spec_of(each.venue).at(each.rest_url, each.socket_url) for each in (binance, kraken)}
        bus = Bus()
        board, venues = MarketBoard(bus), Venues(bus, specs)
        heard: list[TickersHeard] = []
        bus.subscribe(TickersHeard, heard.append)
        await asyncio.gather(*(venues.connect(name) for name in ("binance", "binance", "kraken")))

        await until(lambda: all(row.ticker is not None for row in board.rows()) and len(board.venues()) == 2)
        for _ in range(15):
            await play(binance, 1)
            await play(kraken, 1)
        asked = binance.stage.market.pairs["BTC/USDT"].best
        await until(lambda: kraken.clients == 1)  # the stream of its tickers
        market = board.across("BTC/USDT")

        assert [each.title for each in market.quotes if each.is_good] == [each.title for each in market.quotes]
        assert {each.venue for each in market.quotes} == {"binance", "kraken"}
        assert market.best_bid is not None
        assert market.best_bid.bid == max(each.bid for each in market.quotes if each.bid is not None)
        assert asked is not None
        assert board.search("btc usdt kraken")[0].venue == "kraken"

        await venues.disconnect("binance")
        assert venues.connected() == ("binance", "kraken")
        await venues.disconnect("binance")
        assert [each.venue for each in board.venues()] == ["kraken"]
        assert board.across("BTC/USDT").best_bid is not None
        await venues.close()
        assert list(board.rows()) == []
        board.close()
        assert bus.subscriber_count == 1


async def test_a_feed_shares_the_connection_of_the_board() -> None:
    async with loopback(demo("BTC/USDT"), "binance") as venue:
        venues = Venues(Bus(), {"binance": spec_of("binance").at(venue.rest_url, venue.socket_url)})
        feed = await venues.feed("binance", Bus())
        await feed.follow("BTC/USDT")
        await until(lambda: venue.clients == 2)  # all tickers, and the pair
        await play(venue, 5)
        await until(lambda: feed.state is FeedState.SYNCED)

        await feed.close()
        await feed.close()
        assert venues.connected() == ()
        await until(lambda: venue.clients == 0)


async def test_one_that_is_being_connected_when_all_end_is_not_left() -> None:
    async with loopback(demo("BTC/USDT"), "binance") as venue:
        bus = Bus()
        board = MarketBoard(bus)
        venues = Venues(bus, {"binance": spec_of("binance").at(venue.rest_url, venue.socket_url)})
        connecting = asyncio.create_task(venues.connect("binance"))
        await asyncio.sleep(0)
        assert venues.connected() == ()
        await venues.close()
        await connecting

        assert not venues.connected()
        assert not board.venues()
        with pytest.raises(VenueUnavailable, match="not connected any more"):
            await venues.connect("binance")


async def test_a_venue_that_cannot_be_reached_says_so_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "OPEN_PATIENCE_S", 0.0)
    async with loopback(demo("BTC/USDT"), "binance") as venue:
        specs = {"binance": spec_of("binance").at(venue.rest_url, venue.socket_url)}
    bus = Bus()
    board, venues = MarketBoard(bus), Venues(bus, specs)
    with pytest.raises(VenueUnavailable, match="Nothing answers"):
        await venues.connect("binance")
    assert venues.connected() == ()
    assert board.venues() == ()
    with pytest.raises(InvalidInput, match="choose one of binance"):
        await venues.connect("mtgox")
    with pytest.raises(InvalidInput, match="cannot be watched beside others"):
        await venues.connect("ccxt-kucoin")


def test_every_venue_says_what_it_is() -> None:
    for name, spec in SPECS.items():
        assert spec.name == name == spec.socket().venue == spec.rest().venue
        assert spec.rest_url.startswith("https://")
        assert spec.socket_url.startswith("wss://")
        moved = spec.at("http://127.0.0.1:1", "ws://127.0.0.1:2")
        assert moved.rest_url.startswith("http://127.0.0.1:1")
        assert (
            moved.socket_url
            == "ws://127.0.0.1:2"
            + spec.socket_url.removeprefix("wss://").partition("/")[1]
            + (spec.socket_url.removeprefix("wss://").partition("/")[2])
        )


def test_a_ticker_keeps_what_the_next_one_does_not_tell() -> None:
    before = TickerHeard("BTCUSDT", bid="1", ask="2", last="1.5", open="1")
    now = TickerHeard("BTCUSDT", last="1.6")
    assert together(before, now) == TickerHeard("BTCUSDT", bid="1", ask="2", last="1.6", open="1")
