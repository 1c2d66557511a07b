"""Decimal texts as whole numbers of 1e-12, exactly: keys that sort as prices do and can be put on any pair's grid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from engine.domain.number import EXACT
from engine.errors import Garbled

DECIMALS = 12
"""The finest that a venue here writes is 1e-10; a finer text is refused."""

KEPT = 8_000
"""Texts remembered per book and kind; they repeat, so most are looked up. With more it is no faster (BTC/USDT, 650 s),
and a pair would take 30 MB of memory in the end."""

LONGEST = 40
"""Letters of a number; nothing that is traded needs as many."""

_ZEROS = "0" * DECIMALS
_UNITS: list[int] = [10 ** (DECIMALS - decimals) for decimals in range(DECIMALS + 1)]
"""One step of a last decimal place, by how many there are."""
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?([eE][+-]?\d{1,2})?", re.ASCII)
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
        point, digits = text.find("."), text.replace(".", "", 1)
        decimals = len(text) - 1 - point
        if point > 0 and 0 < decimals <= DECIMALS and digits.isdigit() and digits.isascii() and len(digits) < LONGEST:
            value = int(digits) * _UNITS[decimals]
        else:
            value = scaled(text)
        if not value:
            raise Garbled(f"{text!r} is no price.")
        if len(self) >= KEPT:
            self.clear()
        self[text] = value
        return value


def left(texts: Sequence[str]) -> list[float]:
    """Return quantities as something that is true where anything is left; together, as they hardly ever repeat.

    What is returned is rounded and good for nothing else.

    Raises:
        Garbled: a text is no decimal number of at least 0.
    """
    joined = "/".join(texts)
    plain = joined.replace("/", "").replace(".", "")
    is_plain = plain.isdigit() and joined.isascii() and "/." not in joined and "./" not in joined
    if is_plain and joined[0] != "." != joined[-1] and max(map(len, texts)) < LONGEST:
        try:
            return list(map(float, texts))
        except ValueError:
            pass  # two points, a stroke; said below
    return [_is_left(text) for text in texts]


def _is_left(text: str) -> bool:
    found = _matched(text)
    return bool((text if found[3] is None else text[: found.start(3)]).strip("0."))


def scaled(text: str) -> int:
    """Return a decimal text in units of 10 ** -`DECIMALS`; errors as `Scaled`."""
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if whole and fraction and len(digits) < LONGEST and digits.isascii() and digits.isdigit():
        if len(fraction) <= DECIMALS:
            return int(digits + _ZEROS[len(fraction) :])
    elif not _NUMBER.fullmatch(text) or len(text) > LONGEST:
        raise Garbled(f"{text[:LONGEST]!r} is no price or quantity.")
    return _slowly(text)


def is_number(text: str) -> bool:
    """Whether it is the text of a price or quantity as a venue may write it."""
    if text.isascii() and text.replace(".", "", 1).isdigit() and text[0] != "." != text[-1]:
        return len(text) <= LONGEST
    return len(text) <= LONGEST and _NUMBER.fullmatch(text) is not None


def expanded(text: str) -> str:
    """Return the text of a number without its exponent; one of a few letters can mean gigabytes of digits.

    Raises:
        Garbled: it is none, or not one that a venue here has a use for.
    """
    return format(Decimal(_matched(text)[0]), "f")


def is_modest(number: Decimal) -> bool:
    """Whether a number can be written out in about as many letters as a price has."""
    return number.is_finite() and len(number.as_tuple().digits) <= LONGEST and abs(number.adjusted()) <= LONGEST


def _matched(text: str) -> re.Match[str]:
    if len(text) > LONGEST or (found := _NUMBER.fullmatch(text)) is None:
        raise Garbled(f"{text[:LONGEST]!r} is no price or quantity.")
    return found


def _slowly(text: str) -> int:
    """Return any decimal text, also one with an exponent or with many decimals."""
    whole = Decimal(text).scaleb(DECIMALS, EXACT)
    if whole.adjusted() > 2 * LONGEST or whole != (units := int(whole)):
        raise Garbled(f"{text!r} is too large a number or has more than {DECIMALS} decimals.")
    return units
