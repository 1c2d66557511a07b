from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.instrument import Instrument, InstrumentKind, Ticker
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.pair import FeeRate, TradingPair
from engine.ports.exchange import InstrumentsListed, TickersHeard, VenueStateChanged
from engine.services.board import BoardChanged, BoardListed, MarketBoard

RATE = FeeRate.parse(Decimal("0.001"))


class Hand:
    """Clocks that the test moves."""

    def __init__(self) -> None:
        self.at = Nanos(0)

    def wall(self) -> Nanos:
        return self.at

    def monotonic(self) -> Nanos:
        return self.at


def instrument(venue: str, base: str, quote: str, tick: str = "0.01", *, perpetual: bool = False) -> Instrument:
    symbol = f"{base}/{quote}:{quote}" if perpetual else f"{base}/{quote}"
    pair = TradingPair(symbol, Asset(base), Asset(quote), Decimal(tick), Decimal("0.001"), Units(0), RATE, RATE)
    kind = InstrumentKind.PERPETUAL if perpetual else InstrumentKind.SPOT
    return Instrument(venue, base + quote, pair, kind)


def ticker(symbol: str, bid: int | None, ask: int | None, last: int | None = None, volume: int = 0) -> Ticker:
    def ticks(value: int | None) -> Ticks | None:
        return None if value is None else Ticks(value)

    opened = None if last is None else Ticks(last * 2)
    return Ticker(symbol, ticks(bid), ticks(ask), ticks(last), opened, None, None, Lots(volume), Nanos(0))


class Stage:
    """A board of venues that list what they are told to."""

    def __init__(self) -> None:
        self.bus, self.hand = Bus(), Hand()
        self.board = MarketBoard(self.bus, self.hand)

    def listed(self, venue: str, *instruments: Instrument) -> None:
        self.bus.publish(InstrumentsListed(venue, venue.title(), instruments))
        self.said(venue, FeedState.SYNCED)

    def said(self, venue: str, state: FeedState) -> None:
        self.bus.publish(VenueStateChanged(venue, state, "", Nanos(0)))

    def heard(self, venue: str, *tickers: Ticker) -> None:
        self.bus.publish(TickersHeard(venue, tickers))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500), st.sampled_from(["0.01", "0.5", "0.0001"]))))
def test_the_best_prices_across_venues_are_those_of_a_plain_search(quotes: list[tuple[int, int, str]]) -> None:
    stage = Stage()
    expected_bids, expected_asks = [], []
    for number, (bid, width, tick) in enumerate(quotes):
        venue, ask = f"v{number}", bid + width - 1  # a width of 1 is crossed in itself
        stage.listed(venue, instrument(venue, "BTC", "USD", tick))
        stage.heard(venue, ticker("BTC/USD", bid, ask))
        if width > 1:
            expected_bids.append(Decimal(tick) * bid)
            expected_asks.append(Decimal(tick) * ask)

    found = stage.board.across("BTC/USD")

    assert len(found.quotes) == len(quotes)
    assert (None if found.best_bid is None else found.best_bid.bid) == max(expected_bids, default=None)
    assert (None if found.best_ask is None else found.best_ask.ask) == min(expected_asks, default=None)
    if expected_bids:
        assert found.spread == min(expected_asks) - max(expected_bids)


def test_a_venue_that_is_not_synced_does_not_count() -> None:
    stage = Stage()
    for venue, bid in (("binance", 105), ("kraken", 100)):
        stage.listed(venue, instrument(venue, "BTC", "USD"))
        stage.heard(venue, ticker("BTC/USD", bid, bid + 9))
    stage.said("binance", FeedState.STALE)

    found = stage.board.across("BTC/USD")

    assert [each.venue for each in found.quotes] == ["binance", "kraken"]
    assert found.best_bid is not None
    assert (found.best_bid.venue, found.best_bid.bid) == ("kraken", Decimal("1.00"))


def test_what_is_listed_can_be_looked_up_and_what_left_is_gone() -> None:
    stage = Stage()
    listed: list[BoardListed] = []
    stage.bus.subscribe(BoardListed, listed.append)
    stage.listed("binance", instrument("binance", "BTC", "USDT"), instrument("binance", "ETH", "BTC"))
    stage.listed("kraken", instrument("kraken", "BTC", "USDT"), instrument("kraken", "ETH", "EUR"))

    assert {(row.venue, row.symbol) for row in stage.board.of_asset("btc")} == {
        ("binance", "BTC/USDT"), ("binance", "ETH/BTC"), ("kraken", "BTC/USDT"),
    }  # fmt: skip
    assert stage.board.shared() == ("BTC/USDT",)
    assert stage.board.assets() == ("BTC", "ETH", "EUR", "USDT")

    stage.said("kraken", FeedState.ENDED)
    assert stage.board.shared() == ()
    assert [each.venue for each in stage.board.venues()] == ["binance"]
    assert [each.venue for each in listed] == ["binance", "kraken", "kraken"]


