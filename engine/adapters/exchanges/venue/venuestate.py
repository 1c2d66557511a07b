"""How a venue stands, out of what each of its users saw: the worst of them, told once when it changes."""

from __future__ import annotations

from collections.abc import Callable

from engine.bus import Bus
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.ports.exchange import VenueStateChanged

WORST = (FeedState.CONNECTING, FeedState.STALE, FeedState.GAP, FeedState.RESYNCING, FeedState.SYNCED)
"""From the worst to the best."""


class VenueState:
    """Tells `VenueStateChanged` of one venue; a feed and the board's tickers may both report to it."""

    def __init__(self, bus: Bus, venue: str, now: Callable[[], Nanos]) -> None:
        self._bus, self._venue, self._now = bus, venue, now
        self._said: dict[str, tuple[FeedState, str]] = {}
        self._told: tuple[FeedState, str] | None = None

    def say(self, who: str, state: FeedState, text: str) -> None:
        """Report how it looks to one user."""
        self._said[who] = state, text
        self._look()

    def forget(self, who: str) -> None:
        """Count a user no longer."""
        if self._said.pop(who, None) is not None and self._said:
            self._look()

    def ended(self) -> None:
        """Tell that the venue is not connected any more."""
        self._said.clear()
        self._tell((FeedState.ENDED, ""))

    def _look(self) -> None:
        self._tell(min(self._said.values(), key=lambda each: WORST.index(each[0])))

    def _tell(self, now: tuple[FeedState, str]) -> None:
        if now != self._told:
            self._told = now
            self._bus.publish(VenueStateChanged(self._venue, *now, self._now()))
