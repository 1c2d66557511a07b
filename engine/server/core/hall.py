"""The market of a public exchange in this very process, as a `Core`."""

from __future__ import annotations

from engine.bootstrap.hall import HallEngine
from engine.domain.command import Command, SubmitList, SubmitOrder
from engine.domain.event import OrderRejected
from engine.domain.market import BookSnapshot, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.order import Reason
from engine.domain.pair import TradingPair
from engine.errors import VenueUnavailable
from engine.market.bars import empty
from engine.ports.feed import BarArrays
from engine.server.core.local import answered
from engine.server.core.port import Answer


class HallCore:
    """A `Core` over a hall's engine."""

    def __init__(self, engine: HallEngine) -> None:
        self._engine = engine
        self.bus = engine.bus
        self.journal = engine.journal

    @property
    def now(self) -> Nanos:
        """The venue's time; this machine's until it was asked."""
        return self._engine.now

    @property
    def state(self) -> FeedState:
        """How far the venue's data can be trusted now."""
        return self._engine.feed.state

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what is followed, and what was traded here once."""
        found = {pair.symbol: pair for pair in self._engine.feed.pairs()}
        for pair in self._engine.venue.pairs():  # as it is listed here: what is held counts by that
            found[pair.symbol] = pair
        return tuple(found.values())

    def state_of(self, symbol: str, /) -> FeedState:
        """Return how far one pair's book can be trusted; `ENDED` for one that is not followed any more."""
        if self._is_followed(symbol):
            return self._engine.feed.state_of(symbol)
        return FeedState.ENDED if self._engine.connects else FeedState.CONNECTING

    async def carry_out(self, command: Command) -> Answer:
        """Carry out a command; see `Core.carry_out`."""
        if isinstance(command, SubmitOrder | SubmitList) and (text := self._why_not(command)):
            return Answer((OrderRejected(command.account, command.order_id, Reason.UNKNOWN_SYMBOL, text, self.now),))
        return await answered(self._engine.venue, command)

    def _why_not(self, command: SubmitOrder | SubmitList) -> str:
        """Return why an order cannot be sent here at all; empty if it can, or if the exchange says so better."""
        engine = self._engine
        orders = command.orders if isinstance(command, SubmitList) else (command,)
        for order in orders:
            symbol = order.symbol
            if self._is_followed(symbol) and not engine.trades:
                return f"{symbol} of {engine.title} is shown, not traded: paper orders are for spot pairs."
            if symbol in engine.market.left_out:
                return engine.market.left_out[symbol]
            if engine.connects and engine.feed.pairs() and not self._is_followed(symbol):
                return f"{symbol} of {engine.title} is not followed by this server; GET /v1/markets lists what is."
        return ""

    def _is_followed(self, symbol: str) -> bool:
        return self._engine.follows(symbol)

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the venue's book; an empty one of a pair that is not followed now."""
        if not self._is_followed(symbol):
            return BookSnapshot(symbol, (), (), 0, self.now)
        return self._engine.feed.snapshot(symbol, depth)

    async def prints(self, symbol: str, count: int) -> tuple[TradeTick, ...]:
        """Return prints of before the feed began, as far as the venue told them."""
        past = self._engine.feed.past_prints(symbol)
        return () if past is None else tuple(past[1])[-count:]

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars before `end`, the venue's own, each fetched once.

        Raises:
            VenueUnavailable: they are not here and the venue cannot be asked now.
        """
        engine = self._engine
        if not engine.connects:
            raise VenueUnavailable(f"{engine.title} has not been reached yet. {engine.text}".strip())
        if not any(each.symbol == symbol for each in engine.feed.instruments()):
            return empty()
        return await engine.feed.bars(symbol, timeframe, end=end, count=count)
