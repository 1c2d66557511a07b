"""Single frames of Kraken's two interfaces."""

from __future__ import annotations

import json

from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.kraken.v1 import KrakenV1Dialect
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.wire.heard import Answered, Beat, BookHeard, PrintHeard, TickerHeard, TradesHeard
from engine.domain.order import Side


def test_one_checksum_covers_both_objects_of_a_frame() -> None:
    frame = (
        '[1920,{"a":[["0.042990","364630.28272081","1618678145.920470"]]},'
        '{"b":[["0.042990","0.00000000","1618678145.920708","r"]],"c":"4105471083"},"book-1000","SC/EUR"]'
    )
    assert KrakenV1Dialect().hear(frame) == (
        BookHeard(
            "SC/EUR",
            False,
            [("0.042990", "0.00000000")],
            [("0.042990", "364630.28272081")],
            checksum=4105471083,
            at=1618678145920708000,  # type: ignore[arg-type]
            depth=1000,
        ),
    )


def test_v1_tells_trades_and_answers() -> None:
    dialect = KrakenV1Dialect()
    assert dialect.hear('[993,[["354.11","0.8959","1618678142.557535","s","l",""]],"trade","XMR/USD"]') == (
        TradesHeard("XMR/USD", [PrintHeard("354.11", "0.8959", Side.SELL, 1618678142557535000, 0)]),  # type: ignore[arg-type]
    )
    refused = {
        "errorMessage": "Currency pair not supported",
        "event": "subscriptionStatus",
        "pair": "A/B",
        "reqid": 3,
        "status": "error",
    }
    assert dialect.hear(json.dumps(refused)) == (Answered(3, "Currency pair not supported", "A/B"),)
    assert dialect.hear('{"event":"heartbeat"}') == (Beat(),)


def test_v2_keeps_the_digits_of_numbers() -> None:
    frame = (
        '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":45283.50,"qty":0.10000000},'
        '{"price":1e-8,"qty":12E1}],"asks":[],"checksum":7,"timestamp":"2023-10-06T17:35:55.440295Z"}]}'
    )
    (book,) = KrakenDialect().hear(frame)
    assert isinstance(book, BookHeard)
    assert book.bids == [("45283.50", "0.10000000"), ("0.00000001", "120")]
    assert book.at == 1696613755440295000


def test_v2_groups_trades_by_pair_and_knows_those_of_the_past() -> None:
    def trade(symbol: str, number: int) -> dict[str, object]:
        time = "2023-10-06T17:35:55.440295Z"
        return {"symbol": symbol, "side": "buy", "price": 1.5, "qty": 2.0, "trade_id": number, "timestamp": time}

    data = [trade("BTC/USD", 1), trade("BTC/USD", 2), trade("ETH/USD", 1)]
    heard = KrakenDialect().hear(json.dumps({"channel": "trade", "type": "snapshot", "data": data}))
    assert [(each.native, len(each.prints), each.is_past) for each in heard if isinstance(each, TradesHeard)] == [
        ("BTC/USD", 2, True),
        ("ETH/USD", 1, True),
    ]


def test_v2_ticker_tells_the_price_of_a_day_ago() -> None:
    data = '{"symbol":"BTC/USD","bid":1.0,"ask":2.0,"last":100.10,"change":-0.20}'
    frame = '{"channel":"ticker","type":"update","data":[' + data + "]}"
    (ticker,) = KrakenDialect().hear(frame)
    assert isinstance(ticker, TickerHeard)
    assert (ticker.bid, ticker.last, ticker.open, ticker.volume) == ("1.0", "100.10", "100.30", "")


def test_v2_says_why_a_message_was_refused() -> None:
    frame = '{"error":"Currency pair not supported A/B","method":"subscribe","req_id":4,"success":false,"symbol":"A/B"}'
    assert KrakenDialect().hear(frame) == (Answered(4, "Currency pair not supported A/B", "A/B"),)
    assert KrakenDialect().hear('{"method":"pong","req_id":1}') == (Beat(),)


def test_subscribes_by_each_interfaces_own_words() -> None:
    old, new = KrakenV1Dialect(depth=100), KrakenDialect(depth=25)
    (message,) = old.subscribe(Channel.BOOK, [old.native("BTC/USD"), old.native("DOGE/EUR")])
    assert json.loads(message) == {
        "event": "subscribe",
        "reqid": 1,
        "pair": ["XBT/USD", "XDG/EUR"],
        "subscription": {"name": "book", "depth": 100},
    }
    (message,) = new.subscribe(Channel.BOOK, [new.native("BTC/USD"), new.native("XDG/EUR")])
    assert json.loads(message) == {
        "method": "subscribe",
        "params": {"channel": "book", "symbol": ["BTC/USD", "DOGE/EUR"], "depth": 25, "snapshot": True},
        "req_id": 1,
    }
    (message,) = new.unsubscribe(Channel.TRADES, ["BTC/USD"])
    assert json.loads(message)["params"] == {"channel": "trade", "symbol": ["BTC/USD"]}
