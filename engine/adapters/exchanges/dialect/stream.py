"""What one venue's wire is: which words go out, and what comes in means. No input or output here.

A dialect is made per connection, for it may remember (Kraken v1 names channels by numbers). Whoever owns the socket
sends the texts that it returns and hands every frame to `hear`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from engine.adapters.exchanges.book.sync import Rule
from engine.adapters.exchanges.wire.heard import Heard


class Channel(StrEnum):
    """What can be subscribed to."""

    BOOK = "book"
    TRADES = "trades"
    TICKER = "ticker"


class Dialect(Protocol):
    """One venue's wire format; `native` names are the venue's own."""

    @property
    def venue(self) -> str:
        """The venue's name, e.g. `binance`."""
        ...

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        """Return what a frame says, in order; nothing for one that says nothing to us.

        Raises:
            Garbled: it is no frame of this venue (cut off, not JSON, a price that is none); nothing of it was used.
        """
        ...

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that subscribe pairs to a channel."""
        ...

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that take that back."""
        ...

    def ping(self) -> str | None:
        """Return a message that asks for a sign of life; None where the protocol's own ping does."""
        ...

    def rule(self) -> Rule:
        """Return by which rule a book of this venue is kept, new for each pair."""
        ...

    def native(self, symbol: str) -> str:
        """Return the venue's word for one of our symbols, for captures that come without a list of instruments.

        `BTC/USD` is `XBT/USD` at Kraken's first interface, `BTCUSD` at Binance.
        """
        ...
