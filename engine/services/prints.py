"""Every print since the feed began, pair by pair, for what needs the side that took: footprints, delta, profiles.

Feeds tell prints as they happen and bars of the past; which side took is known from here on only. A jump or another
market begins anew. Memory is bounded per pair (`engine.market.prints.MOST`).
"""

from __future__ import annotations

from engine.bus import Bus
from engine.domain.market import FeedState
from engine.market.prints import PrintLog
from engine.ports.feed import FeedStateChanged, MarketFeed, TradesPrinted


class Prints:
    """Collects prints; `close` ends its subscriptions."""

    def __init__(self, bus: Bus, feed: MarketFeed) -> None:
        self._feed = feed
        self._logs: dict[str, PrintLog] = {}
        self._since = feed.now
        self._subscriptions = (
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(FeedStateChanged, self._on_state),
        )

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()

    def log(self, symbol: str) -> PrintLog:
        """Return the prints of a pair; another object after a jump."""
        found = self._logs.get(symbol)
        if found is None:
            found = self._logs[symbol] = PrintLog(self._since)
        return found

    def _on_trades(self, event: TradesPrinted) -> None:
        self.log(event.symbol).add(event.ticks)

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:
            self._logs.clear()
            self._since = self._feed.now
