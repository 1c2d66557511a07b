"""How a feed's pairs stand, and what is told of it: per pair, of the worst, and of the venue; each change once.

`FeedState.SNAPSHOT` of a whole feed says that everything cached is void. It is told with the first book, and when the
past was lost; never because one pair's book was taken anew.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.adapters.exchanges.venue.venuestate import WORST, VenueState
from engine.bus import Bus
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.ports.exchange import PairStateChanged
from engine.ports.feed import FeedStateChanged

FEED = "feed"
"""Who reports to the venue's state."""


class Standing:
    """Tells `PairStateChanged` and `FeedStateChanged`, and reports to the venue's; `look` after anything happened."""

    def __init__(self, bus: Bus, spec: VenueSpec, venue: VenueState, now: Callable[[], Nanos]) -> None:
        self._bus, self._spec, self._venue, self._now = bus, spec, venue, now
        self._pairs: dict[str, FollowedPair] = {}
        self._told: tuple[FeedState, str] = FeedState.CONNECTING, ""
        self._was_synced = False

    @property
    def state(self) -> FeedState:
        """What was told of the whole feed last."""
        return self._told[0]

    def added(self, pair: FollowedPair) -> None:
        """Look after a pair."""
        self._pairs[pair.symbol] = pair

    def removed(self, pair: FollowedPair) -> None:
        """Look after it no longer."""
        self._pairs.pop(pair.symbol, None)

    def look(self) -> None:
        """Tell what changed."""
        for pair in self._pairs.values():
            now = pair.state, self._text(pair)
            if now != pair.told:
                pair.told = now
                self._bus.publish(PairStateChanged(pair.symbol, *now, self._now()))
        if not self._was_synced and any(pair.state is FeedState.SYNCED for pair in self._pairs.values()):
            self._was_synced = True
            self._say(FeedState.SNAPSHOT, f"The market as {self._spec.title} shows it now.")
        self._say(*self._worst())
        self._look_at_venue()

    def void(self, text: str) -> None:
        """Declare everything cached void."""
        if self._was_synced:
            before = self._told
            self._say(FeedState.SNAPSHOT, text)
            self._say(*before)

    def ended(self) -> None:
        """Tell that nothing comes any more."""
        self._say(FeedState.ENDED, f"{self._spec.title} is not connected.")
        self._venue.forget(FEED)

    def _worst(self) -> tuple[FeedState, str]:
        if not self._pairs:
            return (FeedState.SYNCED, "") if self._was_synced else (FeedState.CONNECTING, "No pair is followed yet.")
        told = [pair.told for pair in self._pairs.values()]
        told = [(FeedState.CONNECTING if state is FeedState.SNAPSHOT else state, text) for state, text in told]
        return min(told, key=lambda each: WORST.index(each[0]))

    def _text(self, pair: FollowedPair) -> str:
        if pair.state is FeedState.SYNCED:
            return ""
        title, symbol = self._spec.title, pair.symbol
        if pair.outgrown or pair.why:
            return pair.outgrown or pair.why
        if pair.quiet_s and pair.is_open:
            return f"{title} has been silent for {pair.quiet_s:.0f} s; prices may be old."
        return {
            FeedState.CONNECTING: f"Connecting to {title}…"
            if not pair.is_open
            else f"Waiting for {symbol} of {title}…",
            FeedState.SNAPSHOT: f"Reading the book of {symbol}…",
            FeedState.GAP: f"Updates of {symbol} are missing; its book is read anew.",
            FeedState.RESYNCING: f"Reading the book of {symbol} anew…",
        }.get(pair.state, "")

    def _look_at_venue(self) -> None:
        pairs = self._pairs.values()
        if not pairs:
            self._venue.forget(FEED)
            return
        broken = next((pair for pair in pairs if not pair.is_open), None)
        if broken is not None:
            known = any(pair.has_book for pair in pairs)
            self._venue.say(FEED, FeedState.STALE if known else FeedState.CONNECTING, self._text(broken))
        elif any(pair.quiet_s for pair in pairs):
            self._venue.say(FEED, FeedState.STALE, f"{self._spec.title} is silent; prices may be old.")
        else:
            self._venue.say(FEED, FeedState.SYNCED, "")

    def _say(self, state: FeedState, text: str) -> None:
        if (state, text) != self._told:
            self._told = state, text
            self._bus.publish(FeedStateChanged(state, text, self._now()))
