"""The exchange in this very process."""

from __future__ import annotations

from dataclasses import replace

from engine.adapters.paper.venue import PaperVenue
from engine.bootstrap.exchange import ExchangeEngine
from engine.domain.command import CancelOrder, Command, SubmitList, SubmitOrder
from engine.domain.event import LedgerFact, OrderAccepted, OrderRejected
from engine.domain.market import BookSnapshot, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.order import Reason
from engine.domain.pair import TradingPair
from engine.ports.feed import BarArrays
from engine.server.core.port import Answer


class LocalCore:
    """A `Core` over the engine that this process runs."""

    def __init__(self, engine: ExchangeEngine) -> None:
        self._engine = engine
        self.bus = engine.bus
        self.journal = engine.journal

    @property
    def now(self) -> Nanos:
        """The market's time."""
        return self._engine.feed.now

    @property
    def state(self) -> FeedState:
        """Whether the market is alive."""
        return self._engine.feed.state

    def state_of(self, _symbol: str, /) -> FeedState:
        """Return the market's state: its pairs live and end together."""
        return self.state

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what can be traded."""
        return self._engine.venue.pairs()

    async def carry_out(self, command: Command) -> Answer:
        """Carry out a command; see `Core.carry_out`."""
        return await answered(self._engine.venue, command)

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the displayed book."""
        return self._engine.feed.snapshot(symbol, depth)

    async def prints(self, symbol: str, count: int) -> tuple[TradeTick, ...]:
        """Return nothing: whoever listens here listens from the beginning."""
        return ()

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars before `end`."""
        return await self._engine.keeper.bars(symbol, timeframe, end=end, count=count)


async def answered(venue: PaperVenue, command: Command) -> Answer:
    """Return how a venue answers a command; see `Core.carry_out`."""
    carried = await venue.carry_out(command)
    if carried.facts or not isinstance(command, SubmitOrder | SubmitList | CancelOrder):
        return Answer(tuple(map(_for_penniless, carried.facts)), last=carried.last)
    return Answer(_first_answer(venue, command), repeated=True)


def _first_answer(venue: PaperVenue, command: SubmitOrder | SubmitList | CancelOrder) -> tuple[LedgerFact, ...]:
    exchange = venue.market.exchange
    if isinstance(command, SubmitOrder):
        first = exchange.first_answer(command)
        return () if first is None else (first,)
    if isinstance(command, SubmitList):
        found: tuple[OrderAccepted, ...] | OrderRejected | None = exchange.first_list_answer(command)
        return () if found is None else (found,) if isinstance(found, OrderRejected) else found
    return ()


def _for_penniless(fact: LedgerFact) -> LedgerFact:
    """Tell the owner of an account that has no deposit yet what it lacks: money; the account is there."""
    if not isinstance(fact, OrderRejected) or fact.reason is not Reason.UNKNOWN_ACCOUNT:
        return fact
    return replace(fact, reason=Reason.INSUFFICIENT_FUNDS, text="There is no money in this account yet.")
