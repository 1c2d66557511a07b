"""`crs data list|verify|export` over kept bars, run as a user runs it; fetching them is tested against a venue."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.files.bars import read_file
from engine.adapters.history.store import BarStore
from engine.cli.__main__ import main
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.market.sanity import check
from engine.profile import Profile
from tests.engine.adapters.history.test_kept import MINUTE, PAIR, START, same, some_bars

SPAN = range(5_000)
OUTAGE = range(1_000, 1_284)


def crs(tmp_path: Path, *arguments: str) -> int:
    return main(["--profile-dir", str(tmp_path), "data", *arguments])


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A profile with some days of bars, an outage of the venue in them, and a stretch that nobody fetched."""
    store = BarStore(Profile(tmp_path).bars_dir)
    for first, until in ((0, 5_000), (6_000, 6_500)):
        bars = some_bars(place for place in range(first, until) if place not in OUTAGE)
        store.put("binance", PAIR, Timeframe.M1, Nanos(START + first * MINUTE), Nanos(START + until * MINUTE), bars)
    return tmp_path


def which(*more: str) -> tuple[str, ...]:
    return ("--venue", "binance", "--pair", "btc/usdt", "--timeframe", "1m", *more)


def test_what_is_kept_is_listed(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert crs(kept, "list") == 0

    line = capsys.readouterr().out.splitlines()[-1].split()
    assert line[:4] == ["binance", "BTC/USDT", "1m", f"{5_500 - len(OUTAGE):,}"]
    assert line[-2] == str(len(OUTAGE))


def test_gaps_and_what_was_never_fetched_are_told_apart(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert crs(kept, "verify") == 0

    out = capsys.readouterr().out
    assert "1 gaps, 1 stretches never fetched" in out
    assert "gap: 2023-03-29 03:20:00 to 2023-03-29 08:04:00, the venue has no bar" in out


def test_a_damaged_page_is_told_and_the_status_says_so(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    victim = sorted(kept.glob("bars/*/*/*/*.page"))[0]
    victim.write_bytes(victim.read_bytes()[:-30])

    assert crs(kept, "verify") == 1

    assert "bars are lost" in capsys.readouterr().err


def test_an_export_is_exact_and_can_be_imported(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = kept / "out" / "bars.csv"
    assert crs(kept, "export", *which("--out", str(out))) == 0

    report = check(read_file(out), Timeframe.M1, tick=PAIR.tick, now=Nanos(2**62))
    assert report.errors == []
    assert report.bars is not None
    places = [place for place in (*SPAN, *range(6_000, 6_500)) if place not in OUTAGE]
    expected = some_bars(places)
    expected.volume[:] *= float(PAIR.lot)
    assert [gap.bars for gap in report.gaps] == [len(OUTAGE), 1_000]
    assert report.bars.volume.round(5).tolist() == expected.volume.round(5).tolist()
    report.bars.volume[:] = expected.volume
    assert same(report.bars, expected)
    assert crs(kept, "export", *which("--out", str(out))) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "--venue", "kraken", "--pair", "BTC/USD", "--timeframe", "1m", "--out", "x.csv"), "data download"),
        (("verify", "--venue", "kraken"), "No such bars are kept"),
        (("download", *which("--from", "yesterday")), "expected a date such as 2024-01-31"),
        (("download", *which("--from", "2024-02-01", "--to", "2024-01-01")), "--to must be after --from"),
        (("export", *which("--out", "x.csv", "--from", "2030-01-01")), "is kept in that stretch"),
    ],
)
def test_wrong_use_gets_a_sentence(
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(kept)
    assert crs(kept, *arguments) == 2
    assert said in capsys.readouterr().err
    assert not (kept / "x.csv").exists()
