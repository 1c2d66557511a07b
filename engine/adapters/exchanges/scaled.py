"""Decimal texts as whole numbers of 1e-12, exactly: keys that sort as prices do and can be put on any pair's grid."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.domain.number import EXACT
from engine.errors import Garbled

DECIMALS = 12
"""The finest that a venue here writes is 1e-10; a finer text is refused."""

KEPT = 100_000
"""Texts remembered; they repeat, so most are looked up."""

LONGEST = 40
"""Letters of a number; nothing that is traded needs as many."""

_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d{1,2})?", re.ASCII)
"""Plain or, as some venues write very small ones, with an exponent; no sign, no spaces, no infinity."""


class Scaled(dict[str, int]):
    """Texts looked up as whole numbers of 10 ** -`DECIMALS`; `scaled["61837.63000000"]`.

    Raises:
        Garbled: the text is no decimal number of at least 0 that is whole at this scale.
    """

    def __missing__(self, text: str) -> int:
        value = scaled(text)
        if len(self) >= KEPT:
            self.clear()
        self[text] = value
        return value


class Prices(Scaled):
    """`Scaled` for prices: above zero.

    Raises:
        Garbled: the text is no decimal number above 0 that is whole at this scale.
    """

    def __missing__(self, text: str) -> int:
        value = super().__missing__(text)
        if not value:
            del self[text]
            raise Garbled(f"{text!r} is no price.")
        return value


def scaled(text: str) -> int:
    """Return a decimal text in units of 10 ** -`DECIMALS`; errors as `Scaled`."""
    if not isinstance(text, str) or len(text) > LONGEST or not _NUMBER.fullmatch(text):
        raise Garbled(f"{str(text)[:LONGEST]!r} is no price or quantity.")
    whole = Decimal(text).scaleb(DECIMALS, EXACT)
    if whole.adjusted() > LONGEST or whole != (units := int(whole)):
        raise Garbled(f"{text!r} is too large a number or has more than {DECIMALS} decimals.")
    return units
