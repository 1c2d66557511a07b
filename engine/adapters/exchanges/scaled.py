"""Decimal texts as whole numbers of 1e-12, exactly: keys that sort as prices do and can be put on any pair's grid."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from engine.domain.number import EXACT
from engine.errors import InvalidInput

DECIMALS = 12
"""The finest that a venue here writes is 1e-10; a finer text is refused."""

KEPT = 100_000
"""Texts remembered; they repeat, so nearly every one is looked up."""


class Scaled(dict[str, int]):
    """Texts looked up as whole numbers of 10 ** -`DECIMALS`; `scaled["61837.63000000"]`.

    Raises:
        InvalidInput: the text is no decimal number of at least 0 that is whole at this scale.
    """

    def __missing__(self, text: str) -> int:
        value = scaled(text)
        if len(self) >= KEPT:
            self.clear()
        self[text] = value
        return value


def scaled(text: str) -> int:
    """Return a decimal text in units of 10 ** -`DECIMALS`; errors as `Scaled`."""
    try:
        value = Decimal(text)
        if not value.is_finite() or value.is_signed():
            raise InvalidInput(f"{text[:40]!r} is no price or quantity.")
        whole = value.scaleb(DECIMALS, EXACT)
        if whole != (units := int(whole)):
            raise InvalidInput(f"{text[:40]!r} has more than {DECIMALS} decimals.")
    except (InvalidOperation, ValueError):
        raise InvalidInput(f"{text[:40]!r} is no price or quantity.") from None
    return units
