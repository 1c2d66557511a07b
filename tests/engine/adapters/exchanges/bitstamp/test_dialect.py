"""Claims about Bitstamp's frames."""

import json

import pytest

from engine.adapters.exchanges.bitstamp.dialect import BitstampDialect
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.wire.heard import Answered, Beat, BookHeard, GoingAway, PrintHeard, TradesHeard
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import Garbled, InvalidInput

BOOK = {"timestamp": "1", "microtimestamp": "1000001", "bids": [["1", "2"]], "asks": []}
TRADE = {
    "id": 7, "timestamp": "1", "amount": 0.5, "amount_str": "0.50", "price": 2.5, "price_str": "2.50", "type": 1,
    "microtimestamp": "1000002",
}  # fmt: skip


def frame(event: str, channel: str, data: object) -> str:
    return json.dumps({"event": event, "channel": channel, "data": data})


def test_each_kind_of_frame_says_what_it_means() -> None:
    hear = BitstampDialect().hear
    at = Nanos(1_000_001_000)
    picture = BookHeard("", True, [("1", "2")], [], last=1_000_001, at=at)
    assert hear(frame("data", "diff_order_book_ethusd", BOOK)) == (
        picture._replace(native="ethusd", is_snapshot=False),
    )
    assert hear(json.dumps(BOOK)) == (picture,)
    assert BitstampDialect().snapshot("ethusd", json.dumps(BOOK)) == picture._replace(native="ethusd")
    assert hear(frame("trade", "live_trades_ethusd", TRADE)) == (
        TradesHeard("ethusd", (PrintHeard("2.50", "0.50", Side.SELL, Nanos(1_000_002_000), 7),)),
    )
    assert hear(frame("bts:subscription_succeeded", "live_trades_ethusd", {})) == (Answered(None, native="ethusd"),)
    assert hear(frame("bts:error", "", {"code": None, "message": "Bad"})) == (Answered(None, "Bad", ""),)
    assert hear(frame("bts:heartbeat", "", {"status": "success"})) == (Beat(),)
    assert isinstance(hear(frame("bts:request_reconnect", "", ""))[0], GoingAway)
    assert hear(frame("data", "order_book_ethusd", BOOK)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]",
        frame("data", "diff_order_book_ethusd", {**BOOK, "bids": None}),
        frame("data", "diff_order_book_ethusd", {**BOOK, "microtimestamp": "soon"}),
        frame("data", "diff_order_book_ethusd", None),
        frame("trade", "live_trades_ethusd", {**TRADE, "price_str": "-1"}),
        frame("trade", "live_trades_ethusd", {}),
    ],
)  # fmt: skip
def test_what_is_malformed_is_garbled(text: str) -> None:
    with pytest.raises(Garbled):
        BitstampDialect().hear(text)


def test_a_pair_is_subscribed_to_by_a_message_of_its_own() -> None:
    dialect = BitstampDialect()
    natives = [dialect.native(symbol) for symbol in ("ETH/USD", "BTC/EUR")]
    said = [json.loads(text) for text in dialect.subscribe(Channel.BOOK, natives)]
    assert said == [
        {"event": "bts:subscribe", "data": {"channel": f"diff_order_book_{native}"}} for native in ("ethusd", "btceur")
    ]
    with pytest.raises(InvalidInput):
        dialect.subscribe(Channel.TICKER, natives)
