"""The canonical JSON text of a record, and of whatever else is made of frozen dataclasses of the domain.

It is compact, with keys in field order, absent values and empty tuples left out, decimals as strings; integers have
any size. Hashes are of this text, so it never changes. How a type is written is found out once and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any

from engine.domain.command import SubmitOrder
from engine.domain.pair import FeeRate, TradingPair

Write = Callable[[Any], str]

REPEATED = (SubmitOrder, TradingPair)
"""What is written again at once: an order within its acceptance, a pair within each of its orders' snapshots."""


def encode(value: object) -> str:
    """Return the canonical text of a value."""
    return _WRITERS[type(value)](value)


def field_names(kind: type) -> tuple[str, ...]:
    """Return the fields of a dataclass that its text has, in order."""
    return tuple(each.name for each in fields(kind) if each.init)


class _Writers(dict[type, Write]):
    """How values of a type are written."""

    def __missing__(self, kind: type) -> Write:
        self[kind] = write = _writer(kind)
        return write


def _writer(kind: type) -> Write:
    if issubclass(kind, StrEnum):
        return encode_basestring
    if issubclass(kind, IntEnum):
        return int.__repr__
    if is_dataclass(kind):
        return _remembering(_object_writer(kind)) if kind in REPEATED else _object_writer(kind)
    raise TypeError(f"A value of type {kind.__name__} has no canonical text.")


def _object_writer(kind: type) -> Write:
    names = field_names(kind)
    heads = tuple(f'"{name}":' for name in names)
    values_of = attrgetter(*names) if len(names) > 1 else _alone(attrgetter(*names))

    def write(value: Any) -> str:  # noqa: ANN401 - of type `kind`
        parts = [
            head + _WRITERS[type(part)](part)
            for head, part in zip(heads, values_of(value))  # noqa: B905 - as long as each other
            if part or (part is not None and part != ())
        ]
        return "{" + ",".join(parts) + "}"

    return write


def _remembering(write: Write) -> Write:
    """Return what writes the same and knows the text of its last value."""
    last: tuple[Any, str] = (None, "")

    def recall(value: Any) -> str:  # noqa: ANN401 - of a frozen type
        nonlocal last
        known, text = last  # both at once: several threads write
        if known is not value:
            text = write(value)
            last = value, text
        return text

    return recall


def _alone(value_of: Callable[[Any], Any]) -> Callable[[Any], tuple[Any]]:
    return lambda value: (value_of(value),)


def _write_tuple(values: tuple[Any, ...]) -> str:
    return "[" + ",".join([_WRITERS[type(each)](each) for each in values]) + "]"


def _write_decimal(value: Decimal) -> str:
    return f'"{value:f}"'


def _write_rate(rate: FeeRate) -> str:
    return f'"{rate.decimal:f}"'


def _write_truth(value: bool) -> str:
    return "true" if value else "false"


_WRITERS = _Writers(
    {
        str: encode_basestring,
        int: int.__repr__,
        bool: _write_truth,
        tuple: _write_tuple,
        Decimal: _write_decimal,
        FeeRate: _write_rate,
    }
)
