"""Reading bars from CSV text with a header: open_time, open, high, low, close, volume, in any order, more allowed.

The open time is a whole number (s, ms, µs or ns since 1970, told by its size) or ISO 8601 (UTC if it names no zone),
the same kind in the whole file; it is kept as written. Every complaint names line, column and value.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import NamedTuple, NoReturn

import numpy as np

from engine.errors import InvalidInput
from engine.indicators.spec import Columns, Floats

TIME = "open_time"
NUMBERS = ("open", "high", "low", "close", "volume")
SECONDS, MILLISECONDS, MICROSECONDS = 10**11, 10**14, 10**17
"""Whole numbers below these are of that unit; from the last on they are nanoseconds."""


class BarTable(NamedTuple):
    """Bars, and their open times as they were written."""

    times: Sequence[str]
    columns: Columns


def read_bars(text: str, name: str) -> BarTable:
    """Return the bars of a text; `name` is what complaints call it.

    Raises:
        InvalidInput: the first thing that is wrong, and where.
    """
    reader = _Reader(text, name)
    times = reader.cells(TIME)
    start = reader.starts(times)
    prices = {column: reader.numbers(column) for column in NUMBERS}
    columns = Columns(start, *(prices[column] for column in NUMBERS))
    reader.check(times, columns)
    return BarTable(times, columns)


class _Reader:
    """The rows of one text, and what is wrong with them."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._text = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n")
        if not self._text:
            raise InvalidInput(f"{name} is empty; expected a header: {TIME},{','.join(NUMBERS)}.")
        rows = self._rows()
        self._header = [cell.strip() for cell in next(rows)]
        for column in (TIME, *NUMBERS):
            if (count := self._header.count(column)) != 1:
                what = "no column" if not count else f"{count} columns"
                raise InvalidInput(
                    f"{name}, line 1: {what} {column!r}; expected {TIME},{','.join(NUMBERS)}, "
                    f"found {','.join(self._header)}."
                )
        self._grouped = "_" in self._text[self._text.find("\n") :]
        """Python reads 1_000 as a number; we do not."""
        self._columns = self._plain() if '"' not in self._text else self._quoted(rows)

    def _rows(self) -> Iterator[list[str]]:
        try:
            yield from csv.reader(io.StringIO(self._text))
        except csv.Error as error:
            raise InvalidInput(f"{self._name} is no CSV: {error}.") from error

    def _plain(self) -> list[Sequence[str]]:
        """Return the columns of a text without quotes, cut up in one go."""
        lines = self._text.split("\n")[1:]
        width = len(self._header)
        for row, line in enumerate(lines):
            if line.count(",") + 1 != width:
                self._wrong_width(row, line.count(",") + 1 if line else 0)
        cells = ",".join(lines).split(",") if lines else []
        return [cells[column::width] for column in range(width)]

    def _quoted(self, rows: Iterator[list[str]]) -> list[Sequence[str]]:
        columns: list[Sequence[str]] = [[] for _ in self._header]
        kept = list(rows)
        for row, cells in enumerate(kept):
            if len(cells) != len(columns):
                self._wrong_width(row, len(cells))
        return list(zip(*kept, strict=True)) if kept else columns

    def _wrong_width(self, row: int, width: int) -> NoReturn:
        raise InvalidInput(f"{self._name}, line {self._line(row)}: {width} fields; expected {len(self._header)}.")

    def cells(self, column: str) -> Sequence[str]:
        """Return a column as it is written."""
        return self._columns[self._header.index(column)]

    def numbers(self, column: str) -> Floats:
        """Return a column of finite numbers."""
        cells = self.cells(column)
        try:
            values = np.array(list(map(float, cells)), np.float64)
        except ValueError:
            values = None
        if (
            values is None
            or not np.isfinite(values).all()
            or ("_" in self._text and any("_" in each for each in cells))
        ):
            row = next(row for row, cell in enumerate(cells) if not _is_number(cell))
            self._fail(row, column, cells[row], "a finite number")
        return values

    def starts(self, cells: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return the instants in ns UTC."""
        whole = bool(cells) and cells[0].strip().lstrip("+-").isdecimal()
        read = _whole if whole else _iso_nanos
        try:
            stamps = list(map(read, cells))
        except ValueError:
            row = next(row for row, cell in enumerate(cells) if not _reads(read, cell))
            expected = "a whole number, as on the first row" if whole else "an ISO 8601 time or a whole number"
            self._fail(row, TIME, cells[row], expected)
        scale = _unit(max(map(abs, stamps), default=0)) if whole else 1
        try:
            return np.array([stamp * scale for stamp in stamps], np.int64)
        except OverflowError:
            row = next(row for row, stamp in enumerate(stamps) if abs(stamp * scale) >= 2**63)
            self._fail(row, TIME, cells[row], "an instant that fits 64 bits in nanoseconds")

    def check(self, times: Sequence[str], columns: Columns) -> None:
        """Hold the bars to what bars are.

        Raises:
            InvalidInput: times that do not increase, a high below its low, a negative volume.
        """
        late = np.flatnonzero(np.diff(columns.start) <= 0)
        if len(late):
            row = int(late[0]) + 1
            self._fail(row, TIME, times[row], f"a time after {times[row - 1]}, that of the line before")
        crossed = np.flatnonzero(columns.high < columns.low)
        if len(crossed):
            row = int(crossed[0])
            self._fail(row, "high", self.cells("high")[row], f"at least the low, {self.cells('low')[row]}")
        negative = np.flatnonzero(columns.volume < 0)
        if len(negative):
            row = int(negative[0])
            self._fail(row, "volume", self.cells("volume")[row], "0 or more")

    def _fail(self, row: int, column: str, value: str, expected: str) -> NoReturn:
        shown = f"{value!r}" if len(value) <= SHOWN else f"{value[:SHOWN]!r}…"
        raise InvalidInput(f"{self._name}, line {self._line(row)}, column {column}: {shown}; expected {expected}.")

    def _line(self, row: int) -> int:
        """Return the line that a row begins on; quoted cells may span lines."""
        reader = csv.reader(io.StringIO(self._text))
        ends = [reader.line_num for _, _ in zip(reader, range(row + 2), strict=False)]
        return ends[row] + 1


SHOWN = 40
"""Characters of a wrong value that are repeated."""


def _is_number(cell: str) -> bool:
    try:
        return isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def _reads(read: Callable[[str], int], cell: str) -> bool:
    try:
        read(cell)
    except ValueError:
        return False
    return True


def _whole(cell: str) -> int:
    if "_" in cell:
        raise ValueError(cell)
    return int(cell)


def _iso_nanos(cell: str) -> int:
    at = datetime.fromisoformat(cell.strip())
    since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _unit(largest: int) -> int:
    for limit, unit in ((SECONDS, 10**9), (MILLISECONDS, 10**6), (MICROSECONDS, 10**3)):
        if largest < limit:
            return unit
    return 1
