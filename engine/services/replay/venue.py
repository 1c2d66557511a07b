"""The exchange inside a replay as a venue: orders arrive with the next price, and facts are published at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from engine.domain.command import AmendOrder, CancelOrder, Command, SubmitList, SubmitOrder
from engine.domain.event import KernelEvent, OrderAccepted, OrderAmended, OrderCancelled, OrderRejected
from engine.domain.number import Ticks
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair
from engine.domain.why import Place, WaitExplained
from engine.errors import VenueUnavailable
from engine.exchange.barreplay import BarMarket
from engine.ports.venue import ListAccepted, ListCancelled

ACCOUNT = AccountId("REPLAY")

CarryOut = Callable[[Command], Awaitable[Sequence[KernelEvent]]]
"""Brings a command to the exchange and publishes what happened."""


class ReplayVenue:
    """A `Venue` for the one account of a replay."""

    name = "REPLAY"
    is_live = False
    account = ACCOUNT

    def __init__(self, market: Callable[[], BarMarket], carry_out: CarryOut) -> None:
        self._market, self._carry_out = market, carry_out

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the one pair."""
        return (self._market().pair,)

    async def submit(self, order: SubmitOrder) -> OrderAccepted | OrderRejected:
        """Send an order; see `Venue.submit`."""
        events = await self._carry_out(order)
        for event in events:
            if isinstance(event, OrderAccepted | OrderRejected) and event.order_id == order.order_id:
                return event
        return self._market().exchange.first_answer(order) or self._silence()

    async def submit_list(self, command: SubmitList) -> ListAccepted | OrderRejected:
        """Send orders that hang together; see `Venue.submit_list`."""
        events = await self._carry_out(command)
        for event in events:
            if isinstance(event, OrderRejected) and event.order_id == command.order_id:
                return event
        accepted = tuple(event for event in events if isinstance(event, OrderAccepted))
        if accepted:
            return ListAccepted(command.order_id, command.kind, accepted)
        first = self._market().exchange.first_list_answer(command) or self._silence()
        return first if isinstance(first, OrderRejected) else ListAccepted(command.order_id, command.kind, first)

    async def cancel(self, command: CancelOrder) -> OrderCancelled | ListCancelled | OrderRejected:
        """Take an open order or a whole list out; see `Venue.cancel`."""
        events = await self._carry_out(command)
        answers = [event for event in events if isinstance(event, OrderCancelled | OrderRejected)]
        own = next((each for each in answers if each.order_id == command.order_id), None)
        gone = tuple(each for each in answers if isinstance(each, OrderCancelled))
        return own or (ListCancelled(command.order_id, gone) if gone else self._silence())

    async def amend(self, command: AmendOrder) -> OrderAmended | OrderRejected:
        """Change an open order; see `Venue.amend`."""
        for event in await self._carry_out(command):
            if isinstance(event, OrderAmended | OrderRejected) and event.order_id == command.order_id:
                return event
        return self._silence()

    def place_in_queue(self, _order_id: OrderId) -> Place | None:
        """Return None: bars know no queue."""
        return None

    def trail_mark(self, order_id: OrderId) -> Ticks | None:
        """Return the best price that a waiting trailing stop has seen; see `Venue.trail_mark`."""
        return self._market().exchange.trail_mark(self.account, order_id)

    def waits(self, _order_id: OrderId) -> WaitExplained | None:
        """Return None: nobody takes notes."""
        return None

    def _silence(self) -> OrderRejected:
        raise VenueUnavailable("The replay gave no answer; send the same order again.")
