"""Claims about lines of captures: formats are told apart by each line, times are exact, answers know their pair."""

from pathlib import Path

import pytest

from engine.adapters.exchanges.captures import lines as module
from engine.adapters.exchanges.captures.doubt import Doubt
from engine.adapters.exchanges.captures.lines import Kind, by_time, lines
from engine.adapters.exchanges.captures.names import book_of, ours, symbol_of
from engine.errors import InvalidInput

AT = 1_723_161_253_937_085_768


@pytest.mark.parametrize(
    ("line", "kind", "at", "text"),
    [
        ("1723161253937085768 {}", Kind.FRAME, AT, "{}"),
        ("1723161253.937085768 []", Kind.FRAME, AT, "[]"),
        ("1723161253.937085768: {}", Kind.FRAME, AT, "{}"),
        ("1723161253.9370857681: {}", Kind.FRAME, AT, "{}"),
        ("1723161253: {}", Kind.FRAME, 1_723_161_253 * 10**9, "{}"),
        ("https://x.y/depth?symbol=A -> 1723161253.937085768: {}", Kind.ANSWER, AT, "{}"),
        ("wss://x.y/ws <-> 1723161253.937085768", Kind.CONNECTED, AT, None),
        ('wss://x.y <- 1723161253.937085768: {"op":"subscribe"}', Kind.SENT, AT, None),
        ('{"lastUpdateId":1}', Kind.BARE, 0, '{"lastUpdateId":1}'),
        ("hello", Kind.UNREADABLE, 0, "hello"),
        ("1723161253937085768", Kind.UNREADABLE, 0, None),
    ],
)
def test_each_line_tells_its_format(tmp_path: Path, line: str, kind: Kind, at: int, text: str | None) -> None:
    path = tmp_path / "capture"
    path.write_text(f"\n{line}\n")
    (found,) = lines(path)
    assert (found.number, found.kind, found.at) == (2, kind, at)
    if text is not None:
        assert found.text == text.encode()


def test_a_line_of_any_length_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 100)
    path = tmp_path / "capture"
    path.write_bytes(b"1723161253: " + b"x" * 500 + b"\n1723161254: {}\n")
    found = list(lines(path))
    assert max(len(line.text) for line in found) <= 100
    assert {line.kind for line in found[:-1]} == {Kind.UNREADABLE}
    assert found[-1].text == b"{}"


def test_captures_are_merged_by_time_and_keep_their_own_order(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("10: {1}\n30: {2}\n20: {3}\n40: {4}\n")
    second.write_text("15: {a}\n35.5: {b}\n")
    merged = [line.text.decode() for line in by_time(lines(second), lines(first))]
    assert merged == ["{1}", "{a}", "{2}", "{3}", "{b}", "{4}"]


@pytest.mark.parametrize(
    ("url", "native"),
    [
        ("https://api.binance.com/api/v3/depth?symbol=nknusdt&limit=1000", "NKNUSDT"),
        ("https://fapi.binance.com/fapi/v1/depth?limit=5&symbol=ETHUSDT", "ETHUSDT"),
        ("https://www.bitstamp.net/api/v2/order_book/ethusd/", "ethusd"),
        ("https://api.binance.com/api/v3/exchangeInfo", None),
        ("https://[", None),
    ],
)
def test_an_address_says_whose_book_it_is(url: str, native: str | None) -> None:
    assert book_of(url) == native


@pytest.mark.parametrize(
    ("native", "symbol"),
    [("BTCUSDT", "BTC/USDT"), ("xlmgbp", "XLM/GBP"), ("XBT/USD", "BTC/USD"), ("XDG/XBT", "DOGE/BTC"),
     ("ETH-USD", "ETH/USD"), ("WEIRD", "WEIRD"), ("USDTEUR", "USDT/EUR")],
)  # fmt: skip
def test_a_venues_word_is_told_in_ours(native: str, symbol: str) -> None:
    assert ours(native) == symbol


@pytest.mark.parametrize("text", ["", "BTCUSDT", "BTC/", "/USD", "B C/USD", "A/B/C", "X" * 50 + "/USD"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        symbol_of(text)


@pytest.mark.parametrize(
    ("frame", "may"),
    [
        (b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUp', True),
        (b'{"stream":"ethusdt@depth@100ms","data":{"e":"depthUp', False),
        (b'{"stream":"btcusdt@trade","data":{"e":"trade","E":17', False),
        (b'{"stream":"btcus', True),
        (b'{"stream":"ethu', False),
        (b"", True),
    ],
)
def test_what_is_left_of_a_frame_tells_whether_a_diff_may_be_lost(frame: bytes, *, may: bool) -> None:
    assert Doubt().may_hold_diff(frame, "BTCUSDT") is may


def test_krakens_numbers_tell_whose_frame_is_cut() -> None:
    doubt = Doubt()
    assert doubt.may_hold_diff(b'[496,{"a":[["1","2', "ETH/CHF")
    doubt.learn(b'[496,{"a":[["1","2","3"]]},"book-1000","XMR/USD"]', "XMR/USD")
    assert not doubt.may_hold_diff(b'[496,{"a":[["1","2', "ETH/CHF")
    assert doubt.may_hold_diff(b'[496,{"a":[["1","2', "XMR/USD")
