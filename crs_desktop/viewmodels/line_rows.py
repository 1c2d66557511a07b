"""Rows for a narrow list: two or three lines of text each instead of columns."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels.words import Sentence


class LineRow(NamedTuple):
    """One row; a `Sentence` is translated by the pane, a `str` is shown as it is."""

    key: str
    """Stays the same while the thing it shows stays the same."""
    title: str
    mark: str | Sentence
    """A word at the right of the title."""
    tone: str
    """The token of the mark's colour."""
    text: str
    """The second line."""
    more: tuple[str | Sentence, ...] = ()
    """The third line, its parts with dots between; none if it is empty."""
    faint: bool = False
    """Whether it is over and stands back."""
