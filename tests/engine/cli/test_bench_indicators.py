"""Claims about `crs bench indicators`: values are shown equal before a figure counts, and peers are named."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.cli.__main__ import main
from engine.cli.bench import indicators, peers
from engine.cli.bench.rounds import WrongAnswerError
from engine.indicators.registry import BUILT_IN

pytestmark = pytest.mark.integration

FEW = ("sma", "volume_sma", "zigzag")
DRIVER = """
import json, sys
from array import array
doubles = array("d", open(sys.argv[1], "rb").read())
length = len(doubles) // 5
print(json.dumps({{"peer": "fake", "version": "1"}}), flush=True)
for line in sys.stdin:
    word, *rest = line.split()
    if word == "values":
        volume = doubles[4 * length:]
        means = [sum(volume[at - 19 : at + 1]) / 20 if at > 18 else float("nan") for at in range(length)]
        means[-1] += {off}
        open(rest[1], "wb").write(array("d", means).tobytes())
    print(json.dumps({{"names": ["volume_sma"], "cpu_s": 5.0, "outputs": [0]}}), flush=True)
"""


def fake_peers(directory: Path, monkeypatch: pytest.MonkeyPatch, off: float) -> None:
    """Put a driver that knows one indicator in the place of each peer; let a few of ours be all that there are."""
    monkeypatch.setattr(indicators, "BUILT_IN", {name: BUILT_IN[name] for name in FEW})
    monkeypatch.setattr(peers, "DRIVERS", directory / "drivers")
    for name in ("ta_lib", "talipp"):
        python = directory / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        driver = directory / "drivers" / name / "driver.py"
        python.parent.mkdir(parents=True)
        driver.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        driver.write_text(DRIVER.format(off=off), encoding="ascii")


def test_every_indicator_is_measured_in_both_forms_and_beside_who_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_peers(tmp_path, monkeypatch, off=0.0)

    assert main(["bench", "indicators", "--json", "--bars", "120", "--peers", str(tmp_path)]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)

    rows = {each["name"]: each for each in found["measurements"]}
    assert {f"{name}, {form}" for name in FEW for form in ("whole", "push")} < set(rows)
    assert rows["volume_sma, ours / ta_lib 1"]["demand"] == 10
    assert rows["volume_sma, ours / talipp 1"]["demand"] == 0.5
    assert (rows["sma, whole"]["demand"], rows["zigzag, whole"]["demand"]) == (400, 1500)
    assert found["notes"] == []


def test_a_peer_that_says_otherwise_ends_the_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_peers(tmp_path, monkeypatch, off=1e-6)

    assert main(["bench", "indicators", "--bars", "60", "--peers", str(tmp_path)]) == 1
    complaint = capsys.readouterr().err
    assert "Row 59 of volume_sma is" in complaint
    assert "the speed of wrong answers is not measured" in complaint


def test_a_missing_value_is_a_wrong_answer_and_an_early_one_of_a_stream_is_not() -> None:
    ours = np.arange(8.0).reshape(1, 8)
    theirs = ours.copy()
    theirs[0, 2] = np.nan

    indicators.prove("push", "sma", ours, theirs, [0])
    with pytest.raises(WrongAnswerError, match=r"Row 2 of sma is 2\.0 on our side and nan"):
        indicators.prove("batch", "sma", ours, theirs, [0])


def test_values_are_held_against_the_outputs_that_the_peer_names() -> None:
    ours = np.arange(8.0).reshape(2, 4)

    indicators.prove("batch", "dmi", ours, ours[1:], [1])
    with pytest.raises(WrongAnswerError):
        indicators.prove("batch", "dmi", ours, ours[1:], [0])
