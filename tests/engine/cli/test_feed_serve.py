"""`crs feed serve`: what it is started with, what it refuses, and that it ends when it is told to."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from engine.cli.__main__ import main
from engine.market.recording import SHIPPED

RECORDING = Path(__file__).resolve().parents[3] / "resources" / "market" / SHIPPED


@pytest.mark.integration
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_recording_is_served_as_two_venues_until_it_is_stopped() -> None:
    command = [sys.executable, "-m", "engine.cli", "feed", "serve", str(RECORDING), "--as-recorded", "--speed", "0"]
    with subprocess.Popen([*command, "--venue", "binance,kraken"], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        told = [program.stdout.readline() for _ in range(2)]
        urls = [re.findall(r"http://127\.0\.0\.1:\d+", line)[0] for line in told]
        depth = httpx.get(f"{urls[0]}/api/v3/depth", params={"symbol": "BTCUSDT", "limit": 1}).json()
        other = httpx.get(f"{urls[1]}/0/public/Depth", params={"pair": "XBTUSDT", "count": 1}).json()
        program.send_signal(signal.SIGTERM)
        status = program.wait(20)

    assert [line.partition(":")[0] for line in told] == ["binance", "kraken"]
    assert depth["bids"] == [["61837.63", "3.78826"]]
    assert other["result"]["XBTUSDT"]["bids"][0][:2] == ["61837.63", "3.78826"]
    assert status == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "not both"),
        (["a.rec", "--market", "demo"], "not both"),
        (["missing.rec"], "cannot be read"),
        (["missing.txt"], "cannot be read"),
        ([str(RECORDING), str(RECORDING)], "of the same pair"),
        ([str(RECORDING), "--venue", "mtgox"], "no venue that can be served"),
        ([str(RECORDING), "--fault", "drop=often"], "says not when"),
        ([str(RECORDING), "--speed", "-1"], "--speed"),
        ([str(RECORDING), "--port", "70000"], "--port"),
        (["--market", "demo", "--pair", "NO/NE"], "has no NO/NE"),
    ],
)
def test_what_cannot_be_served_is_refused_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feed", "serve", *arguments]) == 2
    assert sentence in capsys.readouterr().err
