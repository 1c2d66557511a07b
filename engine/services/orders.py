"""The orders of the venue's account: sending them, and what has become of each.

State is a fold over published facts, so it never runs ahead of the disk: an order shows as working
when its acceptance is durable. Refusals are answers; exceptions mean that nothing is acknowledged.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from engine.bus import Bus
from engine.domain.account import OpenOrder
from engine.domain.command import AmendOrder, CancelOrder, SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderAmended, OrderCancelled, OrderFilled, OrderRejected
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.errors import InvalidInput
from engine.ports.venue import ListAccepted, ListCancelled, Venue
from engine.services.order_fold import OrderFold, OrderPast
from engine.services.order_fold import OrderRecord as OrderRecord


class Orders:
    """Use cases of order entry over one venue; `close` ends the subscriptions."""

    def __init__(self, bus: Bus, venue: Venue, *, new_id: Callable[[], OrderId]) -> None:
        self._venue, self.new_id = venue, new_id
        self._fold = OrderFold(lambda: venue.account)
        self.submitted = 0
        self.before: Callable[[], Awaitable[None]] | None = None
        """What is looked at before an order leaves: whether the dead-man's switch is due."""
        self._subscriptions = tuple(bus.subscribe(kind, self._fold.apply) for kind in self._fold.handlers)

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()

    def go_on(self, past: OrderPast, facts: Iterable[object] = ()) -> None:
        """Forget everything, show the past of the venue's account, and fold what happened since."""
        self._fold.go_on(past)
        self.restore(facts)

    def restore(self, facts: Iterable[object]) -> None:
        """Fold the account's past facts (in order) before the first live one."""
        for fact in facts:
            self._fold.apply(fact)

    # -- what to do -------------------------------------------------------------------------------

    async def submit(self, order: SubmitOrder) -> OrderAccepted | OrderRejected:
        """Send an order; see `Venue.submit`."""
        self.submitted += 1
        if self.before is not None:
            await self.before()
        return await self._venue.submit(order)

    async def submit_list(self, command: SubmitList) -> ListAccepted | OrderRejected:
        """Send orders that hang together; see `Venue.submit_list`."""
        self.submitted += len(command.orders)
        if self.before is not None:
            await self.before()
        return await self._venue.submit_list(command)

    async def cancel(self, order_id: OrderId) -> OrderCancelled | ListCancelled | OrderRejected:
        """Take out an open order (with the rest of its list), or a whole list by its id."""
        return await self._venue.cancel(CancelOrder(self._venue.account, order_id))

    async def amend(
        self,
        order_id: OrderId,
        *,
        qty: Lots | None = None,
        price: Ticks | None = None,
        stop_price: Ticks | None = None,
        trail: Ticks | None = None,
    ) -> OrderAmended | OrderRejected:
        """Change an open order; None leaves a field as it is."""
        command = AmendOrder(
            account=self._venue.account, order_id=order_id, qty=qty, price=price, stop_price=stop_price, trail=trail
        )
        return await self._venue.amend(command)

    async def cancel_all(self, symbol: str | None = None) -> int:
        """Take out every open order (of one pair); return how many went, legs of lists included."""
        gone = 0
        for record in self.records(symbol):
            if record.order.order_id not in self._fold.open:  # it went with its list
                gone += 1
                continue
            gone += not isinstance(await self.cancel(record.order.order_id), OrderRejected)
        return gone

    async def flatten(self, symbol: str, held: Lots) -> OrderAccepted | OrderRejected | None:
        """Cancel the pair's orders and sell what is held at the market; None if nothing is held."""
        await self.cancel_all(symbol)
        if held <= 0:
            return None
        return await self.submit(
            SubmitOrder(
                account=self._venue.account,
                order_id=self.new_id(),
                symbol=symbol,
                side=Side.SELL,
                order_type=OrderType.MARKET,
                qty=held,
            )
        )

    async def cancel_last(self) -> OrderCancelled | ListCancelled | OrderRejected | None:
        """Take out the newest open order, with the rest of its list; None if there is none."""
        if not self._fold.open:
            return None
        newest = max(self._fold.open.values(), key=lambda record: record.number)
        return await self.cancel(newest.list_id or newest.order.order_id)

    # -- what there is ----------------------------------------------------------------------------

    @property
    def fill_count(self) -> int:
        """How many executions of the account in use there ever were."""
        return self._fold.fill_count

    def records(self, symbol: str | None = None) -> list[OrderRecord]:
        """Return open orders, oldest first."""
        return [each for each in self._fold.open.values() if symbol is None or each.order.symbol == symbol]

    def open(self, symbol: str | None = None) -> list[OpenOrder]:
        """Return open orders as plain values, oldest first; what they lock is the portfolio's to say."""
        return [each.shown() for each in self.records(symbol)]

    def record(self, order_id: OrderId) -> OrderRecord:
        """Return an order that is open or ended lately.

        Raises:
            InvalidInput: there is no such order in memory.
        """
        found = self._fold.find(order_id)
        if found is None:
            raise InvalidInput(f"There is no order {order_id!r}.")
        return found

    def of_list(self, list_id: OrderId) -> list[OrderRecord]:
        """Return the orders of a list, open or ended lately, in the list's order; empty for no list."""
        return self._fold.of_list(list_id)

    def history(self) -> list[OrderRecord]:
        """Return finished orders, newest first."""
        return list(self._fold.history)

    def fills(self, symbol: str | None = None) -> list[OrderFilled]:
        """Return our executions, newest first."""
        return [each for each in self._fold.fills if symbol is None or each.symbol == symbol]
