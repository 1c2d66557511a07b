"""`crs feed realism`: tables for people, JSON for programs, a sentence where a file cannot be graded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.__main__ import main

pytestmark = pytest.mark.integration


@pytest.mark.soak
def test_the_shipped_recording_is_graded_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feed", "realism", "--every", "60", "--side", "buy", "--truth", "5", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    (graded,) = told["files"]
    assert graded["file"] == "shipped"
    assert graded["probes"] == 10
    assert graded["inside"] + graded["early"] + graded["late"] == graded["probes"]
    assert [each["seconds"] for each in told["truth"]["horizons"]] == [1, 10, 60]


def test_a_raw_capture_needs_a_venue_and_a_pair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = tmp_path / "raw.txt"
    capture.write_text(
        '1.0 {"lastUpdateId":5,"bids":[["100.0","2"]],"asks":[["101.0","2"]]}\n'
        '1.1 {"e":"depthUpdate","s":"BTCUSDT","U":6,"u":6,"b":[["100.0","3"]],"a":[]}\n'
        '2.5 {"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"99.5","q":"1.5","T":1,"m":true}\n'
        '9.0 {"e":"depthUpdate","s":"BTCUSDT","U":7,"u":7,"b":[["100.0","0"]],"a":[]}\n'
    )

    assert main(["feed", "realism", str(capture)]) == 2
    assert "--venue and --pair" in capsys.readouterr().err
    assert main(["feed", "realism", "--venue", "binance", "--pair", "BTC/USDT", str(capture)]) == 0
    said = capsys.readouterr().out
    assert "orders at the touch" in said
    assert "through" in said


def test_what_cannot_be_graded_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feed", "realism", str(tmp_path / "none")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert main(["feed", "realism", "--every", "0"]) == 2
    assert "--every" in capsys.readouterr().err