def test_a_quote_is_as_old_as_its_bid_and_ask_not_as_its_last_price() -> None:
    stage = Stage()
    stage.listed("binance", instrument("binance", "ETH", "USDT"))
    stage.heard("binance", ticker("ETH/USDT", 1, 2, 3)._replace(quote_age=14_000_000_000))
    stage.hand.at = Nanos(2_000_000_000)

    assert stage.board.across("ETH/USDT").quotes[0].age_s == 16.0


def test_a_search_finds_by_all_words_the_nearest_first() -> None:
    stage = Stage()
    stage.listed(
        "binance", instrument("binance", "BTC", "USDT"), instrument("binance", "BTCB", "USDT"),
        instrument("binance", "ETH", "BTC"), instrument("binance", "BTC", "USDT", perpetual=True),
    )  # fmt: skip
    stage.listed("kraken", instrument("kraken", "BTC", "USD"), instrument("kraken", "BTC", "USDT"))
    stage.heard("kraken", ticker("BTC/USDT", 1, 2, 10, 1000))

    found = [(row.venue, row.symbol) for row in stage.board.search("btc usdt")]
    assert found == [
        ("kraken", "BTC/USDT"), ("binance", "BTC/USDT"), ("binance", "BTC/USDT:USDT"), ("binance", "BTCB/USDT"),
    ]  # fmt: skip
    assert [row.venue for row in stage.board.search("btc/usdt", first="binance")][:2] == ["binance", "kraken"]
    assert [row.symbol for row in stage.board.search("kraken btc/usd")] == ["BTC/USD", "BTC/USDT"]
    assert stage.board.search("  ") == ()
    assert len(stage.board.search("b", limit=2)) == 2


def test_tickers_have_an_age_and_tell_what_changed() -> None:
    stage = Stage()
    changed: list[BoardChanged] = []
    stage.bus.subscribe(BoardChanged, changed.append)
    stage.heard("binance", ticker("BTC/USDT", 1, 2))  # nobody knows that venue
    stage.listed("binance", instrument("binance", "BTC", "USDT"))
    stage.heard("binance", ticker("BTC/USDT", 100, 101, 50, 2000), ticker("NO/SUCH", 1, 2))
    stage.hand.at = Nanos(3 * NANOS_PER_SECOND)

    assert changed == [BoardChanged("binance", ("BTC/USDT",))]
    row = stage.board.row("binance", "BTC/USDT")
    assert row is not None
    assert stage.board.age_s(row) == 3.0
    assert (row.last, row.bid, row.ask) == (Decimal("0.50"), Decimal("1.00"), Decimal("1.01"))
    assert row.change == Decimal("-0.5")
    assert row.turnover == Decimal("0.50") * Decimal("2.000")
    assert stage.board.row("binance", "NO/SUCH") is None

    listing = stage.board.row("binance", "BTC/USDT")
    assert listing is not None
    stage.bus.publish(InstrumentsListed("binance", "Binance", (replace(listing.instrument, trading=False),)))
    again = stage.board.row("binance", "BTC/USDT")
    assert again is not None
    assert again.ticker is not None  # kept
    assert not again.instrument.trading
    stage.board.close()
    assert stage.bus.subscriber_count == 1


def test_a_price_on_an_old_grid_is_not_shown_on_the_new_one() -> None:
    stage = Stage()
    stage.listed("binance", instrument("binance", "BTC", "USDT"), instrument("binance", "ETH", "USDT"))
    stage.bus.publish(TickersHeard("binance", (ticker("BTC/USDT", 100, 101), ticker("ETH/USDT", 10, 11))))
    stage.listed("binance", instrument("binance", "BTC", "USDT", "0.1"), instrument("binance", "ETH", "USDT"))

    row, other = stage.board.row("binance", "BTC/USDT"), stage.board.row("binance", "ETH/USDT")
    assert row is not None
    assert row.bid is None
    assert other is not None
    assert other.bid == Decimal("0.10")
    stage.bus.publish(TickersHeard("binance", (ticker("BTC/USDT", 10, 11),)))
    row = stage.board.row("binance", "BTC/USDT")
    assert row is not None
    assert row.bid == Decimal("1.0")
