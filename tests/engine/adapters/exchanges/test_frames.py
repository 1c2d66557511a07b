"""Every dialect on example frames of others, and on frames that are cut off or altered."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.binance.rest import BinanceRest
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.advanced_rest import CoinbaseAdvancedRest
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.coinbase.exchange_rest import CoinbaseExchangeRest
from engine.adapters.exchanges.dialect.fees import fee_schedule
from engine.adapters.exchanges.dialect.rest import RestDialect
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.dialects import DIALECTS
from engine.adapters.exchanges.kraken.rest import KrakenRest
from engine.adapters.exchanges.kraken.v1 import KrakenV1Dialect
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.wire.heard import BookHeard, Numbered, TickerHeard, TradesHeard
from engine.domain.asset import Asset
from engine.domain.market import Timeframe
from engine.domain.number import Nanos, Units
from engine.domain.pair import TradingPair
from engine.errors import Garbled, InvalidInput, VenueUnavailable


@pytest.fixture(scope="module")
def examples(shared_data: Path) -> list[tuple[str, str, object]]:
    """Exchange, name and frame of every example."""
    with gzip.open(shared_data / "protocol" / "exchange_frame_fixtures.jsonl.gz", "rt", encoding="utf-8") as file:
        return [(each["exchange"], each["name"], each["frame"]) for each in map(json.loads, file)]


@pytest.mark.parametrize(
    ("exchange", "dialect", "frames"),
    [("binance", BinanceDialect(), 41), ("kraken", KrakenDialect(), 30), ("coinbase", CoinbaseAdvancedDialect(), 8)],
)
def test_every_example_frame_is_heard(
    exchange: str, dialect: Dialect, frames: int, examples: list[tuple[str, str, object]]
) -> None:
    """All that a socket may bring, of accounts and futures too; answers of REST are no frames."""
    heard = {
        name: dialect.hear(json.dumps(frame)) for of, name, frame in examples if of == exchange and "http" not in name
    }
    assert len(heard) >= frames
    kinds = {type(each) for said in heard.values() for each in said}
    assert kinds >= {BookHeard, TradesHeard, TickerHeard}


def test_envelopes_tell_their_number(examples: list[tuple[str, str, object]]) -> None:
    for exchange, name, frame in examples:
        if exchange == "coinbase" and name.startswith("ws_"):
            assert isinstance(frame, dict)
            assert CoinbaseAdvancedDialect().hear(json.dumps(frame))[0] == Numbered(frame["sequence_num"])


def test_example_answers_are_heard(examples: list[tuple[str, str, object]]) -> None:
    texts = {(exchange, name.rpartition("/")[2]): json.dumps(frame) for exchange, name, frame in examples}
    assert len(CoinbaseAdvancedRest().hear_listing(texts["coinbase", "http_products.json"]).instruments) == 2
    assert len(CoinbaseAdvancedRest().hear_trades(texts["coinbase", "http_ticker.json"], "BTC-USD").prints) == 3
    assert len(KrakenRest().hear_listing(texts["kraken", "http_asset_pairs.json"]).instruments) == 1
    (stock,) = KrakenRest().hear_listing(texts["kraken", "http_asset_pairs_tokenized.json"]).instruments
    assert stock.symbol == "AAPLx/USD"
    assert len(KrakenRest().hear_tickers(texts["kraken", "http_ticker.json"])) == 1
    assert len(BinanceRest().hear_trades(texts["binance", "trades_response.json"], "AB").prints) == 1


FRAMES: list[tuple[Callable[[], Dialect], str]] = [
    (KrakenV1Dialect, '[9,{"as":[["2.0","3.0","1618678133.16"]],"bs":[["1.0","3.0","1618678133.1"]]},"book-10","A/B"]'),
    (KrakenV1Dialect, '[9,{"a":[["2.0","3.0","1618.1"]]},{"b":[["1.0","0.0","1618.2","r"]],"c":"41"},"book-10","A/B"]'),
    (KrakenV1Dialect, '[9,[["354.1","0.8","1618678142.5","s","l",""]],"trade","A/B"]'),
    (KrakenV1Dialect, '{"event":"subscriptionStatus","pair":"A/B","reqid":3,"status":"subscribed"}'),
    (
        KrakenDialect,
        '{"channel":"book","type":"snapshot","data":[{"symbol":"A/B","bids":[{"price":1.0,"qty":2}],"asks":[],'
        '"checksum":7,"timestamp":"2023-10-06T17:35:55.440295Z"}]}',
    ),
    (
        KrakenDialect,
        '{"channel":"trade","type":"update","data":[{"symbol":"A/B","side":"buy","price":1.5,"qty":2e-3,'
        '"trade_id":1,"timestamp":"2023-10-06T17:35:55Z"}]}',
    ),
    (
        KrakenDialect,
        '{"channel":"ticker","type":"update","data":[{"symbol":"A/B","bid":1.0,"last":2.0,"change":-0.5}]}',
    ),
    (KrakenDialect, '{"method":"subscribe","success":true,"result":{"channel":"book","depth":10,"symbol":"A/B"}}'),
    (CoinbaseExchangeDialect, '{"type":"snapshot","product_id":"A-B","bids":[["1.0","2"]],"asks":[["3","4"]]}'),
    (
        CoinbaseExchangeDialect,
        '{"type":"l2update","product_id":"A-B","changes":[["sell","1","2"]],"time":"2021-04-17T16:43:37.07Z"}',
    ),
    (
        CoinbaseExchangeDialect,
        '{"type":"match","trade_id":1,"side":"sell","size":"4","price":"1","product_id":"A-B",'
        '"time":"2021-04-17T16:43:37.07Z"}',
    ),
    (
        CoinbaseAdvancedDialect,
        '{"channel":"l2_data","timestamp":"2026-04-07T14:30:01Z","sequence_num":1,"events":[{"type":"update",'
        '"product_id":"A-USD","updates":[{"side":"bid","price_level":"1","new_quantity":"2"}]}]}',
    ),
    (
        CoinbaseAdvancedDialect,
        '{"channel":"ticker","timestamp":"2026-04-07T14:30:01Z","sequence_num":1,"events":[{"type":"update",'
        '"tickers":[{"product_id":"A-USD","price":"1","price_percent_chg_24_h":"1.85"}]}]}',
    ),
    (
        CoinbaseAdvancedDialect,
        '{"channel":"market_trades","sequence_num":1,"events":[{"type":"update","trades":[{"trade_id":"9",'
        '"product_id":"A-USD","price":"1","size":"2","side":"BUY","time":"2026-04-07T14:30:02.78Z"}]}]}',
    ),
]

ANSWERS: list[tuple[Callable[[], RestDialect], str]] = [
    (KrakenRest, '{"error":[],"result":{"X":[[60,"1","2","1","2","1","0.1",5],[120,"1","2","1","2","1","0"]]}}'),
    (KrakenRest, '{"error":[],"result":{"XXBTZUSD":[["30243.4","0.3",1688669597.8,"b","m","",61]],"last":"1"}}'),
    (
        KrakenRest,
        '{"error":[],"result":{"AB":{"altname":"AB","wsname":"A/B","pair_decimals":1,"lot_decimals":8,'
        '"fees":[[0,0.4],[1,0.3]],"fees_maker":[[0,0.2]],"ordermin":"0.1","tick_size":"0.1","status":"online"}}}',
    ),
    (KrakenRest, '{"error":["EAPI:Rate limit exceeded"],"result":{"unixtime":1}}'),
    (
        BinanceRest,
        '{"symbols":[{"symbol":"AB","baseAsset":"A","quoteAsset":"B","status":"TRADING","filters":[{"filterType":'
        '"PRICE_FILTER","tickSize":"0.01"},{"filterType":"LOT_SIZE","stepSize":"0.1","minQty":"0.1"}]}],"serverTime":1}',
    ),
    (BinanceRest, '[[60000,"1","2","1","2","1",119999,"1",3,"1","1","0"]]'),
    (BinanceRest, '[{"id":1,"price":"4.0","qty":"1","time":1499865549590,"isBuyerMaker":true,"symbol":"AB"}]'),
    (
        CoinbaseExchangeRest,
        '[{"id":"A-B","base_currency":"A","quote_currency":"B","quote_increment":"0.01","base_increment":"0.1",'
        '"base_min_size":"1","trade_id":1,"side":"buy","size":"1","price":"5","time":"2026-04-07T00:28:58.5Z"}]',
    ),
    (CoinbaseExchangeRest, "[[60,1.0,2,1,2,1]]"),
    (CoinbaseExchangeRest, '{"A-B":{"stats_24hour":{"open":"1","last":"2"}},"iso":"2015-01-07T23:47:25.201Z"}'),
    (
        CoinbaseAdvancedRest,
        '{"products":[{"product_id":"A-B","base_currency_id":"A","quote_currency_id":"B","product_type":"SPOT",'
        '"price":"2","price_percentage_change_24h":"-0.2","base_increment":"0.1","price_increment":"0.1"}],'
        '"candles":[{"start":"60","low":"1","high":"3","open":"2","close":"2","volume":"3"}],"epochMillis":"1420674445",'
        '"trades":[{"trade_id":"1","price":"1","size":"1","side":"SELL","time":"2026-04-07T00:28:58.5Z"}]}',
    ),
]  # fmt: skip


NOISE = [b"", b"9" * 40, b'"', b"[", b"]", b"{}", b"-", b"e9", b"null", b"\xff", b"\\u0000", b"NaN", b"[" * 5000]


@st.composite
def altered(draw: st.DrawFn, texts: list[str]) -> tuple[int, bytes]:
    """One of some texts, with a few of its bytes replaced, doubled or cut out, and perhaps cut off."""
    place = draw(st.integers(0, len(texts) - 1))
    frame = bytearray(texts[place].encode())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(frame) - 1))
        new = draw(st.sampled_from(NOISE))
        frame[at : at + draw(st.integers(0, 3))] = new
    return place, bytes(frame[: draw(st.integers(1, len(frame)))] if frame and draw(st.booleans()) else frame)


@given(altered([text for _, text in FRAMES]))
def test_an_altered_frame_is_heard_or_garbled(case: tuple[int, bytes]) -> None:
    place, frame = case
    dialect = FRAMES[place][0]()
    for text in (frame, frame.decode("latin-1")):
        try:
            dialect.hear(text)
        except Garbled as error:
            assert str(error)  # noqa: PT017 - it may be heard as well


@pytest.mark.parametrize(
    ("make", "frame"),
    [
        (KrakenV1Dialect, '[9,{"a":[["2.0","1","1618.1"]],"c":"x"},"book-10","A/B"]'),
        (KrakenV1Dialect, '[9,{"a":[["2.0"]]},"book-10","A/B"]'),
        (KrakenV1Dialect, '[9,[["1","2","3","x","l",""]],"trade","A/B"]'),
        (KrakenV1Dialect, '["book-10","A/B"]'),
        (KrakenDialect, '{"channel":"book","type":"update","data":[{"bids":[]}]}'),
        (KrakenDialect, '{"channel":"trade","data":[{"symbol":"A/B","side":"x","price":1,"qty":1,"timestamp":""}]}'),
        (CoinbaseExchangeDialect, '{"type":"l2update","product_id":"A-B","changes":[["x","1","2"]]}'),
        (CoinbaseExchangeDialect, '{"type":"match","side":"maker","time":"2021-04-17T16:43:37Z"}'),
        (CoinbaseAdvancedDialect, '{"channel":"l2_data","sequence_num":1,"events":[{"updates":[{"side":"bid"}]}]}'),
        (CoinbaseAdvancedDialect, '{"channel":"heartbeats","timestamp":"yesterday","sequence_num":1,"events":[]}'),
    ],
)
def test_frames_that_lack_what_they_must_have_are_garbled(make: Callable[[], Dialect], frame: str) -> None:
    with pytest.raises(Garbled):
        make().hear(frame)


FEE = fee_schedule("kraken").first.maker
PAIR = TradingPair("A/B", Asset("A"), Asset("B"), Decimal("0.1"), Decimal("0.1"), Units(0), FEE, FEE)


@given(altered([text for _, text in ANSWERS]))
def test_an_altered_answer_is_heard_or_refused(case: tuple[int, bytes]) -> None:
    place, text = case
    rest = ANSWERS[place][0]()
    far = Nanos(10**15)
    hearers: list[Callable[[], object]] = [
        lambda: rest.hear_time(text),
        lambda: rest.hear_listing(text),
        lambda: rest.hear_tickers(text),
        lambda: rest.hear_trades(text, "A-B"),
        lambda: rest.hear_book(text, "A-B"),
        lambda: rest.hear_bars(text, PAIR, Timeframe.M1, start=Nanos(0), end=far, now=far),
    ]
    refused = 0
    for hear in hearers:
        try:
            hear()
        except (InvalidInput, VenueUnavailable):  # `Garbled` is the former
            refused += 1
    assert refused  # no answer is one to all questions


@pytest.mark.parametrize(
    ("rest", "good", "bad"),
    [
        (
            KrakenRest,
            '{"result":{"AB":{"wsname":"A/B"},"CD":{"wsname":7}}}',
            '{"result":{"CD":{"wsname":7}}}',
        ),
        (
            CoinbaseExchangeRest,
            '[{"id":"A-B","base_currency":"A","quote_currency":"B","quote_increment":"1","base_increment":"1"},{"id":null}]',
            '[{"id":null}]',
        ),
    ],
)
def test_a_row_in_a_new_way_costs_no_other(rest: Callable[[], RestDialect], good: str, bad: str) -> None:
    listing = rest().hear_listing(good)
    assert [each.symbol for each in listing.instruments] == ["A/B"]
    assert listing.left_out == {"It is written in a way that cannot be read.": 1}
    with pytest.raises(Garbled):
        rest().hear_listing(bad)


@pytest.mark.parametrize("venue", DIALECTS)
def test_all_are_known_by_name(venue: str) -> None:
    dialect = DIALECTS[venue]()
    assert dialect.rule() is not dialect.rule()
    with pytest.raises(Garbled):
        dialect.hear("{")


@pytest.mark.parametrize("venue", ["binance", "binance_usdm", "coinbase", "coinbase_exchange", "kraken"])
def test_fees_are_data(venue: str) -> None:
    schedule = fee_schedule(venue)
    assert schedule.source
    assert schedule.of(schedule.tiers[-1].volume) == schedule.tiers[-1]
    for lower, higher in zip(schedule.tiers, schedule.tiers[1:], strict=False):
        assert not lower.taker < higher.taker
        assert not lower.maker < higher.maker
    for tier in schedule.tiers:
        assert not tier.taker < tier.maker
    with pytest.raises(InvalidInput):
        fee_schedule("../binance")
