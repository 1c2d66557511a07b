"""`crs indicator FILE.py` prints the user's own indicator as it prints the built-in ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.__main__ import main
from tests.engine.indicators.test_own import PUSH_LINE, own_text

BARS = "open_time,open,high,low,close,volume\n" + "".join(f"{at},1,3,1,{at}.5,2\n" for at in range(1, 3))


@pytest.fixture
def bars(tmp_path: Path) -> str:
    file = tmp_path / "bars.csv"
    file.write_text(BARS, encoding="utf-8")
    return str(file)


def test_an_own_file_prints_its_values(tmp_path: Path, bars: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.py"
    file.write_text(own_text("print('hello'); return bar.close * 2"), encoding="utf-8")

    assert main(["indicator", str(file), "--bars", bars]) == 0

    assert capsys.readouterr() == ("open_time,value\n1,3.0\n2,5.0\n", "hello\nhello\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (own_text("return 1 / 0"), f"mine.py, line {PUSH_LINE}: ZeroDivisionError"),
        ("x = (\n", "mine.py, line 1: SyntaxError"),
        ("import sys; sys.exit(3)", "mine.py, line 1: SystemExit"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    text: str, words: str, tmp_path: Path, bars: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text, encoding="utf-8")

    assert main(["indicator", str(file), "--bars", bars]) != 0

    assert words in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told(bars: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indicator", "nowhere.py", "--bars", bars]) != 0

    assert "nowhere.py cannot be read" in capsys.readouterr().err
