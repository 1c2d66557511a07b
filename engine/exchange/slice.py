"""What an offline market hands over as its time goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.domain.event import KernelEvent
from engine.domain.market import BookDiff, TradeTick

GoOn = Callable[[], bool]
"""Asked between two pieces of work; a no ends the step early, wherever the market's time has come to."""


def to_the_end() -> bool:
    """Never stop early."""
    return True


class Slice(NamedTuple):
    """What happened while a market advanced."""

    facts: list[KernelEvent]
    """Facts of funded accounts in the order of happening; trades are in `prints`."""
    prints: dict[str, list[TradeTick]]
    """By symbol, oldest first, those caused by commands since the last slice included."""
    diffs: list[BookDiff]
    """One per pair whose displayed book changed."""
    coarse: bool
    """Whether the agents act in coarse steps now."""
    answers: tuple[tuple[int, tuple[KernelEvent, ...]], ...] = ()
    """By ticket, what came of each command that arrived, facts that are in `facts` too."""
