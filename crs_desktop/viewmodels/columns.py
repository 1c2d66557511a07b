"""Tables as data: which columns there are, and rows of texts for them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Literal, NamedTuple

from crs_desktop.viewmodels.words import NOTHING, Sentence

Align = Literal["left", "right"]


class Column(NamedTuple):
    """One column; `title` is English, translated by the pane. An `action` column holds words to click.

    Of the numbers in an `explained` column one can ask where they come from.
    """

    title: str
    field: str
    align: Align = "right"
    action: bool = False
    spare: int = 0
    """In a narrow pane columns with the highest number go first; those with 0 stay."""
    explained: bool = False
    sparse: bool = False
    """Shown only while one of its cells says something."""


class Cell(NamedTuple):
    """One cell: what is shown, in which tone, what goes to the clipboard and what a hover tells.

    A `Sentence` is translated by the pane, a `str` is shown as it is.
    """

    text: str | Sentence
    tone: str = "text"
    raw: str | None = None
    """Plain text without grouping for CSV; the shown text if None."""
    tip: str | Sentence = ""


class Row(NamedTuple):
    """One row; `key` stays the same while the thing it shows stays the same."""

    key: str
    cells: tuple[Cell, ...]


class Empty(NamedTuple):
    """What to show instead of an empty table: what it is for, and one thing to do."""

    sentence: Sentence
    action: Sentence = NOTHING
    """Text of the button; no button if it is empty."""


def to_csv(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Return rows as CSV with a head line; numbers without thousands separators, no action columns."""
    kept = [at for at, column in enumerate(columns) if not column.action]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([columns[at].title for at in kept])
    for row in rows:
        cells = [row.cells[at] for at in kept]
        writer.writerow([_safe(str(cell.text) if cell.raw is None else cell.raw) for cell in cells])
    return out.getvalue()


def _safe(text: str) -> str:
    """Keep a spreadsheet from reading text of a venue as a formula."""
    return f"'{text}" if text[:1] in ("=", "@", "+") or (text[:1] == "-" and not text[1:2].isdigit()) else text
