"""`crs indicator`, run as a user runs it."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from engine.cli.__main__ import main
from engine.cli.bar_table import read_bars
from engine.errors import InvalidInput
from engine.indicators.registry import BUILT_IN, find
from engine.indicators.spec import Columns
from tests.engine.indicators.bars import walk

HEADER = "open_time,open,high,low,close,volume"


def text_of(columns: Columns, times: list[str] | None = None) -> str:
    numbers = [list(map(repr, column.tolist())) for column in columns]
    lines = map(",".join, zip(times or numbers[0], *numbers[1:], strict=True))
    return "\n".join((HEADER, *lines)) + "\n"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    assert main(["indicator", *arguments]) == 0
    return list(csv.reader(io.StringIO(capsys.readouterr().out)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bars.csv"
    path.write_text(text_of(walk(120)))
    return path


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_row_reads_back_equal(name: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    indicator, columns = find(name), walk(120)

    header, *rows = printed(capsys, name, "--bars", str(file))

    assert header == ["open_time", *(output.name for output in indicator.outputs)]
    assert [row[0] for row in rows] == list(map(str, columns.start.tolist()))
    found = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    np.testing.assert_array_equal(found.T, indicator.compute(columns))


def test_parameters_are_taken_together_or_one_by_one(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    together = printed(capsys, "macd", "--param", "fast=3", "slow=8", "--bars", str(file))
    one_by_one = printed(capsys, "macd", "--param", "fast=3", "--param", "slow=8", "--bars", str(file))

    assert together == one_by_one != printed(capsys, "macd", "--bars", str(file))


@pytest.mark.parametrize(
    "times",
    [
        ["1700000000", "1700000060", "1700000120"],
        ["2024-02-28T23:59:00Z", "2024-02-29T00:00:00Z", "2024-02-29 00:01+00:00"],
    ],
)
def test_open_times_are_printed_as_they_were_written(
    times: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(text_of(walk(3), times))

    rows = printed(capsys, "sma", "--param", "period=2", "--bars", str(path))

    assert [row[0] for row in rows[1:]] == times
    assert [bool(row[1]) for row in rows[1:]] == [False, True, True]


def test_columns_come_in_any_order_and_others_are_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(
        b'\xef\xbb\xbfvolume,note,close,open_time,open,high,low\r\n5,"a,b",3,10,3,4,2\r\n5,"c\nd",4,20,3,4,2\r\n'
    )

    rows = printed(capsys, "sma", "--param", "period=2", "--bars", str(path))

    assert rows == [["open_time", "sma"], ["10", ""], ["20", "3.5"]]


def test_bars_come_through_a_pipe(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))

    assert printed(capsys, "rsi", "--bars", "-") == printed(capsys, "rsi", "--bars", str(file))


def test_a_header_alone_gives_a_header(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(HEADER + "\n")

    assert printed(capsys, "macd", "--bars", str(path)) == [["open_time", "macd", "signal", "hist"]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "bars is empty; expected a header"),
        ("open_time,open,high,low,close\n", "line 1: no column 'volume'"),
        (HEADER + ",close\n", "line 1: 2 columns 'close'"),
        (HEADER + "\n1,1,1,1,1\n", "line 2: 5 fields; expected 6"),
        (HEADER + "\n1,1,1,1,1,1\n\n2,1,1,1,1,1\n", "line 3: 0 fields; expected 6"),
        (HEADER + "\n1,1,1,1,1,1\n2,1,x,1,1,1\n", "line 3, column high: 'x'; expected a finite number"),
        (HEADER + '\n"1",1,1,1,1,1\n"2",1,1,1,"1\n",1\n3,1,1,1,,1', "line 5, column close: ''; expected a finite"),
        (HEADER + "\n1,nan,1,1,1,1\n", "line 2, column open: 'nan'; expected a finite number"),
        (HEADER + "\n1,1,1,1,inf,1\n", "line 2, column close: 'inf'; expected a finite number"),
        (HEADER + "\n1,1,1_0,1,1,1\n", "line 2, column high: '1_0'; expected a finite number"),
        (HEADER + "\n1,1,1,2,1,1\n", "line 2, column high: '1'; expected at least the low, 2"),
        (HEADER + "\n1,1,1,1,1,-1\n", "line 2, column volume: '-1'; expected 0 or more"),
        (HEADER + "\n5,1,1,1,1,1\n5,1,1,1,1,1\n", "line 3, column open_time: '5'; expected a time after 5"),
        (HEADER + "\n5,1,1,1,1,1\n2024-01-01,1,1,1,1,1\n", "line 3, column open_time: '2024-01-01'; expected a whole"),
        (HEADER + "\nsoon,1,1,1,1,1\n", "line 2, column open_time: 'soon'; expected an ISO 8601 time or a whole"),
        (HEADER + f"\n{10**30},1,1,1,1,1\n", "expected an instant that fits 64 bits"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_bars(text, "bars")

    assert complaint in str(caught.value)


def test_instants_are_read_in_the_unit_that_their_size_tells() -> None:
    found = [
        read_bars(f"{HEADER}\n{time},1,1,1,1,1\n", "bars").columns.start[0]
        for time in ("1700000000", "1700000000000", "1700000000000000", "1700000000000000000", "2023-11-14T22:13:20")
    ]

    assert set(found) == {1_700_000_000_000_000_000}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Give the NAME"),
        (["sma"], "Give the NAME"),
        (["nosuch", "--bars", "x"], "There is no indicator 'nosuch'"),
        (["sma", "--bars", "/no/such/file"], "/no/such/file cannot be read: No such file or directory."),
        (["sma", "--param", "length=3", "--bars", "x"], "sma has no parameter 'length'; it has: period."),
        (["sma", "--param", "period=1.5", "--bars", "x"], "period must be a whole number"),
        (["sma", "--param", "period", "--bars", "x"], "'period' is no parameter; write it like period=20."),
        (["sma", "--param", "period=2", "period=3", "--bars", "x"], "period is given twice."),
        (["sma", "--json"], "--json goes with --list"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["indicator", *arguments]) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert complaint in told.err


def test_the_list_names_all_with_parameters_and_outputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indicator", "--list", "--json"]) == 0
    told = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert main(["indicator", "--list"]) == 0
    table = capsys.readouterr().out

    assert sorted(told) == sorted(BUILT_IN)
    assert told["macd"]["params"][0] == {"name": "fast", "default": 12, "low": 2, "high": 100_000}
    assert told["macd"]["outputs"] == ["macd", "signal", "hist"]
    assert "fast=12 slow=26 signal=9" in table
    assert all(name in table for name in BUILT_IN)


def test_parameters_answer_to_the_names_that_ta_lib_gives_them(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def rows(*words: str) -> list[list[str]]:
        return printed(capsys, *words, "--bars", str(file))

    assert rows("rsi", "--param", "timeperiod=9") == rows("rsi", "--param", "period=9") != rows("rsi")
    theirs = rows("macd", "--param", "fastperiod=5", "slowperiod=9", "signalperiod=3")
    assert theirs == rows("macd", "--param", "fast=5", "slow=9", "signal=3")
