"""How the connection to a public exchange stands: what the bar across the window says while nothing comes."""

from __future__ import annotations

import time
from collections.abc import Callable

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.exchange.trust import LONGEST
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.market import FeedState
from engine.ports.exchange import ExchangeFeed, VenueStateChanged

PATIENCE_S = 2.0
"""A connection that is back sooner is told by the status bar alone."""
DOWN = (FeedState.CONNECTING, FeedState.STALE, FeedState.ENDED)


class ExchangeLink(ViewModel):
    """The state of one exchange's connection; `clock` is monotonic, in seconds."""

    pace = 0.1
    poll = 0.5
    needs_sign_in = False
    retry_action, paper_action = "market.reconnect", "market.offline"

    def __init__(self, desk: Desk, feed: ExchangeFeed, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(desk)
        self.name, self._venue, self._clock = feed.title, feed.venue, clock
        self._now: VenueStateChanged | None = None
        self._since = clock()
        self._listen(VenueStateChanged, self._changed)

    @property
    def is_up(self) -> bool:
        """Whether all is well, or has not been otherwise for long."""
        if self._now is None or self._now.state not in DOWN:
            return True
        return self._clock() - self._since < PATIENCE_S

    @property
    def text(self) -> Sentence:
        """What to say; NOTHING while all is well."""
        if self._now is None or self.is_up:
            return NOTHING
        why = self._now.text[:LONGEST] or str(say("{name} is not connected.", name=self.name))
        return say("{why} Paper trading goes on when prices come again.", why=why)

    def _changed(self, event: VenueStateChanged) -> None:
        if event.venue != self._venue:
            return
        was_down = self._now is not None and self._now.state in DOWN
        if not (was_down and event.state in DOWN):
            self._since = self._clock()
        self._now = event
        self.touch()
