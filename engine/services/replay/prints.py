"""Prints in a replay: none are known.

Bars do not say which side took, and what is made up must not pass for order flow.
"""

from __future__ import annotations

from engine.bus import Bus
from engine.domain.number import Nanos
from engine.ports.feed import MarketFeed
from engine.services.prints import Prints


class ReplayPrints(Prints):
    """`Prints` that hears nothing; what it knows begins where the replay ends."""

    def __init__(self, feed: MarketFeed, end: Nanos) -> None:
        self._end = end
        super().__init__(Bus(), feed)

    def _begin(self) -> None:
        self._logs.clear()
        self._since = self._end
