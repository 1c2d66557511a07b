"""What an offline market hands over as its time goes on."""

from __future__ import annotations

from typing import NamedTuple

from engine.domain.event import KernelEvent
from engine.domain.market import BookDiff, TradeTick


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
