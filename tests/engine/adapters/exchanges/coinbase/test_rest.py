"""Coinbase's two kinds of REST: the real list of products, hand-read, and answers of each kind."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.exchanges.coinbase.advanced_rest import CoinbaseAdvancedRest
from engine.adapters.exchanges.coinbase.exchange_rest import CoinbaseExchangeRest
from engine.adapters.exchanges.wire.heard import PrintHeard
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import Garbled, InvalidInput
from tests.engine.adapters.exchanges.recorded import answer

PRODUCT = {
    "product_id": "BTC-USDC", "price": "68925.98", "price_percentage_change_24h": "-0.28225832119521",
    "volume_24h": "11005.02587005", "base_increment": "0.00000001", "quote_increment": "0.01",
    "price_increment": "0.05", "quote_min_size": "1", "base_min_size": "0.00000001", "product_type": "SPOT",
    "quote_currency_id": "USDC", "base_currency_id": "BTC", "status": "online", "best_bid_price": "68925.95",
}  # fmt: skip


def test_lists_the_recorded_products(shared_data: Path) -> None:
    listing = CoinbaseExchangeRest().hear_listing(answer(shared_data, "coinbase_products_2021-04-17"))
    by_symbol = {each.symbol: each for each in listing.instruments}
    assert (len(by_symbol), dict(listing.left_out)) == (162, {})
    assert all(each.trading for each in listing.instruments)
    coin = by_symbol["YFI/BTC"]
    assert (coin.native, coin.pair.tick, coin.pair.lot) == ("YFI-BTC", Decimal("0.00001"), Decimal("0.000001"))
    assert coin.pair.qty(coin.min_lots) == Decimal("0.00001")
    assert coin.pair.quote.amount(coin.pair.min_notional) == Decimal("0.0001")


def test_advanced_lists_the_tick_of_prices_not_the_smallest_amount() -> None:
    future = PRODUCT | {"product_id": "BIP-20DEC30-CDE", "product_type": "FUTURE"}
    text = json.dumps({"products": [PRODUCT, future]})
    listing = CoinbaseAdvancedRest().hear_listing(text)
    (each,) = listing.instruments
    assert (each.symbol, each.pair.tick, each.pair.taker_fee.decimal) == (
        "BTC/USDC",
        Decimal("0.05"),
        Decimal("0.012"),
    )
    assert listing.left_out == {"It is a future.": 1}
    (ticker,) = CoinbaseAdvancedRest().hear_tickers(text)
    assert (ticker.native, ticker.bid, ticker.last, ticker.open) == ("BTC-USDC", "68925.95", "68925.98", "69121.08")


def pair() -> TradingPair:
    return CoinbaseAdvancedRest().hear_listing(json.dumps({"products": [PRODUCT]})).instruments[0].pair


def test_bars_come_newest_first_with_gaps_and_the_open_one() -> None:
    """[time, low, high, open, close, volume]; 120 s is missing, 240 s is open at 270 s."""
    text = "[[240,1,2,1,2,1],[180,0.95,2.05,1.0,2.0,0.5],[60,1.0,1.5,1.2,1.3,0.00000001]]"
    far = Nanos(1000 * NANOS_PER_SECOND)
    bars = CoinbaseExchangeRest().hear_bars(
        text, pair(), Timeframe.M1, start=Nanos(0), end=far, now=Nanos(270 * NANOS_PER_SECOND)
    )
    assert list(bars.start // NANOS_PER_SECOND) == [60, 180]
    assert (list(bars.open), list(bars.high), list(bars.low), list(bars.close)) == (
        [24, 20], [30, 41], [20, 19], [26, 40],
    )  # fmt: skip
    assert list(bars.volume) == [1, 50_000_000]


def test_advanced_writes_bars_as_texts() -> None:
    text = json.dumps(
        {"candles": [{"start": "3600", "low": "1", "high": "3", "open": "2", "close": "2.5", "volume": "355.8"}]}
    )
    far = Nanos(10_000 * NANOS_PER_SECOND)
    bars = CoinbaseAdvancedRest().hear_bars(text, pair(), Timeframe.H1, start=Nanos(0), end=far, now=far)
    assert (bars.start[0], bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (
        3600 * NANOS_PER_SECOND, 40, 60, 20, 50,
    )  # fmt: skip
    assert (
        len(CoinbaseAdvancedRest().hear_bars('{"candles":[]}', pair(), Timeframe.H1, start=far, end=far, now=far)) == 0
    )


def test_bars_of_four_hours_are_built_of_hours() -> None:
    supply = CoinbaseExchangeRest().supply
    assert supply.built_from(Timeframe.H4) is Timeframe.H1
    assert supply.built_from(Timeframe.S1) is None
    with pytest.raises(InvalidInput, match="no bars of 4h"):
        CoinbaseExchangeRest().ask_bars("BTC-USD", Timeframe.H4, Nanos(0), Nanos(10**18))


def test_a_page_of_bars_is_asked_for_by_its_first_and_last() -> None:
    page = CoinbaseExchangeRest().supply.page
    end = Nanos(page * 60 * NANOS_PER_SECOND)
    ask = CoinbaseExchangeRest().ask_bars("BTC-USD", Timeframe.M1, Nanos(0), end)
    assert ask.path == "/products/BTC-USD/candles"
    assert ask.query == {"granularity": "60", "start": "1970-01-01T00:00:00Z", "end": "1970-01-01T04:59:00Z"}
    asked = CoinbaseAdvancedRest().ask_bars("BTC-USD", Timeframe.M1, Nanos(0), end).query
    assert (asked["start"], asked["end"], asked["granularity"]) == ("0", "17940", "ONE_MINUTE")


def test_trades_are_the_takers_oldest_first() -> None:
    newest = {"trade_id": 9, "side": "buy", "size": "0.1", "price": "5", "time": "2026-04-07T00:28:58.544778Z"}
    older = newest | {"trade_id": 8, "side": "sell", "time": "2026-04-07T00:28:57Z"}
    heard = CoinbaseExchangeRest().hear_trades(json.dumps([newest, older]), "BTC-USD")
    assert heard.prints == [
        PrintHeard("5", "0.1", Side.BUY, Nanos(1775521737000000000), 8),
        PrintHeard("5", "0.1", Side.SELL, Nanos(1775521738544778000), 9),
    ]
    text = json.dumps({"trades": [newest | {"trade_id": "9", "side": "BUY"}, older | {"side": "SELL"}]})
    assert CoinbaseAdvancedRest().hear_trades(text, "BTC-USD") == heard


def test_reads_time_and_the_figures_of_a_day() -> None:
    assert CoinbaseExchangeRest().hear_time('{"iso":"2015-01-07T23:47:25.201Z","epoch":1420674445.201}') == (
        1420674445201 * 1_000_000
    )
    assert CoinbaseAdvancedRest().hear_time('{"iso":"x","epochSeconds":"1","epochMillis":"1420674445201"}') == (
        1420674445201 * 1_000_000
    )
    day = {"open": "1", "high": "3", "low": "1", "last": "2", "volume": "4"}
    text = json.dumps({"A-B": {"stats_30day": {"volume": "9"}, "stats_24hour": day}})
    (ticker,) = CoinbaseExchangeRest().hear_tickers(text)
    assert (ticker.native, ticker.open, ticker.high, ticker.last, ticker.volume) == ("A-B", "1", "3", "2", "4")


@pytest.mark.parametrize(
    "text", ["[[60,1,2,1,2]]", "[[61,1,2,1,2,1]]", "[[60,-1,2,1,2,1]]", '[[60,"nan",2,1,2,1]]', "[[60", "{}"]
)
def test_bars_that_are_none_are_garbled(text: str) -> None:
    far = Nanos(1000 * NANOS_PER_SECOND)
    with pytest.raises(Garbled):
        CoinbaseExchangeRest().hear_bars(text, pair(), Timeframe.M1, start=Nanos(0), end=far, now=far)
