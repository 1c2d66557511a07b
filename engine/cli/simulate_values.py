"""Reading single values of the text form: grids, decimal strings, words.

A value that is not well formed raises `Malformed`. A well-formed value that the exchange must refuse
(off the grid, NaN, negative) becomes a `Fault` instead, so that the exchange answers with the gravest
of all reasons. The value itself is then replaced by one that is never at fault, and stands in the
fault's sentence, by value: submits are compared field by field, and 1.50 equals 1.5.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, TypeVar

from engine.domain.command import Fault
from engine.domain.number import EXACT, ceil_div
from engine.domain.order import Reason
from engine.errors import InvalidInput

Entry = dict[str, Any]
"""A JSON object as read."""

Word = TypeVar("Word")

NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?\Z")
NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
"""Decimal strings that mean no number; the exchange refuses them."""

REMEMBERED_TEXTS = 8_192
"""How many number texts a grid keeps read."""


class Malformed(InvalidInput):
    """The line is not well formed; the text says what is wrong with it."""


class Grid:
    """Reads decimal strings as multiples of one step."""

    __slots__ = ("_decimals", "_per_step", "read_before", "step_text")

    def __init__(self, step: Decimal, decimals: int) -> None:
        self._decimals = decimals
        self._per_step = int(step.scaleb(decimals, EXACT))
        self.step_text = format(step, "f")
        self.read_before: dict[str, int] = {}

    def read(self, text: str) -> int | None:
        """Return a number in steps, None if it is off the grid; the text matches NUMBER."""
        digits = text.removeprefix("-")
        whole, _, fraction = digits.partition(".")
        fraction = fraction.rstrip("0")
        if len(fraction) > self._decimals:
            return None
        steps, rest = divmod(int(whole + fraction.ljust(self._decimals, "0")), self._per_step)
        if rest:
            return None
        steps = -steps if text.startswith("-") else steps
        if len(self.read_before) >= REMEMBERED_TEXTS:
            self.read_before.clear()
        self.read_before[text] = steps
        return steps

    def above(self, text: str) -> int:
        """Return a positive number off the grid in steps, rounded up: it exceeds whatever steps it exceeded."""
        whole, _, fraction = text.partition(".")
        numerator = int(whole + fraction) * 10**self._decimals
        return ceil_div(numerator, self._per_step * 10 ** len(fraction))


class Field:
    """How one number of an order is called and refused."""

    __slots__ = ("key", "name", "off_grid", "unsound")

    def __init__(self, key: str, name: str, unsound: Reason, off_grid: Reason) -> None:
        self.key, self.name, self.unsound, self.off_grid = key, name, unsound, off_grid


QTY = Field("qty", "quantity", Reason.BAD_QUANTITY, Reason.OFF_LOT)
PRICE = Field("price", "price", Reason.BAD_PRICE, Reason.OFF_TICK)
STOP_PRICE = Field("stop_price", "stop price", Reason.BAD_STOP, Reason.OFF_TICK)
TRAIL = Field("trail", "trailing distance", Reason.BAD_STOP, Reason.OFF_TICK)
DISPLAY_QTY = Field("display_qty", "displayed quantity", Reason.BAD_QUANTITY, Reason.OFF_LOT)

STAND_IN = 1
"""What the exchange gets for a value that is a fault already."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> Entry:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Malformed(f"key {shown(twice)} appears twice")
    return found


def _no_constant(name: str) -> Any:  # noqa: ANN401 - the decoder's own signature
    raise Malformed(f"{name} is not JSON; write it as a string")


DECODER = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def number(entry: Entry, field: Field, grid: Grid | None, faults: list[Fault]) -> int:
    """Return a number of an order in steps; what is wrong with it is appended to `faults`."""
    text = entry[field.key]
    if grid is not None and type(text) is str:
        steps = grid.read_before.get(text)
        if steps is not None:
            return steps
    text = decimal(entry, field.key)
    if grid is None:
        return STAND_IN  # nobody knows the grid: the exchange refuses the order for that
    if text in NOT_FINITE:
        faults.append(Fault(field.unsound, f"The {field.name} is {text}, which is no number to trade with."))
        return STAND_IN
    steps = grid.read(text)
    if steps is not None:
        return steps
    value = by_value(text)
    if value.startswith("-"):
        faults.append(Fault(field.unsound, f"The {field.name} must be positive, not {value}."))
    faults.append(Fault(field.off_grid, f"The {field.name} {value} is no multiple of {grid.step_text}."))
    return STAND_IN if value.startswith("-") else grid.above(text)


def by_value(text: str) -> str:
    """Return a decimal string without idle zeros, so that equal numbers look equal."""
    if text in NOT_FINITE:
        return text
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, fraction = digits.partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    value = f"{whole}.{fraction}" if fraction else whole
    return value if value == "0" else sign + value


def basis_points(entry: Entry, key: str, faults: list[Fault]) -> Decimal:
    """Return a number of basis points, a decimal string or an integer; what is wrong with it is appended."""
    text = str(entry[key]) if type(entry[key]) is int else decimal(entry, key)
    if text in NOT_FINITE:
        faults.append(Fault(Reason.BAD_STOP, f"The trailing distance is {text}, which is no number to trade with."))
        return Decimal(STAND_IN)
    return Decimal(by_value(text))


def shown(value: object) -> str:
    """Return a value as JSON for a message, cut if it is long."""
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def string(entry: Entry, key: str) -> str:
    """Return a string."""
    value = entry[key]
    if type(value) is not str:
        raise Malformed(f'"{key}" must be a string, not {shown(value)}')
    return value


def decimal(entry: Entry, key: str) -> str:
    """Return a decimal string, NaN and Infinity included."""
    value = entry[key]
    if type(value) is not str or not (NUMBER.match(value) or value in NOT_FINITE):
        raise Malformed(f'"{key}" must be a decimal string such as "0.25", not {shown(value)}')
    return value


def integer(entry: Entry, key: str) -> int:
    """Return an integer; true and 1.0 are none."""
    value = entry[key]
    if type(value) is not int:
        raise Malformed(f'"{key}" must be an integer, not {shown(value)}')
    return value


def flag(entry: Entry, key: str) -> bool:
    """Return a boolean; 1 is none."""
    value = entry[key]
    if type(value) is not bool:
        raise Malformed(f'"{key}" must be true or false, not {shown(value)}')
    return value


def word(entry: Entry, key: str, words: dict[str, Word]) -> Word:
    """Return what one of the known words means."""
    value = entry[key]
    word = words.get(value) if type(value) is str else None
    if word is None:
        raise Malformed(f'"{key}" must be one of {", ".join(words)}, not {shown(value)}')
    return word
