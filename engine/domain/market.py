"""What a market shows: trade ticks, quotes, book snapshots and diffs, bars.

These are `NamedTuple`s because they are made on the tick path. `at` is the venue's time.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.errors import InvalidInput


class TradeTick(NamedTuple):
    """A public print; `side` is the taker's."""

    symbol: str
    price: Ticks
    qty: Lots
    side: Side
    at: Nanos
    trade_id: int


class Quote(NamedTuple):
    """Best bid and ask; a missing side has price and quantity None."""

    symbol: str
    bid: Ticks | None
    bid_qty: Lots | None
    ask: Ticks | None
    ask_qty: Lots | None
    at: Nanos


class Level(NamedTuple):
    """All that is displayed at one price."""

    price: Ticks
    qty: Lots


class BookSnapshot(NamedTuple):
    """The displayed book after update `seq`; best level first on both sides."""

    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    seq: int
    at: Nanos


class BookDiff(NamedTuple):
    """Levels that changed between updates `first_seq` and `seq`; quantity 0 removes a level."""

    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    first_seq: int
    seq: int
    at: Nanos


class Bar(NamedTuple):
    """Open, high, low, close and volume of one interval; `start` is its opening instant."""

    symbol: str
    start: Nanos
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Lots
    trades: int


class Timeframe(StrEnum):
    """The lengths of bars that are offered."""

    S1 = "1s"
    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def seconds(self) -> int:
        """The length in seconds."""
        return _SECONDS[self]

    @property
    def nanos(self) -> Nanos:
        """The length in nanoseconds."""
        return Nanos(_SECONDS[self] * NANOS_PER_SECOND)

    @classmethod
    def parse(cls, text: str) -> Timeframe:
        """Return the timeframe of that name.

        Raises:
            InvalidInput: there is none; the message lists them.
        """
        try:
            return cls(text)
        except ValueError:
            names = ", ".join(cls)
            raise InvalidInput(f"{text!r} is no timeframe; choose one of {names}.") from None


_SECONDS: dict[Timeframe, int] = {
    Timeframe.S1: 1,
    Timeframe.M1: 60,
    Timeframe.M5: 300,
    Timeframe.M15: 900,
    Timeframe.H1: 3_600,
    Timeframe.H4: 14_400,
    Timeframe.D1: 86_400,
}


class FeedState(StrEnum):
    """How far the market data of a feed can be trusted."""

    CONNECTING = "connecting"
    SNAPSHOT = "snapshot"
    SYNCED = "synced"
    STALE = "stale"
    GAP = "gap"
    RESYNCING = "resyncing"
    PAUSED = "paused"
    ENDED = "ended"


class DataLabel(StrEnum):
    """Where prices come from; shown wherever a price is shown."""

    SIMULATED = "SIMULATED"
    REPLAY = "REPLAY"
    SERVER = "SERVER"
    """Of a CRS server; which one, its venue's name says."""
    PUBLIC = "PUBLIC"
    """Of a public exchange; which one, its feed's title says."""
