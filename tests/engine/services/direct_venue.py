"""A venue that works, in memory: the real exchange kernel, its facts published at once."""

from __future__ import annotations

from collections.abc import Sequence

from engine.bus import Bus
from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, ListPair, SubmitList, SubmitOrder
from engine.domain.event import KernelEvent, OrderAccepted, OrderAmended, OrderCancelled, OrderRejected
from engine.domain.number import Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair
from engine.domain.why import Place, WaitExplained
from engine.exchange.kernel import Exchange
from engine.ports.venue import ListAccepted, ListCancelled

OTHER = AccountId("OTHER")


class DirectVenue:
    """Answers at once; `OTHER` is the rest of the market."""

    name = "TEST"
    is_live = False

    def __init__(self, bus: Bus, pairs: Sequence[TradingPair], *, usdt: int = 100_000) -> None:
        self.account = AccountId("PAPER")
        self._bus, self._pairs = bus, tuple(pairs)
        self.exchange = Exchange()
        self.records: list[object] = []
        self.time = 0
        for pair in pairs:
            self.apply(ListPair(pair))
            self.apply(Deposit(OTHER, pair.base.code, Units(10**6 * 10**pair.base.decimals)))
        quote = pairs[0].quote
        self.apply(Deposit(OTHER, quote.code, Units(10**12 * 10**quote.decimals)))
        self.apply(Deposit(self.account, quote.code, Units(usdt * 10**quote.decimals)))

    def pairs(self) -> tuple[TradingPair, ...]:
        return self._pairs

    def apply(self, command: Command) -> list[KernelEvent]:
        """Handle a command and publish what happened."""
        self.time += 1
        events = self.exchange.handle(command, Nanos(self.time))
        self.records += [command, *events]
        for event in events:
            self._bus.publish(event)
        return events

    async def submit(self, order: SubmitOrder) -> OrderAccepted | OrderRejected:
        events = self.apply(order)
        return next(e for e in events if isinstance(e, (OrderAccepted, OrderRejected)) and e.order_id == order.order_id)

    async def submit_list(self, command: SubmitList) -> ListAccepted | OrderRejected:
        return list_answer(command, self.apply(command))

    async def cancel(self, command: CancelOrder) -> OrderCancelled | ListCancelled | OrderRejected:
        return cancel_answer(command, self.apply(command))

    def place_in_queue(self, order_id: OrderId) -> Place | None:
        return self.exchange.place_in_queue(self.account, order_id)

    def trail_mark(self, order_id: OrderId) -> Ticks | None:
        return self.exchange.trail_mark(self.account, order_id)

    def waits(self, order_id: OrderId) -> WaitExplained | None:
        return self.exchange.waits(self.account, order_id)

    async def amend(self, command: AmendOrder) -> OrderAmended | OrderRejected:
        return next(e for e in self.apply(command) if isinstance(e, (OrderAmended, OrderRejected)))


def list_answer(command: SubmitList, events: Sequence[KernelEvent]) -> ListAccepted | OrderRejected:
    """Return how a new list was answered."""
    refusal = next((e for e in events if isinstance(e, OrderRejected) and e.order_id == command.order_id), None)
    accepted = tuple(e for e in events if isinstance(e, OrderAccepted))
    return refusal or ListAccepted(command.order_id, command.kind, accepted)


def cancel_answer(
    command: CancelOrder, events: Sequence[KernelEvent]
) -> OrderCancelled | ListCancelled | OrderRejected:
    """Return how a cancel of an order or of a list was answered."""
    answers = [e for e in events if isinstance(e, (OrderCancelled, OrderRejected))]
    own = next((e for e in answers if e.order_id == command.order_id), None)
    return own or ListCancelled(command.order_id, tuple(e for e in answers if isinstance(e, OrderCancelled)))
