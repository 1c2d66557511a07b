"""What one venue's REST is: which paths are asked, and what the answers mean. No input or output here.

Every `ask_…` has a `hear_…` that reads its answer. A dialect is made per venue: it may remember what the list of
instruments said (Kraken answers under names that only that list explains).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from engine.adapters.exchanges.dialect.candles import BarSupply
from engine.adapters.exchanges.dialect.listing import Listing
from engine.adapters.exchanges.wire.heard import BookHeard, TickerHeard, TradesHeard
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.ports.feed import BarArrays


class Ask(NamedTuple):
    """A GET request."""

    path: str
    query: Mapping[str, str | int] = {}
    weight: float = 1.0
    """What it costs of what the venue allows: requests, or weights at Binance."""


class RestDialect(Protocol):
    """One venue's public REST; all `hear_…` raise `Garbled` for what is no answer of that kind."""

    @property
    def venue(self) -> str:
        """The venue's name, as `Instrument.venue`."""
        ...

    @property
    def supply(self) -> BarSupply:
        """Which bars it has."""
        ...

    def ask_time(self) -> Ask:
        """Return the request for the venue's clock."""
        ...

    def hear_time(self, answer: str | bytes) -> Nanos:
        """Return the venue's time; whole seconds at Kraken."""
        ...

    def ask_listing(self) -> Ask:
        """Return the request for the list of instruments."""
        ...

    def hear_listing(self, answer: str | bytes) -> Listing:
        """Return the list; of some thousand rows, so call it off the loop."""
        ...

    def ask_tickers(self) -> Ask:
        """Return the request for the tickers of all instruments."""
        ...

    def hear_tickers(self, answer: str | bytes) -> Sequence[TickerHeard]:
        """Return the tickers, after the list of instruments was heard."""
        ...

    def ask_bars(self, native: str, timeframe: Timeframe, start: Nanos, end: Nanos) -> Ask:
        """Return the request for bars that open at `start` or later and close at `end` or before.

        Raises:
            InvalidInput: the venue has none of that length, or the span holds none.
        """
        ...

    def hear_bars(
        self, answer: str | bytes, pair: TradingPair, timeframe: Timeframe, *, start: Nanos, end: Nanos, now: Nanos
    ) -> BarArrays:
        """Return the closed bars of an answer within the span; see `candles.columns`."""
        ...

    def ask_trades(self, native: str) -> Ask:
        """Return the request for the newest prints of a pair."""
        ...

    def hear_trades(self, answer: str | bytes, native: str) -> TradesHeard:
        """Return the prints, oldest first."""
        ...

    def ask_book(self, native: str) -> Ask | None:
        """Return the request for a picture of a book; None where it comes in the stream."""
        ...

    def hear_book(self, answer: str | bytes, native: str) -> BookHeard:
        """Return the picture; InvalidInput where it comes in the stream."""
        ...
