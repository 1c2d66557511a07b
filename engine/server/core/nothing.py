"""No market: what stands at the root of a server that distributes upstream markets only."""

from __future__ import annotations

import time

from engine.bus import Bus
from engine.domain.command import Command
from engine.domain.market import BookSnapshot, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.ports.feed import BarArrays
from engine.server.core.port import Answer

TEXT = "This server has no market of its own; GET /v1/venues lists those it has, each under its own path."


class NoCore:
    """A `Core` without a pair."""

    state = FeedState.ENDED

    def __init__(self) -> None:
        self.bus = Bus()

    @property
    def now(self) -> Nanos:
        """This machine's time."""
        return Nanos(time.time_ns())

    def state_of(self, _symbol: str, /) -> FeedState:
        """Return that there is nothing."""
        return self.state

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return none."""
        return ()

    async def carry_out(self, command: Command) -> Answer:
        """Refuse."""
        raise InvalidInput(TEXT)

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Refuse."""
        raise InvalidInput(TEXT)

    async def prints(self, symbol: str, count: int) -> tuple[TradeTick, ...]:
        """Refuse."""
        raise InvalidInput(TEXT)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Refuse."""
        raise InvalidInput(TEXT)
