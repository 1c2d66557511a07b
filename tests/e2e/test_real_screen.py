"""The proof by machine where it is not usually run: on a real window system, and without any network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

SECONDS = 3


def smoke(folder: Path, environment: dict[str, str], before: tuple[str, ...] = ()) -> dict[str, object]:
    report = folder / "report.json"
    command = [*before, sys.executable, "-m", "crs_desktop", "--smoke", str(SECONDS), "--seed", "7"]
    command += ["--profile-dir", str(folder / "profile"), "--report", str(report)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(report.read_text(encoding="utf-8"))
    return said


def assert_traded(said: dict[str, object]) -> None:
    assert said["exit"] == 0
    for measure, least in {"fills": 1, "orders": 2, "bars_on_chart": 300, "trades_seen": 1}.items():
        reached = said[measure]
        assert isinstance(reached, int)
        assert reached >= least, measure
    assert said["keys_to_first_fill"] == 2


@pytest.mark.xvfb
def test_the_window_trades_on_a_real_window_system(tmp_path: Path, xvfb: dict[str, str]) -> None:
    assert_traded(smoke(tmp_path, xvfb))


def test_the_window_trades_where_there_is_no_network_at_all(
    tmp_path: Path, program_environment: dict[str, str]
) -> None:
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not make a place without a network")

    assert_traded(smoke(tmp_path, program_environment, (unshare, "-n")))
