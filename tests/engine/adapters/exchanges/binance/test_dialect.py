"""Claims about Binance's frames: every kind says what it means, raw or combined, and what is malformed is `Garbled`."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.wire.heard import (
    Answered,
    BookHeard,
    GoingAway,
    Heard,
    PrintHeard,
    TickerHeard,
    TradesHeard,
)
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import Garbled

DEPTH = {
    "e": "depthUpdate", "E": 1_723_161_255_208, "s": "BTCUSDT", "U": 7, "u": 9,
    "b": [["1.50", "2.0"]], "a": [["1.60", "0E-8"]],
}  # fmt: skip
TRADE = {"e": "trade", "E": 2, "s": "BTCUSDT", "t": 5, "p": "1.5", "q": "0.1", "T": 3, "m": True, "M": True}
MERGED = {
    "e": "aggTrade",
    "E": 2,
    "s": "X",
    "a": 8,
    "p": "1.5",
    "q": "0.1",
    "f": 1,
    "l": 2,
    "T": 3,
    "m": False,
    "M": True,
}
KLINE = {"e": "kline", "E": 2, "s": "X", "k": {"t": 1, "o": "1", "x": False}}
BOOK_TICKER = {"u": 4, "s": "X", "b": "1", "B": "2", "a": "3", "A": "4"}
MINI = {"e": "24hrMiniTicker", "E": 2, "s": "X", "c": "1", "o": "2", "h": "3", "l": "4", "v": "5", "q": "6"}
TICKER = {
    **MINI,
    "e": "24hrTicker",
    "b": "7",
    "B": "8",
    "a": "9",
    "A": "10",
    "p": "1",
    "C": 5,
    "F": 1,
    "L": 2,
    "n": 3,
    "O": 1,
}


def hear(value: Any) -> list[Heard]:  # noqa: ANN401 - any JSON
    """Return what a frame says, which is the same as text and as bytes."""
    dialect, text = BinanceDialect(), json.dumps(value, separators=(",", ":"))
    said = dialect.hear(text)
    assert list(dialect.hear(text.encode())) == list(said)
    return list(said)


@pytest.mark.parametrize("event", [DEPTH, TRADE, MERGED, KLINE, BOOK_TICKER, MINI, TICKER])
def test_a_frame_says_the_same_raw_combined_and_with_spaces(event: dict[str, Any]) -> None:
    combined = {"stream": "btcusdt@x", "data": event}
    assert hear(event) == hear(combined) == list(BinanceDialect().hear(json.dumps(combined, indent=1)))


def test_each_kind_of_frame_says_what_it_means() -> None:
    at = Nanos(1_723_161_255_208 * 10**6)
    assert hear(DEPTH) == [BookHeard("BTCUSDT", False, [("1.50", "2.0")], [("1.60", "0E-8")], 7, 9, at=at)]
    assert hear(TRADE) == [TradesHeard("BTCUSDT", (PrintHeard("1.5", "0.1", Side.SELL, Nanos(3_000_000), 5),))]
    assert hear(MERGED) == [
        TradesHeard("X", (PrintHeard("1.5", "0.1", Side.BUY, Nanos(3_000_000), 8),), is_merged=True)
    ]
    assert hear(KLINE) == []
    assert hear(BOOK_TICKER) == [TickerHeard("X", "1", "3", bid_qty="2", ask_qty="4")]
    mini = TickerHeard("X", "", "", "1", "2", "3", "4", "5", "", "", Nanos(2_000_000))
    assert hear(MINI) == [mini]
    assert hear(TICKER) == [mini._replace(bid="7", ask="9", bid_qty="8", ask_qty="10")]
    assert hear({"e": "serverShutdown", "E": 1}) == [GoingAway("Binance is about to restart its streams.")]
    assert hear({"result": None, "id": 4}) == [Answered(4)]
    assert hear({"code": 2, "msg": "Invalid request", "id": 4}) == [Answered(4, "Invalid request")]
    assert hear({"e": "somethingNew", "a": {"b": 1}, "x": []}) == []


def test_arrays_of_tickers_say_all_of_them() -> None:
    other = {**MINI, "s": "Y"}
    assert [each.native for each in hear([MINI, other]) if isinstance(each, TickerHeard)] == ["X", "Y"]
    assert hear({"stream": "!miniTicker@arr", "data": [MINI, other]}) == hear([MINI, other])


def test_the_answer_of_depth_is_a_picture() -> None:
    answer = {"lastUpdateId": 5, "bids": [["1", "2"]], "asks": []}
    picture = BinanceDialect().snapshot("X", json.dumps(answer))
    assert picture == BookHeard("X", True, [("1", "2")], [], last=5)
    assert hear(answer) == [picture._replace(native="")]
    wrongs: list[Any] = [
        {"code": -1121, "msg": "Invalid symbol."},
        {"lastUpdateId": 5},
        {"lastUpdateId": 5, "bids": []},
        [],
    ]
    for wrong in wrongs:
        with pytest.raises(Garbled):
            BinanceDialect().snapshot("X", json.dumps(wrong))


@pytest.mark.parametrize("event", [DEPTH, TRADE, MERGED])
@given(st.data())
def test_a_frame_that_is_cut_or_lacks_a_field_is_garbled(event: dict[str, Any], data: st.DataObject) -> None:
    whole = json.dumps({"stream": "btcusdt@x", "data": event}, separators=(",", ":"))
    with pytest.raises(Garbled):
        BinanceDialect().hear(whole[: data.draw(st.integers(0, len(whole) - 1))])
    needed = {"depthUpdate": "sUuba", "trade": "spq", "aggTrade": "sapq"}[str(event["e"])]
    gone = data.draw(st.sampled_from(needed))
    with pytest.raises(Garbled):
        hear({name: value for name, value in event.items() if name != gone})


@pytest.mark.parametrize("price", ["", "NaN", "-1", "1e999", "9" * 99, None, 5, []])
def test_a_print_without_a_sound_price_is_garbled(price: object) -> None:
    for field in ("p", "q"):
        with pytest.raises(Garbled):
            hear({**TRADE, field: price})


@pytest.mark.parametrize("frame", [b"\xff", b"", b"null", b"5", b'"x"', b"[" * 5_000, b'{"u":' + b"9" * 5_000 + b"}"])
def test_noise_is_garbled(frame: bytes) -> None:
    with pytest.raises(Garbled):
        BinanceDialect().hear(frame)
