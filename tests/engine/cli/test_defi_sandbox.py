"""`crs defi sandbox` serves the practice chain until it is told to stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from engine.adapters.practice.contracts import NoContracts, find
from engine.cli.__main__ import main

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("wrong", [["--port", "70000"], ["--block-time", "-1"]])
def test_wrong_numbers_are_refused_in_a_sentence(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["defi", "sandbox", *wrong]) == 2

    assert f"crs: {wrong[0]} must be from 0" in capsys.readouterr().err


def test_without_anvil_a_sentence_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["defi", "sandbox", "--anvil", "no-such-anvil"]) == 1

    assert "There is no no-such-anvil on this machine" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGTERM")
def test_it_prints_where_everything_is_and_ends_when_told(tmp_path: Path) -> None:
    try:
        find()
    except NoContracts as missing:
        pytest.skip(str(missing))
    command = [sys.executable, "-m", "engine.cli", "--profile-dir", str(tmp_path), "defi", "sandbox", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None

    told = json.loads(process.stdout.readline())
    question = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "eth_getCode",
        "params": [told["exchanges"][0]["router"], "latest"],
    }
    code = httpx.post(told["url"], json=question).json()["result"]
    process.send_signal(signal.SIGTERM)

    assert len(code) > 20_000
    assert process.wait(60) == 0
    process.stdout.close()
    assert (tmp_path / "practice" / "chain.sqlite").exists()
