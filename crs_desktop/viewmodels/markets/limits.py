"""Limits as people type them: `1.5M`, `250k`, `-3.5`, `2 %`."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import InvalidInput

LARGE = {"K": 1e3, "M": 1e6, "B": 1e9}


class Limit(NamedTuple):
    """A limit, None where nothing was typed or it is no number; then a sentence says so."""

    value: float | None
    problem: Sentence = NOTHING

    @property
    def fraction(self) -> float | None:
        """The value as percent."""
        return None if self.value is None else self.value / 100


def read_limit(text: str) -> Limit:
    """Return the number in a text, with K, M or B for thousands, millions and billions."""
    plain = text.strip().rstrip("%").strip().upper()
    if not plain:
        return Limit(None)
    factor = LARGE.get(plain[-1], 1.0)
    try:
        return Limit(float(fmt.parse(plain[:-1] if factor > 1 else plain)) * factor)
    except InvalidInput as error:
        return Limit(None, verbatim(str(error)) if str(error) else say("That is not a number."))
