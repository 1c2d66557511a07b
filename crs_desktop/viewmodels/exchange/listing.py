"""What a public exchange lists, and whether a desk looks at one; found by symbol, read from the feed when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.domain.instrument import Instrument, InstrumentKind
from engine.domain.market import DataLabel

if TYPE_CHECKING:
    from engine.ports.exchange import ExchangeFeed
    from engine.ports.feed import MarketFeed


def exchange_of(feed: MarketFeed) -> ExchangeFeed | None:
    """Return the feed as one of a public exchange; None if it is something else."""
    return cast("ExchangeFeed", feed) if feed.label is DataLabel.PUBLIC else None


class Listing:
    """The instruments of an exchange by symbol; made again when the feed has another list."""

    def __init__(self, feed: ExchangeFeed) -> None:
        self._feed = feed
        self._of: tuple[Instrument, ...] = ()
        self._by_symbol: dict[str, Instrument] = {}

    @property
    def all(self) -> dict[str, Instrument]:
        """Every instrument by its symbol, in the venue's order."""
        listed = self._feed.instruments()
        if listed is not self._of:
            self._of, self._by_symbol = listed, {each.symbol: each for each in listed}
        return self._by_symbol

    def get(self, symbol: str) -> Instrument | None:
        """Return one instrument; None if it is not listed."""
        return self.all.get(symbol)

    def is_shown_only(self, symbol: str) -> bool:
        """Whether no orders are taken in it here."""
        found = self.get(symbol)
        return found is not None and found.kind is InstrumentKind.PERPETUAL
