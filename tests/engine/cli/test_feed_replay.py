"""Claims about `crs feed replay`: recorded captures end as their references say, a fault shows and costs no more."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.cli.__main__ import main

BTC = "binance_spot_btcusdt_20240808T235414_raw.txt.gz"
USDM = "binance_usdm_ethusdt_20240808T235414_raw.txt.gz"
MULTI, MULTI_REST = "binance_spot_multi_stream_2021-10-12_raw.txt.gz", "binance_spot_rest_depth1000_2021-10-12.txt.gz"
KRAKEN, KRAKEN_V2 = "kraken_v1_book1000_2021-04-17_5pairs_raw.txt.gz", "kraken_v2_book_DERIVED_5pairs.txt.gz"
COINBASE = "coinbase_exchange_level2_ticker_matches_2021-04-17_5products_raw.txt.gz"
STAMP, STAMP_REST = "bitstamp_ws_diff_book_trades_2022-01-05_raw.txt.gz", "bitstamp_rest_order_book_2022-01-05.txt.gz"
SHORT = 8_000
"""Lines of the long capture that faults are tried on."""
DIFF, SNAPSHOT = b'"depthUpdate"', b'{"lastUpdateId"'

pytestmark = pytest.mark.integration


class Said(NamedTuple):
    """What a run printed."""

    status: int
    books: list[dict[str, Any]]
    end: dict[str, Any]
    complaints: str


class Replay:
    """Runs the command over files of recorded data, or over lines of them."""

    def __init__(self, books: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.books, self._place, self._capsys = books, place, capsys

    def __call__(self, file: str | Path, venue: str, pair: str, *more: object) -> Said:
        words = ["feed", "replay", str(self.books / file), "--venue", venue, "--pair", pair, *map(str, more)]
        status = main(words)
        out, complaints = self._capsys.readouterr()
        lines = [json.loads(line) for line in out.splitlines()]
        assert all("end" not in line for line in lines[:-1])
        return Said(status, lines[:-1], lines[-1] if lines else {}, complaints)

    def lines(self, file: str) -> list[bytes]:
        with gzip.open(self.books / file) as opened:
            return opened.read().splitlines()

    def of(self, lines: Iterable[bytes], venue: str, pair: str, *more: object) -> Said:
        path = self._place / "capture"
        path.write_bytes(b"\n".join(lines))
        return self(path, venue, pair, *more)


@pytest.fixture
def replay(shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Replay:
    return Replay(shared_data / "books", tmp_path, capsys)


def counts(said: Said) -> tuple[int, ...]:
    return tuple(said.end[name] for name in ("diffs", "trades", "gaps", "resyncs", "checksums_ok", "checksums_bad"))


def is_the_reference(said: Said, replay: Replay) -> bool:
    """Whether every book is that of the reference, and none was doubted."""
    with gzip.open(replay.books / "binance_spot_btcusdt_expected_top20.json.gz") as file:
        wanted = json.load(file)
    assert [each["n"] for each in said.books] == list(range(500, said.end["diffs"] + 1, 500))
    assert {(each["state"], each["gaps"], each["resyncs"]) for each in said.books} == {("synced", 0, 0)}
    assert list(said.books[0]) == ["n", "state", "gaps", "resyncs", "bids", "asks"]
    return all(
        (each["bids"], each["asks"]) == (other["bids"], other["asks"])
        for each, other in zip(said.books, wanted, strict=False)
    )


def test_the_long_capture_begins_as_its_reference(replay: Replay) -> None:
    said = replay.of(replay.lines(BTC)[:SHORT], "binance", "BTC/USDT")
    assert (said.status, said.complaints) == (0, "")
    assert is_the_reference(said, replay)


@pytest.mark.soak
def test_the_long_capture_is_equal_to_its_reference_at_every_point(replay: Replay) -> None:
    said = replay(BTC, "binance", "BTC/USDT")
    assert (said.status, said.complaints, counts(said)) == (0, "", (6_493, 19_904, 0, 0, 0, 0))
    assert len(said.books) == 12
    assert is_the_reference(said, replay)


@pytest.mark.parametrize("venue", ["binance_usdm", "binance"])
def test_the_perpetuals_chain_is_unbroken(replay: Replay, venue: str) -> None:
    lines = replay.lines(USDM)[:4_000]
    said = replay.of(lines, venue, "ETH/USDT", "--book-every", 1_000_000)
    snapshot = next(json.loads(line.split(b" ", 1)[1]) for line in lines if SNAPSHOT in line[:50])
    diffs = [json.loads(line.split(b" ", 1)[1])["data"] for line in lines if DIFF in line[:120]]
    assert counts(said) == (
        sum(each["u"] >= snapshot["lastUpdateId"] for each in diffs), sum(b'"trade"' in line[:120] for line in lines),
        0, 0, 0, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pair", "diffs", "trades"), [("NKN/USDT", 149, 1), ("BLZ/ETH", 9, 0), ("LRC/BTC", 13, 1), ("RUNE/EUR", 1, 0)]
)
def test_answers_beside_a_capture_join_by_their_times(replay: Replay, pair: str, diffs: int, trades: int) -> None:
    said = replay(MULTI, "binance", pair, "--snapshot", replay.books / MULTI_REST)
    assert (said.status, said.complaints, counts(said)) == (0, "", (diffs, trades, 0, 0, 0, 0))
    both = [*replay.lines(MULTI_REST), *replay.lines(MULTI)]
    assert counts(replay.of(both, "binance", pair)) == counts(said)


def test_all_checksums_of_kraken_reproduce_in_both_interfaces(replay: Replay) -> None:
    found = 0
    for pair in ("ETH/CHF", "SC/EUR", "GRT/ETH", "XMR/USD", "WAVES/EUR"):
        first, second = (
            replay(file, venue, pair, "--book-every", 50)
            for file, venue in ((KRAKEN, "kraken"), (KRAKEN_V2, "kraken_v2"))
        )
        assert counts(first) == (first.end["diffs"], 0, 0, 0, first.end["diffs"], 0)
        assert (first.books, first.end) == (second.books, second.end)
        found += first.end["checksums_ok"]
    assert found == 2_577


def test_pairs_of_kraken_are_in_our_words(replay: Replay) -> None:
    said = replay("kraken_v1_trade_2021-04-17_raw.txt.gz", "kraken", "OCEAN/BTC")
    assert (said.status, said.end["diffs"]) == (0, 0)
    wrong = replay("kraken_v1_trade_2021-04-17_raw.txt.gz", "kraken", "DOGE/BTC")
    assert wrong.status == 2
    assert "it holds ADA/BTC, BTC/CHF, ETH/CHF" in wrong.complaints


def test_coinbases_books_are_never_crossed(replay: Replay) -> None:
    found = [
        replay(COINBASE, "coinbase_exchange", pair, "--book-every", 1, "--depth", 1)
        for pair in ("BAND/GBP", "DASH/BTC", "NMR/EUR")
    ]
    assert [counts(each)[:3] for each in found] == [(471, 4, 0), (1_925, 15, 0), (665, 8, 0)]
    for each in found:
        assert all(Decimal(book["bids"][0][0]) < Decimal(book["asks"][0][0]) for book in each.books)


@pytest.mark.parametrize("native", ["ethusd", "xrpeur", "usdteur", "xlmgbp", "adaeur"])
def test_bitstamps_book_is_that_of_a_naive_twin(replay: Replay, native: str) -> None:
    answer = next(line for line in replay.lines(STAMP_REST) if f"/{native} ".encode() in line[:80])
    picture = json.loads(answer.split(b": ", 1)[1])
    twin = {side: {Decimal(price): [price, qty] for price, qty in picture[side]} for side in ("bids", "asks")}
    wanted = []
    for line in replay.lines(STAMP):
        frame = json.loads(line.split(b": ", 1)[1]) if line else {}
        if frame.get("channel") != f"diff_order_book_{native}" or frame["event"] != "data":
            continue
        if int(frame["data"]["microtimestamp"]) > int(picture["microtimestamp"]):
            for side, levels in twin.items():
                for price, qty in frame["data"][side]:
                    levels.pop(Decimal(price), None)
                    if Decimal(qty):
                        levels[Decimal(price)] = [price, qty]
            wanted.append(
                tuple([twin[side][price] for price in sorted(twin[side], reverse=side == "bids")[:5]] for side in twin)
            )
    pair = f"{native[:-3]}/{native[-3:]}"
    more = ("--snapshot", replay.books / STAMP_REST, "--book-every", 1, "--depth", 5)
    said = replay(STAMP, "bitstamp", pair, *more)
    assert [(each["bids"], each["asks"]) for each in said.books] == wanted
    assert counts(said) == (len(wanted), 10 if native == "ethusd" else 0, 0, 0, 0, 0)


def test_every_dropped_diff_is_a_gap_on_the_next_and_later_answers_resync(replay: Replay) -> None:
    lines, draw = replay.lines(BTC)[:SHORT], random.Random(6)  # noqa: S311
    more = ("--book-every", 1, "--depth", 5)
    whole = {str(each["bids"]) + str(each["asks"]) for each in replay.of(lines, "binance", "BTC/USDT", *more).books}
    found = [number for number, line in enumerate(lines) if DIFF in line[:120]][4:-1]
    dropped = {found[each * 40 + draw.randrange(30)] for each in range(len(found) // 40)}
    breaks = len(dropped)
    kept = [line for number, line in enumerate(lines) if number not in dropped]

    said = replay.of(kept, "binance", "BTC/USDT", *more)
    assert (said.end["gaps"], said.end["resyncs"], said.complaints) == (breaks, 0, "")
    assert said.end["diffs"] == len(said.books) == found.index(min(dropped)) + 2

    pictured = list(with_pictures(lines, dropped, draw))
    said = replay.of(pictured, "binance", "BTC/USDT", *more)
    assert (said.end["gaps"], said.end["resyncs"]) == (breaks, breaks)
    assert {each["state"] for each in said.books} == {"synced"}
    assert {str(each["bids"]) + str(each["asks"]) for each in said.books} <= whole


def with_pictures(lines: list[bytes], dropped: set[int], draw: random.Random) -> Iterable[bytes]:
    """Leave lines out, and say what the book is a few diffs after each one that a gap shows on."""
    frames = [json.loads(line.split(b" ", 1)[1]) for line in lines]
    picture = next(each for each in frames if "lastUpdateId" in each)
    book = {
        side: {Decimal(price): [price, qty] for price, qty in picture[name]}
        for side, name in (("b", "bids"), ("a", "asks"))
    }
    wait = -1
    for number, (line, frame) in enumerate(zip(lines, frames, strict=True)):
        data = frame.get("data", {})
        is_diff = data.get("e") == "depthUpdate"
        if is_diff and data["u"] > picture["lastUpdateId"]:
            for side, levels in book.items():
                for price, qty in data[side]:
                    levels.pop(Decimal(price), None)
                    if Decimal(qty):
                        levels[Decimal(price)] = [price, qty]
        if number in dropped:
            wait = draw.randint(0, 3)
            continue
        yield line
        if is_diff and wait == 0:
            sides = {"bids": list(book["b"].values()), "asks": list(book["a"].values())}
            yield f"{int(line.split(b' ', 1)[0])} {json.dumps({'lastUpdateId': data['u'], **sides})}".encode()
        wait -= is_diff


def test_each_other_fault_is_noticed_and_costs_no_more_than_itself(replay: Replay) -> None:
    lines = replay.lines(BTC)[:3_000]
    right = replay.of(lines, "binance", "BTC/USDT", "--book-every", 20)
    diffs = [number for number, line in enumerate(lines) if DIFF in line[:120]]
    trades = [number for number, line in enumerate(lines) if b'"trade"' in line[:120]]
    at, after = diffs[100], diffs[101]

    twice = [copy for number, line in enumerate(lines) for copy in [line] * (1 + (number in diffs[50:70]))]
    assert replay.of(twice, "binance", "BTC/USDT", "--book-every", 20) == right

    swapped = list(lines)
    swapped[at], swapped[after] = swapped[after], swapped[at]
    assert counts(replay.of(swapped, "binance", "BTC/USDT")) == (98, right.end["trades"], 1, 0, 0, 0)

    for length in (21, 60, 300, len(lines[at]) - 1):
        cut = [line[:length] if number == at else line for number, line in enumerate(lines)]
        said = replay.of(cut, "binance", "BTC/USDT")
        assert counts(said) == (98, right.end["trades"], 1, 0, 0, 0)
        assert f"Line {at + 1} was left out" in said.complaints

    cut = [line[:-1] if number == trades[7] else line for number, line in enumerate(lines)]
    said = replay.of(cut, "binance", "BTC/USDT", "--book-every", 20)
    assert (said.books, said.end["trades"]) == (right.books, right.end["trades"] - 1)

    last = replay.of([*lines[: diffs[-1]], lines[diffs[-1]][:200]], "binance", "BTC/USDT")
    assert (last.end["gaps"], last.end["diffs"]) == (1, right.end["diffs"] - 1)


def test_a_picture_may_come_late_early_bare_or_in_many_lines(replay: Replay, tmp_path: Path) -> None:
    lines = replay.lines(BTC)[:3_000]
    right = replay.of(lines, "binance", "BTC/USDT", "--book-every", 20)
    picture = next(line for line in lines if SNAPSHOT in line[:50])
    others = [line for line in lines if line is not picture]
    bare = json.loads(picture.split(b" ", 1)[1])
    aside = tmp_path / "snapshot"

    late = replay.of([*others, picture], "binance", "BTC/USDT", "--book-every", 20)
    assert late == right
    stale = {**bare, "lastUpdateId": 5}
    for text in (json.dumps(bare), json.dumps(bare, indent=1), f"{json.dumps(stale)}\n{json.dumps(bare)}"):
        aside.write_text(text)
        assert replay.of(others, "binance", "BTC/USDT", "--book-every", 20, "--snapshot", aside) == right
    aside.write_bytes(gzip.compress(picture))
    assert replay.of(others, "binance", "BTC/USDT", "--book-every", 20, "--snapshot", aside) == right
    aside.write_text(json.dumps(stale))
    alone = replay.of(others, "binance", "BTC/USDT", "--snapshot", aside)
    assert (alone.end["diffs"], alone.end["gaps"]) == (0, 0)
    assert "No snapshot of the pair" in alone.complaints


def test_a_wrong_checksum_breaks_the_book_until_the_next_snapshot(replay: Replay) -> None:
    lines = replay.lines(KRAKEN)
    of_pair = [number for number, line in enumerate(lines) if line.endswith(b'"ETH/CHF"]')]
    wrong = of_pair[10]
    lines[wrong] = lines[wrong].replace(b'"c":"', b'"c":"1')
    said = replay.of(lines, "kraken", "ETH/CHF", "--book-every", 1)
    assert counts(said) == (9, 0, 1, 0, 9, 1)
    assert len(said.books) == 9
    others = replay.of(lines, "kraken", "XMR/USD")
    assert counts(others) == (846, 0, 0, 0, 846, 0)


def test_formats_of_lines_and_compression_do_not_matter(replay: Replay) -> None:
    lines = replay.lines(BTC)[:2_000]
    right = replay.of(lines, "binance", "BTC/USDT", "--book-every", 20)
    for mark in (b": ", b" "):
        timed = ((b"%d.%09d" % divmod(int(line.split(b" ")[0]), 10**9), line.split(b" ", 1)[1]) for line in lines)
        assert replay.of((at + mark + text for at, text in timed), "binance", "BTC/USDT", "--book-every", 20) == right
    packed = replay._place / "packed"
    packed.write_bytes(gzip.compress(b"\r\n".join(lines)))
    assert replay(packed, "binance", "BTC/USDT", "--book-every", 20) == right


def test_a_file_that_is_cut_off_gives_what_it_holds(replay: Replay, tmp_path: Path) -> None:
    whole = (replay.books / BTC).read_bytes()
    cut = tmp_path / "cut.gz"
    cut.write_bytes(whole[:300_000])
    said = replay(cut, "binance", "BTC/USDT", "--book-every", 100)
    assert said.status == 1
    assert "cut off" in said.complaints
    assert said.end["diffs"] > 100
    assert said.books


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--venue", "binance", "--pair", "ETH/USDT"), "ETH/USDT is not in"),
        (("--venue", "binance", "--pair", "BTCUSDT"), "is no pair"),
        (("--venue", "mtgox", "--pair", "BTC/USDT"), "choose one of binance"),
        (("--venue", "kraken", "--pair", "BTC/USDT"), "holds no frame of kraken"),
        (("--venue", "binance", "--pair", "BTC/USDT", "--depth", "0"), "at least 1"),
        (("--venue", "binance", "--pair", "BTC/USDT", "--book-every", "-5"), "at least 1"),
        (("--venue", "binance", "--pair", "BTC/USDT", "--snapshot", "nowhere.json"), "nowhere.json cannot be read"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    replay: Replay, tmp_path: Path, more: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "capture"
    path.write_bytes(b"\n".join(replay.lines(BTC)[:100]))
    assert main(["feed", "replay", str(path), *more]) == 2
    out, complaints = capsys.readouterr()
    assert out == ""
    assert why in complaints


def test_a_file_that_is_none_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty, noise = tmp_path / "empty", tmp_path / "noise"
    empty.touch()
    noise.write_bytes(random.Random(1).randbytes(5_000))  # noqa: S311
    for path in (empty, noise, tmp_path, tmp_path / "none"):
        assert main(["feed", "replay", str(path), "--venue", "binance", "--pair", "BTC/USDT"]) == 2
        assert str(path) in capsys.readouterr().err
