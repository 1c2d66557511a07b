"""`crs feed record`, `recordings` and `replay` of what was recorded, against a venue on this machine."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from engine.adapters.exchanges.loopback.sources import of_files
from engine.adapters.recordings.library import Library
from engine.cli.__main__ import main
from engine.cli.feed_record import _record
from engine.errors import InvalidInput
from engine.market.recording import Recording
from engine.profile import Profile
from tests.engine.adapters.exchanges.following import quick
from tests.engine.adapters.exchanges.loopback import demo, loopback
from tests.engine.adapters.recordings.test_recorder import book_at_the_end
from tests.unmeasured import UNMEASURED

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]

PAIRS = ("BTC/USDT", "ETH/USDT")


def asked(directory: Path, url: str, *pairs: str, seconds: float | None = None) -> argparse.Namespace:
    return argparse.Namespace(
        profile_dir=str(directory), venue="binance", pair=list(pairs or PAIRS), url=url, seconds=seconds
    )


async def record(directory: Path, *pairs: str, seconds: float | None = 1.0) -> int:
    """Record a running venue; without seconds until Ctrl+C after one."""
    async with loopback(demo(*PAIRS), "binance") as house:
        house.stage.run(1.0)
        if seconds is None:
            asyncio.get_running_loop().call_later(1.0, os.kill, os.getpid(), signal.SIGINT)
        return await _record(asked(directory, house.rest_url, *pairs, seconds=seconds))


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl+C is no signal to a handler")
async def test_two_pairs_are_recorded_until_ctrl_c_and_nothing_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await record(tmp_path, seconds=None) == 0
    said = capsys.readouterr()
    library = Library(Profile(tmp_path).recordings_dir)
    found, damaged = library.found()

    assert not damaged
    assert {each.symbol for each in found} == set(PAIRS)
    assert all(each.name in said.out for each in found)
    assert "Ctrl+C ends it" in said.err
    for each in found:
        recording = library.open(each.name)
        assert recording.torn == 0
        rows = recording.diffs + len(recording.trades)
        assert f"{each.symbol}: {_counted(said.out, each.symbol):,} updates and trades" in said.out
        assert rows > 0
        book_at_the_end(recording)


def of_file(path: str) -> Recording:
    return Recording(Path(path).read_bytes())


def _counted(text: str, symbol: str) -> int:
    line = next(line for line in text.splitlines() if line.startswith(f"{symbol}: "))
    return int(line.split()[1].replace(",", ""))


async def test_a_recording_is_listed_replayed_graded_served_and_deleted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await record(tmp_path, "btc/usdt", seconds=1.5)
    library = Library(Profile(tmp_path).recordings_dir)
    name = max(library.found()[0], key=lambda each: each.bytes).name  # another begins where trades could not be joined
    path = str(library.directory / name)
    recording = of_file(path)
    capsys.readouterr()

    assert main(["feed", "--profile-dir", str(tmp_path), "recordings"]) == 0
    assert name in capsys.readouterr().out

    assert main(["feed", "replay", path, "--book-every", "1", "--depth", "3"]) == 0
    *books, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert end == {
        "end": True, "diffs": recording.diffs, "trades": len(recording.trades), "gaps": 0,
        "resyncs": 0, "checksums_ok": 0, "checksums_bad": 0,
    }  # fmt: skip
    assert [each["n"] for each in books] == list(range(1, recording.diffs + 1))
    assert books[-1]["state"] == "synced"
    price, qty = books[-1]["bids"][0]
    assert (len(price.partition(".")[2]), len(qty.partition(".")[2])) == (2, 5)

    assert main(["feed", "realism", path, "--every", "0.2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["probes"] > 0
    source = of_files([Path(path)])
    assert [each.symbol for each in source.listings] == ["BTC/USDT"]

    for words, why in ((["--venue", "kraken"], "recorded of binance"), (["--pair", "ETH/USDT"], "holds BTC/USDT")):
        assert main(["feed", "replay", path, *words]) == 2
        assert why in capsys.readouterr().err
    assert main(["feed", "--profile-dir", str(tmp_path), "recordings", "remove", name, "--yes"]) == 0
    assert name not in [each.name for each in library.found()[0]]
    assert main(["feed", "--profile-dir", str(tmp_path), "recordings", "remove", name, "--yes"]) == 2


async def test_a_torn_end_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await record(tmp_path, "BTC/USDT")
    library = Library(Profile(tmp_path).recordings_dir)
    path = library.directory / library.found()[0][0].name
    path.write_bytes(path.read_bytes() + b"half a chunk")
    capsys.readouterr()

    assert main(["feed", "replay", str(path)]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out.splitlines()[-1])["end"]
    assert "interrupted" in said.err


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a matter of POSIX")
async def test_kill_9_loses_at_most_the_last_chunk(tmp_path: Path) -> None:
    async with loopback(demo("BTC/USDT"), "binance") as house:
        house.stage.run(1.0)
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.engine.cli.recording_child", "feed", "record", "--profile-dir", str(tmp_path),
            "--venue", "binance", "--pair", "BTC/USDT", "--url", house.rest_url, env={**os.environ, **UNMEASURED},
        )  # fmt: skip
        library = Library(Profile(tmp_path).recordings_dir)
        async with asyncio.timeout(20):
            while not (found := library.found()[0]) or found[-1].bytes < 10_000:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        first = len(library.open(found[-1].name).trades)
        await asyncio.sleep(1.0)
        last = house.stage.now
        child.kill()
        await child.wait()

    recording = library.open(library.found()[0][-1].name)
    assert len(recording.trades) > first
    book_at_the_end(recording)
    assert last - recording.end < 2_000_000_000, "a chunk is a fifth of a second here; the machine may be slow"


@pytest.mark.parametrize(
    ("venue", "pair", "why"), [("nowhere", "BTC/USDT", "no public exchange"), ("binance", "btc", "is no pair")]
)
async def test_wrong_words_are_refused_before_anything_is_connected_to(
    tmp_path: Path, venue: str, pair: str, why: str
) -> None:
    args = asked(tmp_path, "http://127.0.0.1:9", pair)
    args.venue = venue
    with pytest.raises(InvalidInput, match=why):
        await _record(args)


async def test_an_unknown_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not list ABC/XYZ"):
        await record(tmp_path, "BTC/USDT", "ABC/XYZ")
    assert main(["feed", "record", "--venue", "binance", "--pair", "BTC/USDT", "--for", "-1"]) == 2
