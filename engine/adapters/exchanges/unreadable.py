"""What reading a frame or an answer of a venue may raise when it is cut off or altered: all of it is `Garbled`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from engine.errors import Garbled

UNREADABLE = (msgspec.DecodeError, ValueError, IndexError, ArithmeticError, RecursionError)
"""No JSON or of another shape; no UTF-8, or a number of thousands of digits; too short; no decimal; nested too deep."""


@contextmanager
def reading(title: str) -> Iterator[None]:
    """Say of which venue an answer is that cannot be read: what is `UNREADABLE` inside becomes `Garbled`."""
    try:
        yield
    except UNREADABLE as error:
        raise Garbled(f"An answer of {title} cannot be read: {str(error)[:200]}.") from error
