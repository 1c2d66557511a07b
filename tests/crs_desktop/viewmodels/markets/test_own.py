"""The desk's own market stands on the board; lists hold it beside instruments of other venues."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crs_desktop.viewmodels.connected import Connected
from crs_desktop.viewmodels.markets.own import OwnMarket, own_venue
from crs_desktop.viewmodels.watch_lists import Item
from crs_desktop.viewmodels.watchlist import WatchlistModel
from engine.domain.market import DataLabel, FeedState
from engine.domain.order import Side
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.markets.stage import Venue, instrument, ticker


def test_our_own_market_is_listed_with_its_prices_and_leaves_with_the_desk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    floor = Floor()
    desk = floor.desk()
    connected = desk.connected
    own = OwnMarket(desk, connected.bus, connected.board)
    floor.stock()
    own.publish()

    assert own_venue(desk) == ("simulated", "Simulated")
    assert [row.symbol for row in connected.board.rows("simulated")] == list(desk.markets)
    row = connected.board.row("simulated", "BTC/USDT")
    quote = desk.market_data.quote("BTC/USDT")
    assert row is not None
    assert row.ticker is not None
    assert (row.ticker.bid, row.ticker.ask, row.ticker.last) == (quote.bid, quote.ask, 6_425_000)
    assert (row.ticker.open, row.ticker.volume) == (6_425_000, desk.market_data.day("BTC/USDT").volume)

    floor.feed_state(FeedState.STALE, "Nothing came.")
    own.publish()
    assert [(each.state, each.text) for each in connected.board.venues()] == [(FeedState.STALE, "Nothing came.")]
    floor.feed_state(FeedState.SYNCED)
    monkeypatch.setattr(floor.feed, "label", DataLabel.REPLAY)
    own.publish()
    assert [each.venue for each in connected.board.venues()] == ["replay"]
    own.close()
    own.close()
    assert connected.board.venues() == ()


def test_a_list_shows_its_venues_and_says_what_is_old() -> None:
    floor = Floor()
    desk = floor.desk()
    floor.stock()
    kraken = Venue(desk, "kraken", instrument("kraken", "BTC/USD"))
    kraken.tell(ticker("BTC/USD", 6_400_000, 6_400_064, 6_400_010, 6_000_000, 5_000))
    model = WatchlistModel(desk)
    for item in (Item("simulated", "BTC/USDT"), Item("kraken", "BTC/USD"), Item("coinbase", "BTC/USD")):
        desk.connected.lists.add(item)
    desk.connected.lists.show(0)

    desk.connected.lists.add(Item("kraken", "DOT/EUR"))
    own, other, absent, unknown = model.rows()
    assert str(unknown.stale) == "not listed"
    assert (own.venue, own.last, own.is_current) == ("Simulated", "64,250.00", True)
    assert (other.venue, other.last, other.change, other.spread, other.volume) == (
        "Kraken", "64,000.10", "+6.67%", "0.1", "5.00 BTC",
    )  # fmt: skip
    assert (absent.venue, str(absent.stale)) == ("Coinbase", "not connected")
    assert not other.stale.source
    kraken.state(FeedState.STALE)
    assert str(model.rows()[1].stale).startswith("stale 0.")


def test_rows_of_a_list_are_moved_removed_and_brought_back() -> None:
    desk = Floor().desk()
    connected: Connected = desk.connected
    undo: list[Callable[[], object]] = []
    connected.removed = lambda _what, take_back: undo.append(take_back)
    offered: list[str] = []
    connected.go_to = lambda row: offered.append(row.symbol)
    Venue(desk, "kraken", instrument("kraken", "DOT/EUR"))
    items = [Item("simulated", "ETH/USDT"), Item("kraken", "DOT/EUR"), Item("simulated", "SOL/USDT")]
    model = WatchlistModel(desk)
    for item in items:
        connected.lists.add(item, 0)
    connected.lists.show(0)

    model.step(1)
    assert desk.symbol == "ETH/USDT"
    model.step(1)
    assert (desk.symbol, offered, model.cursor) == ("ETH/USDT", [], items[1])  # only pointed at
    model.open()
    assert offered == ["DOT/EUR"]
    model.shift(-1)
    assert model.items() == [items[1], items[0], items[2]]
    model.remove()
    assert (model.items(), model.cursor) == ([items[0], items[2]], items[0])
    undo[0]()
    assert model.items() == [items[1], items[0], items[2]]
    model.step(-1)
    assert model.cursor == items[1]


def test_the_own_list_goes_on_as_it_was() -> None:
    floor = Floor()
    model = WatchlistModel(floor.desk())
    floor.stock()
    before = [row.symbol for row in model.rows()]
    model.remove(Item("simulated", "BTC/USDT"))
    model.shift(1)
    floor.other(Side.BUY, "BTC/USDT", 6_425_010, 50)

    assert [row.symbol for row in model.rows()] == before
    assert model.rows()[0].last == "64,250.10"
