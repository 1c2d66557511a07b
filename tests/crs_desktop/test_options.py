"""The command line of the desktop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crs_desktop.options import Options, parse


def test_nothing_asked_for_leaves_everything_to_the_settings() -> None:
    assert parse([]) == Options()


def test_every_option_arrives() -> None:
    found = parse(
        ["--profile-dir", "p", "--seed", "7", "--market", "replay", "--speed", "10", "--smoke", "5",
         "--report", "r.json", "--screenshot", "s.png"]
    )  # fmt: skip

    assert found == Options(Path("p"), 7, "replay", 10.0, 5.0, Path("r.json"), Path("s.png"))


@pytest.mark.parametrize(
    "arguments",
    [["--speed", "0"], ["--speed", "1001"], ["--seed", "-1"], ["--seed", "x"], ["--smoke", "0"], ["--market", "live"],
     ["--report", "r.json"], ["surplus"]],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        parse(arguments)

    assert refusal.value.code == 2
    assert "crs-desktop: error:" in capsys.readouterr().err


def test_version_names_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        parse(["--version"])

    assert done.value.code == 0
    assert capsys.readouterr().out.startswith("crs-desktop ")


@pytest.mark.integration
def test_help_does_not_import_qt(program_environment: dict[str, str]) -> None:
    code = (
        "import sys\nfrom crs_desktop.options import parse\n"
        "try:\n    parse(['--help'])\nexcept SystemExit:\n    pass\n"
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], env=program_environment, capture_output=True, text=True, check=False, timeout=30
    )

    assert done.returncode == 0, done.stderr
    assert "--profile-dir" in done.stdout
