"""The recording that is shipped: what the capture said, in its own time."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.market.catalogue import PAIRS
from engine.market.columns import pack, unpack
from engine.market.l2 import L2Book
from engine.market.recording import KIND, VERSION, Recording, encode, shipped

BOOKS = Path(__file__).resolve().parents[4] / "shared" / "data" / "books"
CAPTURE = BOOKS / "binance_spot_btcusdt_20240808T235414_raw.txt.gz"
EXPECTED = BOOKS / "binance_spot_btcusdt_expected_top20.json.gz"
BTC = PAIRS[0].pair

FRAMES = (
    '90 {"data":{"e":"depthUpdate","E":1,"U":1,"u":3,"b":[["100.00","1"]],"a":[]}}',
    '95 {"data":{"e":"depthUpdate","E":1,"U":4,"u":8,"b":[["100.00","2"],["99.99","0"]],"a":[["101.00","0.00001"]]}}',
    '97 {"data":{"e":"trade","T":1,"t":6,"p":"100.00","q":"1","m":true}}',
    '98 {"data":{"u":5,"b":"1","B":"1","a":"2","A":"2"}}',
    '100 {"lastUpdateId":5,"bids":[["100.00","1.5"],["99.99","3"]],"asks":[["100.50","0.000019"]]}',
    '100 {"data":{"e":"trade","T":1,"t":7,"p":"100.00","q":"0.5","m":false}}',
    '120 {"data":{"e":"depthUpdate","E":1,"U":9,"u":9,"b":[],"a":[["100.50","0"]]}}',
)


def test_a_capture_survives_encoding_and_starts_at_its_snapshot() -> None:
    recording = Recording(encode(FRAMES, BTC, {"licence": "MIT"}))

    snapshot = recording.snapshot()

    assert (recording.start, recording.end, recording.diffs, recording.about["licence"]) == (100, 120, 3, "MIT")
    assert snapshot.bids == ((10_000, 150_000), (9_999, 300_000))
    assert snapshot.asks == ((10_050, 1),)  # 1.9 lots: rounded down, never up
    assert recording.first_diff == 1
    assert recording.diff(1).bids == ((10_000, 200_000), (9_999, 0))
    assert recording.diff(1).at == 100
    assert [(tick.trade_id, tick.side, tick.at) for tick in recording.trades] == [(7, Side.BUY, 100)]


@pytest.mark.parametrize(
    "frames",
    [
        FRAMES[:3],
        ('100 {"lastUpdateId":5,"bids":[["100.001","1"]],"asks":[]}',),
        ('100 {"lastUpdateId":5,"bids":[["100.00","0.000000001"]],"asks":[]}',),
    ],
    ids=["no snapshot", "off the tick", "too fine"],
)
def test_a_capture_that_does_not_fit_is_refused(frames: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        encode(frames, BTC, {})


@pytest.mark.parametrize(
    "data",
    [b"", b"nonsense", b"[1]\n", pack(KIND, VERSION + 1, {}, {}), pack(KIND, VERSION, {}, {"a": np.arange(9)})[:-5]],
    ids=["empty", "nonsense", "no head", "another version", "cut short"],
)
def test_damaged_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        Recording(data)


def test_packed_columns_come_back_as_they_were() -> None:
    rows = np.array([0, -1, 2**62, -(2**62), 7, 7], dtype=np.int64)

    head, columns = unpack(pack("test", 3, {"name": "x"}, {"rows": rows, "none": rows[:0]}), "test", 3)

    assert head == {"format": "test", "version": 3, "name": "x"}
    np.testing.assert_array_equal(columns["rows"], rows)
    assert len(columns["none"]) == 0


def test_the_shipped_recording_has_no_gap_and_never_crosses() -> None:
    recording = shipped()
    book = L2Book(recording.symbol)
    book.apply_snapshot(recording.snapshot())

    for number in range(recording.first_diff, recording.diffs):
        assert book.apply_diff(recording.diff(number))
        if number % 50 == 0:
            assert not book.is_crossed

    assert recording.diffs - recording.first_diff == 6_493
    assert 650 * 10**9 < recording.end - recording.start < 651 * 10**9
    assert len(recording.trades) == 19_903


@pytest.mark.integration
@pytest.mark.skipif(not EXPECTED.exists(), reason="the development data is not here")
def test_the_shipped_book_is_the_reference_book() -> None:
    recording = shipped()
    book = L2Book(recording.symbol)
    book.apply_snapshot(recording.snapshot())
    expected = {each["u"]: each for each in json.loads(gzip.decompress(EXPECTED.read_bytes()))}
    compared = 0

    for number in range(recording.first_diff, recording.diffs):
        book.apply_diff(recording.diff(number))
        reference = expected.get(book.seq)
        if reference is not None:
            compared += 1
            for side, name in ((Side.BUY, "bids"), (Side.SELL, "asks")):
                levels = [
                    (round(float(price) * 100), round(float(qty) * 10**8) // 1_000) for price, qty in reference[name]
                ]
                assert [tuple(level) for level in book.top(side, 20)] == levels

    assert compared == len(expected) == 12


@pytest.mark.no_cover
@pytest.mark.integration
@pytest.mark.slow
@pytest.mark.skipif(not CAPTURE.exists(), reason="the development data is not here")
def test_encoding_the_capture_again_gives_the_shipped_recording() -> None:
    ours = shipped()
    with gzip.open(CAPTURE, "rt") as lines:
        again = Recording(encode(lines, BTC, {}))

    assert (again.start, again.end, again.diffs) == (ours.start, ours.end, ours.diffs)
    assert again.snapshot() == ours.snapshot()
    assert again.trades == ours.trades
    assert all(again.diff(number) == ours.diff(number) for number in range(0, ours.diffs, 7))


def test_times_of_diffs_never_run_backwards() -> None:
    times = shipped().diff_times

    assert (np.diff(times) >= 0).all()
    assert times[0] == Nanos(shipped().start)
