"""A sheet: named fields, rows of text, closing rows; and its text as CSV or JSON, a piece at a time.

CSV has one header line, the rows and the closing rows. Foreign text that a spreadsheet would take for a formula gets
an apostrophe in front, and a space for a carriage return; numbers stand as they are, so that they can be added.
JSON is one object: what the sheet is about, `rows`, and `closing`; every value of a row is a string or null.
"""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

Row = tuple[str | None, ...]
"""One text per field; None for what is not there."""

AT_ONCE = 500
"""Rows in one piece of text."""

FORMULA = ("=", "+", "-", "@", "\t")
"""How a text begins that a spreadsheet would compute."""

_json_text = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class Field(NamedTuple):
    """A column; what stands in a `foreign` one was named by somebody else, such as the id of an order."""

    name: str
    foreign: bool = False


class Format(StrEnum):
    """What a sheet can be written as."""

    CSV = "csv"
    JSON = "json"


class Sheet(ABC):
    """A table that is made while it is read; `closing` follows from the rows that were taken before."""

    name: str
    fields: tuple[Field, ...]

    def __init__(self, about: Mapping[str, object]) -> None:
        self.about = dict(about)

    @property
    @abstractmethod
    def size(self) -> int:
        """About how many rows there will be, to show how far the work has come."""

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """Yield the rows."""

    @abstractmethod
    def closing(self) -> Iterator[Row]:
        """Yield what follows from the rows, once all were taken."""

    def text(self, form: Format) -> Iterator[str]:
        """Yield the sheet's text in pieces of some hundred rows."""
        return self._csv() if form is Format.CSV else self._json()

    def _csv(self) -> Iterator[str]:
        yield _csv_lines([tuple(field.name for field in self.fields)])
        foreign = [at for at, field in enumerate(self.fields) if field.foreign]
        for part in (self.rows(), self.closing()):
            for rows in _pieces(part):
                yield _csv_lines([_harmless(row, foreign) for row in rows])

    def _json(self) -> Iterator[str]:
        yield _json_text({"report": self.name, **self.about})[:-1]
        names = [field.name for field in self.fields]
        for name, part in (("rows", self.rows()), ("closing", self.closing())):
            yield f', "{name}": ['
            before = "\n"
            for rows in _pieces(part):
                found = (_json_text(dict(zip(names, row, strict=True))) for row in rows)
                yield before + ",\n".join(found)
                before = ",\n"
            yield "]"
        yield "}\n"


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while held := list(islice(rows, AT_ONCE)):
        yield held


def _csv_lines(rows: Iterable[Row]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _harmless(row: Row, foreign: Iterable[int]) -> Row:
    """Return the row with an apostrophe before every foreign text that looks like a formula."""
    for at in foreign:
        cell = row[at]
        if cell and ("\r" in cell or cell.startswith(FORMULA)):
            cell = cell.replace("\r", " ")
            row = (*row[:at], f"'{cell}" if cell.startswith(FORMULA) else cell, *row[at + 1 :])
    return row
