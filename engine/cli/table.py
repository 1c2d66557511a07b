"""Plain tables for people: a title, headings, columns as wide as they must be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from engine.cli.terminal import harmless
from engine.domain.number import NANOS_PER_SECOND


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text; one line that says so if there are no rows."""
    if not rows:
        return f"{title}: none"
    rows = [[harmless(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in (headings, *rows)) for i in range(len(headings))]
    lines = (
        "  " + "  ".join(_cell(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (headings, *rows)
    )
    return "\n".join((title, *lines))


def instant(ns: int) -> str:
    """Return an instant as `2024-05-01 12:00:00`, UTC."""
    return datetime.fromtimestamp(ns // NANOS_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _cell(text: str, width: int) -> str:
    number = text.replace(".", "").replace("-", "").replace(",", "").isdigit()
    return text.rjust(width) if number else text.ljust(width)
