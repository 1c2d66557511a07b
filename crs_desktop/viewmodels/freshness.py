"""How old what a desk shows is, while its feed cannot be trusted: the badge on book, ticket and charts."""

from __future__ import annotations

import time
from collections.abc import Callable

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.market import BookDiff
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.feed import TradesPrinted


class Freshness:
    """Counts from the feed's last word; `clock` is monotonic, in seconds."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk, self._clock = desk, clock
        self._heard: float | None = None
        self._open = [desk.bus.subscribe(BookDiff, self._hear), desk.bus.subscribe(TradesPrinted, self._hear)]

    @property
    def badge(self) -> Sentence:
        """What the badge says: NOTHING while the prices can be trusted, or before there are any."""
        if self._desk.trust.exchange is not None:
            return self._desk.trust.badge(self._desk.symbol)
        if self._heard is None or self._desk.is_synced:
            return NOTHING
        return say("stale {age}", age=fmt.age(int((self._clock() - self._heard) * NANOS_PER_SECOND)))

    def close(self) -> None:
        """End the subscriptions; safe to call twice."""
        while self._open:
            self._open.pop().close()

    def _hear(self, _event: object) -> None:
        self._heard = self._clock()
