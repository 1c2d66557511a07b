"""Binance's REST: the real list of spot, hand-read, and answers of each kind."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.exchanges.binance import bars
from engine.adapters.exchanges.binance.rest import BinanceRest
from engine.adapters.exchanges.wire.heard import PrintHeard
from engine.domain.instrument import InstrumentKind
from engine.domain.market import Timeframe
from engine.domain.number import Lots, Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput
from tests.engine.adapters.exchanges.recorded import answer

MILLI = 1_000_000


def test_lists_the_recorded_symbols(shared_data: Path) -> None:
    listing = BinanceRest().hear_listing(answer(shared_data, "binance_exchangeInfo_2021-10-12"))
    by_symbol = {each.symbol: each for each in listing.instruments}
    assert (len(by_symbol), dict(listing.left_out)) == (1695, {})
    assert (
        sum(each.trading for each in listing.instruments) == 1222
    )  # of 1262 that trade 40 are leveraged tokens, not spot
    bitcoin, shiba = by_symbol["BTC/USDT"], by_symbol["SHIB/USDT"]
    assert (bitcoin.native, bitcoin.pair.tick, bitcoin.pair.lot) == ("BTCUSDT", Decimal("0.01"), Decimal("0.00001"))
    assert (bitcoin.min_lots, bitcoin.pair.quote.amount(bitcoin.pair.min_notional)) == (Lots(1), Decimal(10))
    assert (shiba.pair.tick, shiba.pair.lot) == (Decimal("0.00000001"), Decimal(1))
    assert by_symbol["BCC/BTC"].trading is False


def test_every_recorded_rule_is_on_the_grid(shared_data: Path) -> None:
    """The smallest and largest prices and quantities are the venue's own examples of its grid."""
    text = answer(shared_data, "binance_exchangeInfo_2021-10-12")
    pairs = {each.native: each.pair for each in BinanceRest().hear_listing(text).instruments}
    for symbol in json.loads(text)["symbols"]:
        rules = {each["filterType"]: each for each in symbol["filters"]}
        pair = pairs[symbol["symbol"]]
        assert pair.ticks(Decimal(rules["PRICE_FILTER"]["minPrice"])) is not None
        assert pair.lots(Decimal(rules["LOT_SIZE"]["minQty"])) is not None
        assert pair.quote.amount(pair.min_notional) == Decimal(rules["MIN_NOTIONAL"]["minNotional"])


def futures(**more: str) -> str:
    symbol = {
        "symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.10"},
            {"filterType": "LOT_SIZE", "stepSize": "0.001", "minQty": "0.001"},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
    }  # fmt: skip
    return json.dumps({"symbols": [symbol | more]})


def test_lists_futures_without_an_end() -> None:
    rest = BinanceRest(is_perpetual=True)
    (each,) = rest.hear_listing(futures()).instruments
    assert (each.symbol, each.native, each.kind, each.venue) == (
        "BTC/USDT:USDT", "BTCUSDT", InstrumentKind.PERPETUAL, "binance_usdm",
    )  # fmt: skip
    assert (each.pair.tick, each.pair.quote.amount(each.pair.min_notional)) == (Decimal("0.1"), Decimal(100))
    ending = rest.hear_listing(futures(contractType="CURRENT_QUARTER"))
    assert (ending.instruments, dict(ending.left_out)) == ((), {"It is a future that ends.": 1})


def test_an_instrument_without_a_grid_is_left_out() -> None:
    text = json.dumps({"symbols": [{"symbol": "AB", "baseAsset": "A", "quoteAsset": "B", "filters": []}]})
    assert BinanceRest().hear_listing(text).left_out == {"It has no tick or no lot.": 1}
    for name in ("", "A/B", "A\nB", "A" * 99):
        text = json.dumps({"symbols": [{"symbol": "AB", "baseAsset": name, "quoteAsset": "B", "filters": []}]})
        assert BinanceRest().hear_listing(text).left_out == {"Its name cannot be shown.": 1}


def test_bars_are_closed_ones_in_milliseconds_or_microseconds() -> None:
    (each,) = BinanceRest(is_perpetual=True).hear_listing(futures()).instruments
    start = 1_750_000_020_000
    rows = [
        [at, "100.1", "100.3", "100.0", "100.2", "7.125", at + 59_999, "1", 3, "1", "1", "0"]
        for at in (start, start + 60_000, start + 120_000)
    ]
    now = Nanos((start + 150_000) * MILLI)
    spans = {"start": Nanos(0), "end": now, "now": now}
    heard = BinanceRest().hear_bars(json.dumps(rows), each.pair, Timeframe.M1, **spans)
    assert list(heard.start) == [start * MILLI, (start + 60_000) * MILLI]
    assert (heard.open[0], heard.high[0], heard.low[0], heard.close[0], heard.volume[0]) == (
        1001, 1003, 1000, 1002, 7125,
    )  # fmt: skip
    micro = json.dumps([[row[0] * 1000, *row[1:]] for row in rows])  # type: ignore[operator]
    assert list(BinanceRest().hear_bars(micro, each.pair, Timeframe.M1, **spans).start) == list(heard.start)


def test_asks_for_bars_by_their_openings() -> None:
    minute = 60_000 * MILLI
    ask = BinanceRest().ask_bars("BTCUSDT", Timeframe.M1, Nanos(10 * minute), Nanos(13 * minute))
    assert ask.path == "/api/v3/klines"
    assert (ask.query["startTime"], ask.query["endTime"], ask.query["interval"]) == (600_000, 720_000, "1m")
    with pytest.raises(InvalidInput):
        BinanceRest().ask_bars("BTCUSDT", Timeframe.M1, Nanos(10 * minute), Nanos(10 * minute + 1))
    with pytest.raises(InvalidInput, match="no bars of 1s"):
        BinanceRest(is_perpetual=True).ask_bars("BTCUSDT", Timeframe.S1, Nanos(0), Nanos(minute))


def test_reads_trades_tickers_time_and_books() -> None:
    rest = BinanceRest()
    text = '[{"id":28457,"price":"4.00000100","qty":"12.0","quoteQty":"48","time":1499865549590,"isBuyerMaker":true}]'
    each = PrintHeard("4.00000100", "12.0", Side.SELL, Nanos(1499865549590 * MILLI), 28457)
    assert rest.hear_trades(text, "AB").prints == [each]
    merged = '[{"a":26129,"p":"0.01","q":"4.7","f":27781,"l":27781,"T":1498793709153,"m":false,"M":true}]'
    together = bars.trades_together(merged, "AB")
    assert (together.prints[0].side, together.prints[0].trade_id, together.is_merged) == (Side.BUY, 26129, True)
    text = '[{"symbol":"AB","lastPrice":"4.0","bidPrice":"0.00000000","askPrice":"4.1","volume":"0.000","closeTime":1}]'
    (ticker,) = rest.hear_tickers(text)
    assert (ticker.last, ticker.bid, ticker.ask, ticker.open, ticker.volume, ticker.at) == (
        "4.0", "", "4.1", "", "0.000", MILLI,
    )  # fmt: skip
    assert rest.hear_time('{"serverTime":1499827319559}') == 1499827319559 * MILLI
    book = rest.hear_book('{"lastUpdateId":7,"bids":[["4.0","431.0"]],"asks":[["4.1","1"]]}', "AB")
    assert (book.native, book.last, book.bids) == ("AB", 7, [("4.0", "431.0")])
    assert BinanceRest(is_perpetual=True).ask_book("AB") == ("/fapi/v1/depth", {"symbol": "AB", "limit": 1000}, 20)
