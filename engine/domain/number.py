"""The three kinds of number and the types that keep them apart.

In the book and the ledger every amount is an `int`: `Ticks` (a price), `Lots` (a quantity),
`Units` (money, in an asset's smallest engine unit), `Nanos` (an instant, UTC, since 1970).
At the edges it is a `Decimal` or its string; in charts and models a `float64` array. The only
doors between them are methods of `Asset` and `TradingPair`.
"""

from __future__ import annotations

import re
from decimal import MAX_PREC, Context, Decimal
from typing import NewType

from engine.errors import InvalidInput

Ticks = NewType("Ticks", int)
"""A price, in multiples of the pair's tick."""

Lots = NewType("Lots", int)
"""A quantity, in multiples of the pair's lot."""

Units = NewType("Units", int)
"""Money, in multiples of the asset's engine unit (10 ** -decimals)."""

Nanos = NewType("Nanos", int)
"""An instant or a span, in nanoseconds; instants are UTC since 1970."""

NANOS_PER_SECOND = 1_000_000_000

DECIMAL_STRING = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
"""What we accept as a decimal string: no exponent, no spaces, no bare dot."""

EXACT = Context(prec=MAX_PREC)
"""A decimal context that never rounds a sum, product or shift of finite numbers."""


def parse_decimal(text: str) -> Decimal:
    """Return the number that a plain decimal string means.

    Raises:
        InvalidInput: the text is no plain decimal (`1e5`, `abc`, `NaN`, an empty string).
    """
    if not DECIMAL_STRING.match(text):
        raise InvalidInput(f"{text!r} is not a decimal number such as 0.25.")
    return Decimal(text)


def scaled_to_int(value: Decimal, decimals: int) -> int | None:
    """Return `value * 10**decimals` if that is whole, else None."""
    if not value.is_finite():
        return None
    shifted = value.scaleb(decimals, EXACT)
    whole = int(shifted)
    return whole if whole == shifted else None


def fixed(value: int, decimals: int) -> str:
    """Return `value * 10**-decimals` as plain text with exactly `decimals` places; never an exponent."""
    if decimals <= 0:
        return _digits(value * 10**-decimals)
    digits = _digits(value)
    if value < 0 or len(digits) <= decimals:
        sign = "-" if value < 0 else ""
        digits = f"{sign}{digits.removeprefix('-').rjust(decimals + 1, '0')}"
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # Python guards against more than 4300 digits; a Decimal of them is exact too
        return format(Decimal(value), "f")


def ceil_div(numerator: int, denominator: int) -> int:
    """Return the quotient rounded up (towards plus infinity)."""
    return -(-numerator // denominator)
