"""Captures that mean harm: `crs feed replay` says what is wrong with them, in a few harmless words, and ends."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.exchanges.captures import lines as lines_module
from engine.adapters.exchanges.dialects import DIALECTS
from engine.cli import feed_replay
from engine.cli.__main__ import main
from engine.cli.table import table
from engine.cli.terminal import LONGEST, harmless

MB = 2**20
DIFF = '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":6,"u":6,"b":[["1.0","2.0"]],"a":[["2.0","1.0"]]}'
SNAPSHOT = '{"lastUpdateId":5,"bids":[["1.0","1.0"]],"asks":[["2.0","1.0"]]}'


def replay(path: Path, *more: str, venue: str = "binance") -> int:
    return main(["feed", "replay", str(path), "--venue", venue, "--pair", "BTC/USDT", *more])


def clean(text: str) -> bool:
    return all(each.isprintable() or each == "\n" for each in text)


def test_names_of_a_capture_do_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "capture"
    names = ["\x1b]0;owned\x07\x1b[2J", "\u202eevil", "x" * MB]
    path.write_text("".join(f"1 {json.dumps(json.loads(DIFF) | {'s': name})}\n" for name in names), "utf-8")
    assert replay(path) == 2
    out, said = capsys.readouterr()
    assert out == ""
    assert "is not in" in said
    assert clean(said)
    assert len(said) < 5_000


BAD = [
    b'1 {"e":"depthUpdate","s":"BTCUSDT","U":7,"u":7,"b":[["NaN","1"]],"a":[]}',
    b'1 {"e":"depthUpdate","s":"BTCUSDT","U":NaN,"u":Infinity,"b":[],"a":[]}',
    b'1 {"e":"depthUpdate","s":"BTCUSDT","U":7,"u":7,"b":[["1e999999999","1"]],"a":[]}',
    b'1 {"e":"depthUpdate","s":"BTCUSDT","U":7,"u":7,"b":[["\x1b[31m","1"]],"a":[]}',
    b"1 " + b"[" * 200_000,
    b'1 {"data":' + b'{"data":' * 100_000,
    b"9" * 5_000 + b" {}",
    b"\xff\xfe https://\xff\xff -> 1: {}",
    b"https://\xff\xff/depth?symbol=\xff -> 1: {}",
    b"https://[::1/depth -> 1: {}",
    b"wss://\x1b[2J <-> 1",
    b"\x00" * 100_000,
]


@pytest.mark.parametrize("venue", DIALECTS)
def test_no_line_ends_it_and_none_is_repeated_as_it_is(
    venue: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "capture"
    path.write_bytes(b"\n".join([f"1 {SNAPSHOT}".encode(), f"1 {DIFF}".encode(), *BAD]))
    assert replay(path, "--book-every", "1", venue=venue) in (0, 2)
    out, said = capsys.readouterr()
    assert clean(out + said)
    assert len(said) < 20_000
    for line in out.splitlines():
        json.loads(line, parse_constant=lambda word: pytest.fail(word))


@given(st.lists(st.binary(max_size=80), max_size=6), st.sampled_from(list(DIALECTS)))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_a_mistake_of_ours(tmp_path: Path, noise: list[bytes], venue: str) -> None:
    path = tmp_path / "capture"
    path.write_bytes(b"\n".join(noise))
    assert replay(path, venue=venue) in (0, 1, 2)
    assert replay(path, "--snapshot", str(path), venue=venue) in (0, 1, 2)


def test_what_unpacks_without_end_takes_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (lines_module, feed_replay):
        monkeypatch.setattr(module, "LONGEST", MB // 4)
    bomb, short = tmp_path / "bomb.gz", tmp_path / "short.gz"
    bomb.write_bytes(gzip.compress(bytes(4 * MB), 1))
    short.write_bytes(gzip.compress((b"{" + b"x" * 60 + b"}\n") * 5_000, 1))
    tracemalloc.start()
    try:
        assert replay(bomb) == 2
        for packed in (bomb, short):
            assert replay(packed, "--snapshot", str(short)) == 2
        assert tracemalloc.get_traced_memory()[1] < 4 * MB
    finally:
        tracemalloc.stop()
    assert "too large for a file of answers" in capsys.readouterr().err


def test_tables_and_errors_do_not_steer_the_terminal() -> None:
    assert clean(table("t", ("a",), [("\x1b[2J\u202e\x07",)]))
    assert harmless("a\nb\tc\x1b\x00\u2028") == "a\nb\tc???"
    assert len(harmless("x" * 9_999)) == LONGEST
