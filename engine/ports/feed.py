"""The door to market data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.domain.market import BookSnapshot, DataLabel, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair


@dataclass(frozen=True, slots=True)
class FeedStateChanged:
    """Event: the trust in a feed's data changed; `text` says why, for the user."""

    state: FeedState
    text: str
    at: Nanos


class TradesPrinted(NamedTuple):
    """Event: public prints of one pair, oldest first (one event per slice, not per print)."""

    symbol: str
    ticks: tuple[TradeTick, ...]


@dataclass(frozen=True, slots=True)
class BarArrays:
    """Bars as columns, oldest first, shape (n,); `start` int64 ns, prices in ticks, volume in lots (float64)."""

    start: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.start)


class MarketFeed(Protocol):
    """Where quotes, prints and bars come from.

    The feed publishes `BookDiff`, `TradesPrinted` and `FeedStateChanged` on the bus once started.
    Diffs of a pair chain: `first_seq` is one more than the `seq` before; after a break the subscriber
    asks for a new `snapshot`.
    """

    @property
    def label(self) -> DataLabel:
        """Where the prices come from, for the screen."""
        ...

    @property
    def state(self) -> FeedState:
        """How far the data can be trusted now."""
        ...

    @property
    def now(self) -> Nanos:
        """The venue's time, by which bars are cut and countdowns run."""
        ...

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the pairs it carries."""
        ...

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        """Return the displayed book as of the last published diff.

        Raises:
            InvalidInput: the feed does not carry the pair.
        """
        ...

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end` (start + length <= end), computed off the loop.

        Raises:
            InvalidInput: the feed does not carry the pair.
        """
        ...


@dataclass(frozen=True, slots=True)
class MarketStatusChanged:
    """Event: the offline market's clock was changed, or cannot keep its pace; `text` says so for the screen."""

    speed: float
    paused: bool
    coarse: bool
    text: str
