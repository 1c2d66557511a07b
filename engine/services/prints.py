"""Every print since the feed began, pair by pair, for what needs the side that took: footprints, delta, profiles.

Feeds tell prints as they happen and bars of the past; which side took is known from here on only, unless the feed kept
prints (a recording has them all). A jump or another market begins anew. Memory is bounded per pair
(`engine.market.prints.MOST`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.bus import Bus
from engine.domain.market import FeedState, TradeTick
from engine.domain.number import Nanos
from engine.market.prints import PrintLog
from engine.ports.exchange import PairsFollowed, PastPrints
from engine.ports.feed import FeedStateChanged, MarketFeed, TradesPrinted

Past = Callable[[str], tuple[Nanos, Sequence[TradeTick]] | None]
"""Tells since when the prints of a pair are known, and those up to now; None if they are from now on only."""


class Prints:
    """Collects prints; `close` ends its subscriptions."""

    def __init__(self, bus: Bus, feed: MarketFeed, past: Past = lambda _symbol: None) -> None:
        self._feed, self._past = feed, past
        self._logs: dict[str, PrintLog] = {}
        self._begin()
        self._subscriptions = (
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(FeedStateChanged, self._on_state),
            bus.subscribe(PairsFollowed, self._on_followed),
            bus.subscribe(PastPrints, self._on_past),
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

    def _begin(self) -> None:
        """Take over what the feed kept; at once, for soon it will publish what is newer."""
        self._logs.clear()
        self._since = self._feed.now
        for pair in self._feed.pairs():
            self._take_over(pair.symbol)

    def _take_over(self, symbol: str) -> None:
        kept = self._past(symbol)
        if kept is not None:
            since, ticks = kept
            log = self._logs[symbol] = PrintLog(since)
            log.add(ticks)

    def _on_trades(self, event: TradesPrinted) -> None:
        self.log(event.symbol).add(event.ticks)

    def _on_followed(self, event: PairsFollowed) -> None:
        """Begin anew with pairs that the feed carries from now on; keep nothing of those that left."""
        for symbol in (*event.removed, *event.added):
            self._logs.pop(symbol, None)
        for symbol in event.added:
            self._logs[symbol] = PrintLog(self._feed.now)
            self._take_over(symbol)

    def _on_past(self, event: PastPrints) -> None:
        """Begin anew with what is known of the past; what comes follows it."""
        log = self._logs[event.symbol] = PrintLog(event.since)
        log.add(event.ticks)

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:
            self._begin()
