"""What reading a frame or an answer of a venue may raise when it is cut off or altered: all of it is `Garbled`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from engine.errors import Garbled

T = TypeVar("T")

UNREADABLE = (msgspec.DecodeError, ValueError, IndexError, ArithmeticError, RecursionError)
"""No JSON or of another shape; no UTF-8, or a number of thousands of digits; too short; no decimal; nested too deep."""


@contextmanager
def reading(title: str) -> Iterator[None]:
    """Say of which venue an answer is that cannot be read: what is `UNREADABLE` inside becomes `Garbled`."""
    try:
        yield
    except UNREADABLE as error:
        raise Garbled(f"An answer of {title} cannot be read: {str(error)[:200]}.") from error


def each_of(decoder: msgspec.json.Decoder[T], rows: Iterable[msgspec.Raw]) -> Iterator[T | None]:
    """Return every row of a list, None for one that cannot be read: of thousands one may be written in a new way."""
    for row in rows:
        try:
            yield decoder.decode(row)
        except UNREADABLE:
            yield None
