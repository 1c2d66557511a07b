"""What the loopback sends, before and after faults."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a frame is about; faults choose by it."""

    BOOK = "book"
    TRADES = "trades"
    TICKER = "ticker"
    ANSWER = "answer"
    BEAT = "beat"


class Frame(NamedTuple):
    """One text on its way to a client."""

    kind: Kind
    text: str
    wait_s: float = 0.0
    """How long it is held back; those behind it wait too."""


class Hangup(NamedTuple):
    """The end of a connection, in its place among the frames; code 0 cuts it without a word."""

    code: int = 0
    reason: str = ""


Outgoing = Frame | Hangup
