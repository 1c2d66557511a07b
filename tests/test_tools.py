"""Claims about tools.py that can be tried without installing anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tools

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.integration


def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    screens = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    bare = {key: value for key, value in os.environ.items() if key not in screens}
    command = [sys.executable, "tools.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**bare, **environment}, capture_output=True, text=True, check=False)


def test_help_names_every_verb_and_what_it_does() -> None:
    said = call("--help").stdout

    assert [verb for verb, function in tools.VERBS.items() if f"{verb:8} {function.__doc__}" not in said] == []


def test_an_unknown_verb_is_refused_with_the_known_ones() -> None:
    done = call("fly")

    assert done.returncode == 2
    assert "invalid choice: 'fly'" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a screen")
def test_run_without_a_screen_says_so_in_words() -> None:
    done = call("run")

    assert done.returncode == 2
    assert "There is no screen to open a window on" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_package_is_cut_out_of_a_lock_with_all_its_hashes_and_nothing_else(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(
        "ab==1 \\\n    --hash=sha256:1\n"
        "uv==2.0 \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\n"
        "zz==4 \\\n    --hash=sha256:5\n"
    )

    assert tools.locked("uv", lock) == "uv==2.0 \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\n"
    assert tools.locked("nothing", lock) == ""


def test_the_bootstrap_finds_uv_in_the_development_lock() -> None:
    assert tools.locked("uv", tools.DEV).startswith("uv==")
    assert "--hash=sha256:" in tools.locked("uv", tools.DEV)


def test_tools_imports_nothing_but_the_standard_library() -> None:
    isolated = [sys.executable, "-I", "-S", "tools.py", "--help"]

    assert subprocess.run(isolated, cwd=ROOT, capture_output=True, check=False).returncode == 0
