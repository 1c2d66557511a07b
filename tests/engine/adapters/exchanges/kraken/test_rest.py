"""Kraken's REST: the real list of pairs, hand-read, and answers of each kind."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.exchanges.kraken.name import old_name, our_symbol, rest_name
from engine.adapters.exchanges.kraken.rest import KrakenRest
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import Garbled, InvalidInput, VenueUnavailable
from tests.engine.adapters.exchanges.recorded import answer, frames


def test_lists_the_recorded_pairs_in_our_words(shared_data: Path) -> None:
    listing = KrakenRest().hear_listing(answer(shared_data, "kraken_AssetPairs_2021-04-17"))
    by_symbol = {each.symbol: each for each in listing.instruments}
    assert (len(by_symbol), sum(listing.left_out.values())) == (293, 11)  # eleven dark pools
    bitcoin, doge, stable = by_symbol["BTC/USD"], by_symbol["DOGE/EUR"], by_symbol["USDT/USD"]
    assert (bitcoin.native, bitcoin.pair.tick, bitcoin.pair.lot) == ("BTC/USD", Decimal("0.1"), Decimal("0.00000001"))
    assert bitcoin.pair.qty(bitcoin.min_lots) == Decimal("0.0002")
    assert (bitcoin.pair.maker_fee.decimal, bitcoin.pair.taker_fee.decimal) == (Decimal("0.0016"), Decimal("0.0026"))
    assert (doge.pair.tick, doge.pair.qty(doge.min_lots)) == (Decimal("0.0000001"), Decimal(50))
    assert stable.pair.taker_fee.decimal == Decimal("0.002")
    assert listing.aliases["XXBTZUSD"] == listing.aliases["XBTUSD"] == "BTC/USD"


def test_requests_name_pairs_as_the_list_does(shared_data: Path) -> None:
    pairs = json.loads(answer(shared_data, "kraken_AssetPairs_2021-04-17"))["result"].values()
    for each in pairs:
        if "wsname" in each:
            assert old_name(our_symbol(each["wsname"])) == each["wsname"]
            assert rest_name(our_symbol(each["wsname"])) == each["altname"]


def test_every_recorded_level_is_on_the_grid_of_its_pair(shared_data: Path) -> None:
    listing = KrakenRest().hear_listing(answer(shared_data, "kraken_AssetPairs_2021-04-17"))
    pairs = {each.native: each.pair for each in listing.instruments}
    dialect, seen = KrakenDialect(), 0
    for text in frames(shared_data, "kraken_v2_book_DERIVED_5pairs"):
        for heard in dialect.hear(text):
            assert isinstance(heard, BookHeard)
            for price, qty in [*heard.bids, *heard.asks]:
                assert pairs[heard.native].ticks(Decimal(price)) is not None
                assert pairs[heard.native].lots(Decimal(qty)) is not None
                seen += 1
    assert seen > 3000


def test_newer_lists_name_tick_cost_and_state() -> None:
    pair = {
        "wsname": "XBT/USDT", "altname": "XBTUSDT", "pair_decimals": 1, "lot_decimals": 8, "ordermin": "0.00005",
        "costmin": "0.5", "tick_size": "0.5", "status": "cancel_only", "fees": [[0, 0.1]], "fees_maker": [[0, -0.02]],
    }  # fmt: skip
    listing = KrakenRest().hear_listing(json.dumps({"error": [], "result": {"XBTUSDT": pair}}))
    (each,) = listing.instruments
    assert (each.symbol, each.pair.tick, each.trading) == ("BTC/USDT", Decimal("0.5"), False)
    assert each.pair.quote.amount(each.pair.min_notional) == Decimal("0.5")
    assert (each.pair.maker_fee.decimal, each.pair.taker_fee.decimal) == (
        Decimal(0),
        Decimal("0.001"),
    )  # a rebate counts as 0


def test_a_grid_too_fine_is_left_out_and_counted() -> None:
    pair = {"wsname": "A/B", "pair_decimals": 12, "lot_decimals": 8}
    listing = KrakenRest().hear_listing(json.dumps({"error": [], "result": {"AB": pair}}))
    assert not listing.instruments
    assert listing.left_out == {"Its grid is finer than the smallest amount that is kept here.": 1}


def test_the_open_bar_is_left_out() -> None:
    rest, start = KrakenRest(), 1616662740
    rows = [
        [start + 60 * each, "52591.9", "52599.9", "52591.8", "52599.9", "52599.1", "0.11091626", 5] for each in range(3)
    ]
    text = json.dumps({"error": [], "result": {"XXBTZUSD": rows, "last": start + 60}})
    pair = bitcoin()
    span = {"start": Nanos(0), "end": Nanos(2 * start * NANOS_PER_SECOND), "now": Nanos(2 * start * NANOS_PER_SECOND)}
    bars = rest.hear_bars(text, pair, Timeframe.M1, **span)
    assert list(bars.start // NANOS_PER_SECOND) == [start, start + 60]
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (525919, 525999, 525918, 525999)
    assert bars.volume[0] == 11091626
    ask = rest.ask_bars(
        "BTC/USD", Timeframe.M1, Nanos(start * NANOS_PER_SECOND), Nanos((start + 60) * NANOS_PER_SECOND)
    )
    assert ask == ("/0/public/OHLC", {"pair": "XBTUSD", "interval": "1", "since": start - 1}, 1.0)


def bitcoin() -> TradingPair:
    pair = {"wsname": "XBT/USD", "pair_decimals": 1, "lot_decimals": 8}
    return KrakenRest().hear_listing(json.dumps({"error": [], "result": {"X": pair}})).instruments[0].pair


def test_tickers_come_under_the_names_of_the_list() -> None:
    rest = KrakenRest()
    pair = {"wsname": "XBT/USD", "altname": "XBTUSD", "pair_decimals": 1, "lot_decimals": 8}
    rest.hear_listing(json.dumps({"error": [], "result": {"XXBTZUSD": pair}}))
    text = (
        '{"error":[],"result":{"XXBTZUSD":{"a":["105944.3","1","1.000"],"b":["105944.2","2","2.000"],'
        '"c":["105899.4","0.00009443"],"v":["0.7","163.2"],"p":["1","2"],"t":[35,3276],"l":["105853.5","104711.0"],'
        '"h":["106112.0","106613.1"],"o":"106021.6"}}}'
    )
    (ticker,) = rest.hear_tickers(text)
    assert (ticker.native, ticker.bid, ticker.ask_qty, ticker.high, ticker.low, ticker.volume) == (
        "BTC/USD", "105944.2", "1.000", "106613.1", "104711.0", "163.2",
    )  # fmt: skip
    assert ticker.open == ""  # midnight's is no price of 24 hours ago


def test_reads_trades_and_time() -> None:
    row = '["30243.4","0.34507674",1688669597.8277369,"b","m","",61044952]'
    text = '{"error":[],"result":{"XXBTZUSD":[' + row + '],"last":"1"}}'
    trades = KrakenRest().hear_trades(text, "BTC/USD")
    assert trades.prints == [PrintHeard("30243.4", "0.34507674", Side.BUY, Nanos(1688669597827736900), 61044952)]
    assert KrakenRest().hear_time('{"error":[],"result":{"unixtime":1762820224}}') == 1762820224 * NANOS_PER_SECOND


def test_says_what_kraken_says() -> None:
    with pytest.raises(VenueUnavailable, match="Rate limit"):
        KrakenRest().hear_time('{"error":["EAPI:Rate limit exceeded"]}')
    with pytest.raises(InvalidInput, match="Unknown asset pair"):
        KrakenRest().hear_trades('{"error":["EQuery:Unknown asset pair"]}', "A/B")
    with pytest.raises(Garbled):
        KrakenRest().hear_time('{"error":[]}')
