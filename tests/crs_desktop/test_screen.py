"""Claims about a machine without a screen: a sentence, no abort; the proof by machine runs all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crs_desktop.screen import TEXT, VARIABLES, missing

BARE = {name: value for name, value in os.environ.items() if name not in VARIABLES}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is one")
def test_without_a_screen_it_says_so_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crs_desktop", "--profile-dir", str(tmp_path / "profile")]
    ran = subprocess.run(command, env=BARE, capture_output=True, text=True, check=False, timeout=60)

    assert (ran.returncode, ran.stderr) == (1, f"crs-desktop: {TEXT}\n")
    assert not (tmp_path / "profile").exists()


@pytest.mark.parametrize("name", VARIABLES)
def test_any_kind_of_screen_will_do(name: str) -> None:
    assert missing({name: "x"}, smoke=False, platform="linux") == ""


def test_the_proof_by_machine_needs_none() -> None:
    environ: dict[str, str] = {}

    assert missing(environ, smoke=True, platform="linux") == ""
    assert environ == {"QT_QPA_PLATFORM": "offscreen"}
    assert missing({}, smoke=False, platform="win32") == ""
