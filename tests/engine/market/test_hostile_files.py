"""Files that mean harm: few bytes that unpack into gigabytes, counts and numbers that cannot be, heads without end."""

from __future__ import annotations

import json
import lzma
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.market import BookDiff, BookSnapshot, Level, Timeframe, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.market import barpage, tape
from engine.market.columns import head_of, pack, unpack
from engine.market.recording import KIND, VERSION, Recording
from engine.market.recording_pair import pair_of
from engine.market.tape import COLUMNS, ChunkBuilder, TapeRead, header, seal
from engine.ports.feed import BarArrays
from tests.engine.services.scripted_feed import BTC

MB = 2**20
ABOUT = {"venue": "binance", "title": "Binance", "started": 5}


@contextmanager
def little(most: int = 12 * MB) -> Iterator[None]:
    """Lend a block that must do with so much memory."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def packed(counts: object, body: bytes, kind: str = "k", **about: object) -> bytes:
    head = {"format": kind, "version": 1, **about, "columns": counts}
    return json.dumps(head).encode() + b"\n" + lzma.compress(body, preset=1)


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """Nine kilobytes that unpack into 60 MB."""
    return lzma.compress(bytes(60 * MB), preset=0)


@pytest.mark.parametrize("counts", [{"a": 1}, {"a": 0}, {}, {"a": 7_864_320}, {"a": 10**15}, {"a": 2**70}])
def test_a_small_file_never_unpacks_into_a_large_one(bomb: bytes, counts: dict[str, int]) -> None:
    data = json.dumps({"format": "k", "version": 1, "columns": counts}).encode() + b"\n" + bomb
    with little(), pytest.raises(InvalidInput):
        unpack(data, "k", 1, most=1_000_000)


@pytest.mark.parametrize(
    "counts",
    [[1], "a", None, 5, {"a": -1}, {"a": 1.0}, {"a": True}, {"a": "1"}, {"a": None}, {"a": [1]}, {"a": 2}, {"a": 0}],
)
def test_counts_that_are_none_are_damage(counts: object) -> None:
    with pytest.raises(InvalidInput):
        unpack(packed(counts, bytes(8)), "k", 1)


@pytest.mark.parametrize(
    "line",
    [
     b"[" * 90_000, b'{"format":' * 20_000, b'{"format":"k","version":' + b"9" * 5_000 + b"}", b"\xff\xfe", b"",
     b"[]", b'"k"', b"null", b'{"format":"\x1b[2J","version":1}', b'{"format":"' + b"x" * 90_000 + b'","version":1}'],
)  # fmt: skip
def test_a_head_that_is_none_is_refused_in_few_words(line: bytes) -> None:
    with pytest.raises(InvalidInput) as found:
        head_of(line, "k", 1)
    assert len(str(found.value)) < 200
    assert str(found.value).isprintable()


def test_what_wants_much_memory_to_be_unpacked_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**30}]
    body = lzma.compress(bytes(8), format=lzma.FORMAT_XZ, filters=filters)
    with pytest.raises(InvalidInput):
        unpack(b'{"format":"k","version":1,"columns":{"a":1}}\n' + body, "k", 1)


# -- tapes -----------------------------------------------------------------------------------------


def a_tape(
    change: Callable[[dict[str, list[int]]], None] = lambda _: None, about: dict[str, Any] | None = None
) -> bytes:
    builder = ChunkBuilder()
    levels = (Level(Ticks(100), Lots(1)),), (Level(Ticks(101), Lots(2)),)
    builder.snapshot(BookSnapshot("BTC/USDT", *levels, 7, Nanos(10)), 10, 10)
    builder.diff(BookDiff("BTC/USDT", (Level(Ticks(100), Lots(3)),), (), 8, 8, Nanos(11)), 11)
    builder.trade(TradeTick("BTC/USDT", Ticks(100), Lots(1), Side.BUY, Nanos(12), 1), 12)
    builder.mark(True, 12)
    taken = builder.take()
    change(taken)
    head = json.loads(header(BTC, ABOUT)) | (about or {})
    return json.dumps(head).encode() + b"\n" + seal(taken)


def test_a_tape_is_read() -> None:
    recording = Recording(a_tape())
    assert (recording.start, recording.end, recording.diffs) == (10, 12, 1)
    assert pair_of(recording).symbol == "BTC/USDT"


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("value", [-1, -(2**62), 2**62 + 1, 2**63 - 1])
def test_a_tape_with_a_number_that_cannot_be_is_refused(name: str, value: int) -> None:
    with pytest.raises(InvalidInput):
        Recording(a_tape(lambda taken: taken[name].__setitem__(0, value)))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_tape_with_a_hole_or_a_row_too_many_is_refused_or_played(name: str) -> None:
    for change in (lambda taken: taken[name].pop(), lambda taken: taken[name].append(50)):
        try:
            recording = Recording(a_tape(change))
        except InvalidInput:
            continue
        assert name.partition(".")[2] in {"venue_at", "trusted", "since"} or name.startswith("marks")
        assert (recording.snapshot().seq, recording.diff(0).seq, len(recording.trades)) == (7, 8, 1)


def test_a_tape_that_counts_levels_which_are_not_there_is_refused() -> None:
    with little(), pytest.raises(InvalidInput):
        Recording(a_tape(lambda taken: taken["diffs.bids"].__setitem__(0, 2**40)))


@given(st.binary(max_size=60), st.integers(0, 400))
@settings(max_examples=80)
def test_no_bytes_make_anything_but_a_tape_or_a_refusal(noise: bytes, place: int) -> None:
    data = a_tape()
    broken = data[:place] + noise + data[place + len(noise) :]
    try:
        recording = Recording(broken)
        recording.snapshot()
        pair_of(recording)
    except InvalidInput:
        pass


def test_chunks_that_are_bombs_are_refused_and_so_are_many_of_them(
    bomb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = dict.fromkeys(COLUMNS, 0) | {"levels.price": 7 * MB, "levels.qty": 0}
    chunk = json.dumps({"format": "crs-chunk", "version": 1, "columns": counts}).encode() + b"\n" + bomb
    framed = struct.pack("<II", len(chunk), zlib.crc32(chunk)) + chunk
    monkeypatch.setattr(tape, "MOST_OF_CHUNK", MB)
    with little(), pytest.raises(InvalidInput, match="more than can be read"):
        TapeRead(header(BTC, ABOUT) + framed)
    monkeypatch.setattr(tape, "MOST_VALUES", 40)
    one = a_tape().partition(b"\n")[2]
    assert TapeRead(header(BTC, ABOUT) + one).torn == 0
    with pytest.raises(InvalidInput, match="more than can be read"):
        TapeRead(header(BTC, ABOUT) + one * 3)


@pytest.mark.parametrize(
    "about",
    [
        {"tick": "1e-999999999"}, {"tick": "1e900000"}, {"lot": "0"}, {"lot": "-1"}, {"lot": "NaN"}, {"tick": 5},
        {"tick": "9" * 9_000}, {"shown_decimals": [10**9, 1]}, {"shown_decimals": [-1, 1]}, {"shown_decimals": 5},
        {"shown_decimals": [1, 2, 3]}, {"min_notional": "Infinity"}, {"maker_fee": "1e-900000"}, {"taker_fee": "-1"},
        {"min_notional": "1e900000"}, {"symbol": "A/B/C"},
    ],
)  # fmt: skip
def test_a_tape_of_an_absurd_pair_is_refused(about: dict[str, Any]) -> None:
    with little(), pytest.raises(InvalidInput):
        pair_of(Recording(a_tape(about=about)))


@pytest.mark.parametrize("symbol", [5, None, "", "x" * 81, "A/B\x1b[2J", "A/\u202eB", ["A/B"]])
def test_a_tape_whose_pair_cannot_be_shown_is_refused(symbol: object) -> None:
    with pytest.raises(InvalidInput):
        Recording(a_tape(about={"symbol": symbol}))


@pytest.mark.parametrize("lot", [None, "0", "-1", "x", "1e-30", "1e30", "NaN", 5, []])
def test_a_capture_without_lots_or_columns_is_refused(lot: object) -> None:
    names = ("snapshot.at", "snapshot.last", "snapshot.bids", "snapshot.asks", "snapshot.price", "snapshot.qty",
             "levels.qty", "trades.qty")  # fmt: skip
    data = pack(KIND, VERSION, {"symbol": "A/B", "lot": lot}, {name: np.array([1]) for name in names})
    with pytest.raises(InvalidInput):
        Recording(data)


# -- pages of bars ---------------------------------------------------------------------------------


def a_page(**changed: object) -> bytes:
    numbers = np.array([5.0, 6.0])
    at = np.array([0, 1], dtype=np.int64)
    page = barpage.BarPage(at, BarArrays(at, numbers, numbers + 1, numbers - 1, numbers, numbers), ((0, 2),))
    data = barpage.encode(page, BTC, Timeframe.M1)
    line, _, body = data.partition(b"\n")
    return json.dumps(json.loads(line) | changed).encode() + b"\n" + body


def decoded(data: bytes) -> barpage.BarPage:
    return barpage.decode(data, BTC, Timeframe.M1, Nanos(0))


def test_a_page_is_read() -> None:
    assert decoded(a_page()).bars.open.tolist() == [5.0, 6.0]


@pytest.mark.parametrize(
    "changed",
    [
        {"symbol": "ETH/USDT"}, {"known": [[0, 10**9]]}, {"known": [[-5, 2]]}, {"known": [[2, 0]]}, {"known": 5},
        {"known": [[1]]}, {"known": [["a", "b"]]}, {"tick": "0"}, {"tick": "NaN"}, {"tick": "1e900000"}, {"tick": []},
        {"lot": "-1"}, {"columns": {"place": 10**12}}, {"columns": {}},
    ],
)  # fmt: skip
def test_a_page_that_says_what_cannot_be_is_refused(changed: dict[str, object]) -> None:
    with little(), pytest.raises(InvalidInput):
        decoded(a_page(**changed))


@given(st.lists(st.lists(st.integers(-(2**62), 2**62), min_size=6, max_size=6), max_size=6))
@settings(max_examples=60)
def test_whatever_is_in_a_page_only_bars_come_of_it(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=np.int64).reshape(-1, 6).T
    about = {
        "symbol": BTC.symbol,
        "timeframe": "1m",
        "tick": str(BTC.tick),
        "lot": str(BTC.lot),
        "bars": 1,
        "known": [],
    }
    names = ("place", "open", "close", "high", "low", "volume")
    data = pack(barpage.KIND, barpage.VERSION, about, dict(zip(names, table, strict=True)), preset=0)
    try:
        page = decoded(data)
    except InvalidInput:
        return
    bars = page.bars
    assert (np.diff(page.place) > 0).all()
    assert (bars.low > 0).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
