"""`crs data`, run as a user runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.adapters.files.bars import BarFiles, read_file
from engine.cli.__main__ import main
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import InvalidInput, StorageUnavailable
from engine.market.sanity import check
from engine.profile import Profile

pytestmark = pytest.mark.integration

MS = 1_672_531_200_000


def write(path: Path, count: int = 120, *, step: float = 0.37) -> Path:
    lines = []
    price = 16500.0
    for number in range(count):
        opened, price = price, price + step * (-1) ** number
        high, low = max(opened, price) + 1, min(opened, price) - 1
        lines.append(f"{MS + 60_000 * number},{opened:.2f},{high:.2f},{low:.2f},{price:.2f},{1 + number % 7}.5,0")
    path.write_text("\n".join(lines) + "\n")
    return path


def crs(tmp_path: Path, *arguments: str) -> int:
    return main(["--profile-dir", str(tmp_path / "profile"), "data", *arguments])


def imported(tmp_path: Path, path: Path, *more: str) -> int:
    return crs(tmp_path, "import", str(path), "--symbol", "btc/usdt", "--timeframe", "1m", *more)


def test_an_import_is_kept_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "bars.csv")

    assert imported(tmp_path, path) == 0
    assert "Imported 120 bars of BTC/USDT 1m, 2023-01-01 00:00:00 to 2023-01-01 01:59:00" in capsys.readouterr().out
    assert imported(tmp_path, path) == 0  # the same again replaces itself
    capsys.readouterr()
    assert main(["data", "list", "--profile-dir", str(tmp_path / "profile")]) == 0
    listed = capsys.readouterr().out
    assert listed.count("BTC/USDT") == 1
    assert "bars.csv" in listed


def test_an_import_leaves_its_outcome_in_the_log_of_the_profile(tmp_path: Path) -> None:
    imported(tmp_path, write(tmp_path / "bars.csv"))
    assert crs(tmp_path, "import", str(tmp_path / "bars.csv"), "--symbol", "what", "--timeframe", "1m") == 2

    text = (Profile.at(tmp_path / "profile").log_dir / "crs.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines] == ["import of history"] * 2
    assert lines[0]["outcome"] == "done"
    assert "is no pair" in lines[1]["outcome"]


def test_kept_bars_are_those_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "bars.csv")
    imported(tmp_path, path)
    files = BarFiles(Profile.at(tmp_path / "profile").history_dir)
    (entry,), damaged = files.list()

    again, bars = files.load(entry.path)

    report = check(read_file(path), Timeframe.M1, tick=None, now=Nanos(2**62))
    assert report.bars is not None
    assert damaged == []
    assert again == entry
    for name in ("start", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(bars, name), getattr(report.bars, name))


def test_a_bad_line_refuses_the_import_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "bars.csv")
    lines = path.read_text().splitlines()
    lines[2] = lines[1]
    path.write_text("\n".join(lines))

    assert imported(tmp_path, path) == 1
    assert "line 3: 2023-01-01 00:01:00 is there twice" in capsys.readouterr().err
    assert not (tmp_path / "profile").exists()


def test_a_finer_tick_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(f"{MS},1.001,1.001,1.001,1.001,1\n")

    assert imported(tmp_path, path) == 1
    assert "--tick" in capsys.readouterr().err
    assert imported(tmp_path, path, "--tick", "0.001") == 0


def test_flags_are_shown_and_long_lists_are_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(f"{MS + 60_000 * number},1,1,1,1,0" for number in range(30)))

    assert imported(tmp_path, path) == 0
    shown = capsys.readouterr().err
    assert "Flagged: 30" in shown
    assert "and 10 more" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "missing.csv", "--symbol", "BTC/USDT", "--timeframe", "1m"),
        ("import", "bars.csv", "--symbol", "BTCUSDT", "--timeframe", "1m"),
        ("import", "bars.csv", "--symbol", "BTC/USDT", "--timeframe", "7m"),
        ("import", "bars.csv", "--symbol", "BTC/USDT", "--timeframe", "1m", "--tick", "0"),
        ("stats", "--symbol", "ABC/XYZ"),
        ("stats", "--seconds", "-1"),
        ("stats", "--file", "missing.csv"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "bars.csv", 3)

    assert crs(tmp_path, *arguments) == 2
    assert capsys.readouterr().err.startswith("crs: ")


def test_an_empty_list_says_so_and_a_damaged_file_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert crs(tmp_path, "list") == 0
    assert "none" in capsys.readouterr().out
    history = Profile.at(tmp_path / "profile").history_dir
    history.mkdir(parents=True)
    (history / "x.bars").write_bytes(b"junk\n")

    assert crs(tmp_path, "list") == 1
    assert "x.bars" in capsys.readouterr().err


def test_stats_print_every_band_and_fail_outside_of_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert crs(tmp_path, "stats", "--seed", "3", "--symbol", "ETH/USDT", "--seconds", "0") == 0
    assert "excess kurtosis" in capsys.readouterr().out
    assert crs(tmp_path, "stats", "--seed", "3", "--seconds", "20") in (0, 1)
    assert "spread of one tick" in capsys.readouterr().out

    assert crs(tmp_path, "stats", "--file", str(write(tmp_path / "bars.csv"))) == 1
    assert "OUTSIDE" in capsys.readouterr().out


def test_stats_measure_an_import_and_refuse_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(tmp_path, write(tmp_path / "bars.csv"))
    ((entry,), _) = BarFiles(Profile.at(tmp_path / "profile").history_dir).list()
    (tmp_path / "bad.csv").write_text("1,2,3\n")

    assert crs(tmp_path, "stats", "--file", str(entry.path)) == 1
    assert crs(tmp_path, "stats", "--file", str(tmp_path / "bad.csv")) == 2
    assert "line 1" in capsys.readouterr().err


def test_a_directory_that_cannot_be_written_is_a_clear_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "profile").write_text("in the way")

    assert imported(tmp_path, write(tmp_path / "bars.csv")) == 1
    assert "cannot be kept" in capsys.readouterr().err


def test_bars_with_errors_are_never_kept_and_missing_ones_not_loaded(tmp_path: Path) -> None:
    files = BarFiles(tmp_path)
    (tmp_path / "bad.csv").write_text("1,2,3\n")
    report = check(read_file(tmp_path / "bad.csv"), Timeframe.M1, tick=None, now=Nanos(2**62))

    with pytest.raises(InvalidInput):
        files.save("BTC/USDT", Timeframe.M1, report, "bad.csv")
    with pytest.raises(StorageUnavailable):
        files.load(tmp_path / "none.bars")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_cancels_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    os.mkfifo(path)  # never ends, so the import waits
    arguments = ("--profile-dir", str(tmp_path / "profile"), "data", "import", str(path))
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli.__main__", *arguments, "--symbol", "BTC/USDT", "--timeframe", "1m"],
        stderr=subprocess.PIPE,
        text=True,
    )
    with path.open("w") as pipe:
        pipe.write(f"{MS},1,1,1,1,1\n")
        pipe.flush()
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "Traceback" not in complaint
    assert not (tmp_path / "profile").exists()
