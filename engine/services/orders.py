"""The orders of the venue's account: sending them, and what has become of each.

State is a fold over published facts, so it never runs ahead of the disk: an order shows as working
when its acceptance is durable. Refusals are answers; exceptions mean that nothing is acknowledged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from engine.bus import Bus
from engine.domain.account import OpenOrder
from engine.domain.command import AmendOrder, CancelOrder, SubmitOrder
from engine.domain.event import (
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
)
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import OrderId, OrderStatus, OrderType, Side
from engine.errors import InvalidInput
from engine.ports.venue import Venue

HISTORY_LENGTH = 2_000
"""Finished orders and fills kept in memory; the journal has all of them."""

WAITING_TYPES = frozenset(
    (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT, OrderType.TRAILING_STOP)
)


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One of our orders and where it stands."""

    order: SubmitOrder
    status: OrderStatus
    filled: Lots
    number: int
    accepted_at: Nanos
    ended_at: Nanos | None = None
    note: str = ""
    """Why it ended, in the venue's word."""
    paid_ticks: int = 0
    """Sum of price x quantity over its fills, in ticks x lots; the average price is this over `filled`."""

    @property
    def left(self) -> Lots:
        """What is still to trade, or was when it ended."""
        return Lots(self.order.qty - self.filled)

    @property
    def average_ticks(self) -> float | None:
        """The average fill price in ticks, for the screen."""
        return self.paid_ticks / self.filled if self.filled else None


class Orders:
    """Use cases of order entry over one venue; `close` ends the subscriptions."""

    def __init__(self, bus: Bus, venue: Venue, *, new_id: Callable[[], OrderId]) -> None:
        self._venue, self.new_id = venue, new_id
        self._open: dict[OrderId, OrderRecord] = {}
        self._history: deque[OrderRecord] = deque(maxlen=HISTORY_LENGTH)
        self._fills: deque[OrderFilled] = deque(maxlen=HISTORY_LENGTH)
        self.submitted = 0
        self.fill_count = 0
        self._subscriptions = (
            bus.subscribe(OrderAccepted, self._on_accepted),
            bus.subscribe(OrderFilled, self._on_filled),
            bus.subscribe(OrderTriggered, self._on_triggered),
            bus.subscribe(OrderAmended, self._on_amended),
            bus.subscribe(OrderCancelled, self._on_cancelled),
            bus.subscribe(OrderExpired, self._on_expired),
        )

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()

    def restore(self, facts: Iterable[object]) -> None:
        """Fold the account's past facts (in order) before the first live one."""
        handlers: dict[type, Callable[..., None]] = {
            OrderAccepted: self._on_accepted,
            OrderFilled: self._on_filled,
            OrderTriggered: self._on_triggered,
            OrderAmended: self._on_amended,
            OrderCancelled: self._on_cancelled,
            OrderExpired: self._on_expired,
        }
        for fact in facts:
            handler = handlers.get(type(fact))
            if handler is not None:
                handler(fact)

    def restart(self, facts: Iterable[object]) -> None:
        """Forget everything and fold another account's past; the venue has just been turned to it."""
        self._open.clear()
        self._history.clear()
        self._fills.clear()
        self.restore(facts)

    # -- what to do -------------------------------------------------------------------------------

    async def submit(self, order: SubmitOrder) -> OrderAccepted | OrderRejected:
        """Send an order; see `Venue.submit`."""
        self.submitted += 1
        return await self._venue.submit(order)

    async def cancel(self, order_id: OrderId) -> OrderCancelled | OrderRejected:
        """Take an open order out."""
        return await self._venue.cancel(CancelOrder(self._venue.account, order_id))

    async def amend(
        self,
        order_id: OrderId,
        *,
        qty: Lots | None = None,
        price: Ticks | None = None,
        stop_price: Ticks | None = None,
    ) -> OrderAmended | OrderRejected:
        """Change an open order; None leaves a field as it is."""
        command = AmendOrder(
            account=self._venue.account, order_id=order_id, qty=qty, price=price, stop_price=stop_price
        )
        return await self._venue.amend(command)

    async def cancel_all(self, symbol: str | None = None) -> int:
        """Take out every open order (of one pair); return how many went."""
        gone = 0
        for record in tuple(self._open.values()):
            if symbol is None or record.order.symbol == symbol:
                answer = await self.cancel(record.order.order_id)
                gone += isinstance(answer, OrderCancelled)
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

    async def cancel_last(self) -> OrderCancelled | OrderRejected | None:
        """Take out the newest open order; None if there is none."""
        if not self._open:
            return None
        newest = max(self._open.values(), key=lambda record: record.number)
        return await self.cancel(newest.order.order_id)

    # -- what there is ----------------------------------------------------------------------------

    def records(self, symbol: str | None = None) -> list[OrderRecord]:
        """Return open orders, oldest first."""
        return [each for each in self._open.values() if symbol is None or each.order.symbol == symbol]

    def open(self, symbol: str | None = None) -> list[OpenOrder]:
        """Return open orders as plain values, oldest first; what they lock is the portfolio's to say."""
        return [_open_order(each) for each in self.records(symbol)]

    def record(self, order_id: OrderId) -> OrderRecord:
        """Return an order that is open or ended lately.

        Raises:
            InvalidInput: there is no such order in memory.
        """
        found = self._open.get(order_id)
        if found is None:
            found = next((each for each in self._history if each.order.order_id == order_id), None)
        if found is None:
            raise InvalidInput(f"There is no order {order_id!r}.")
        return found

    def history(self) -> list[OrderRecord]:
        """Return finished orders, newest first."""
        return list(self._history)

    def fills(self, symbol: str | None = None) -> list[OrderFilled]:
        """Return our executions, newest first."""
        return [each for each in self._fills if symbol is None or each.symbol == symbol]

    # -- facts ------------------------------------------------------------------------------------

    def _on_accepted(self, fact: OrderAccepted) -> None:
        if fact.account != self._venue.account:
            return
        waiting = fact.order.order_type in WAITING_TYPES
        status = OrderStatus.WAITING if waiting else OrderStatus.WORKING
        self._open[fact.order_id] = OrderRecord(fact.order, status, Lots(0), fact.number, fact.at)

    def _on_filled(self, fact: OrderFilled) -> None:
        if fact.account != self._venue.account:
            return
        self.fill_count += 1
        self._fills.appendleft(fact)
        record = self._open.get(fact.order_id)
        if record is None:
            return
        record = replace(
            record, filled=Lots(record.filled + fact.qty), paid_ticks=record.paid_ticks + fact.price * fact.qty
        )
        self._open[fact.order_id] = record
        if fact.left == 0:
            self._end(fact.order_id, OrderStatus.FILLED, fact.at, "")

    def _on_triggered(self, fact: OrderTriggered) -> None:
        self._change(fact, status=OrderStatus.WORKING)

    def _on_amended(self, fact: OrderAmended) -> None:
        record = self._open.get(fact.order_id) if fact.account == self._venue.account else None
        if record is not None:
            order = replace(record.order, qty=fact.qty, price=fact.price, stop_price=fact.stop_price)
            self._open[fact.order_id] = replace(record, order=order)

    def _on_cancelled(self, fact: OrderCancelled) -> None:
        if fact.account == self._venue.account:
            self._end(fact.order_id, OrderStatus.CANCELLED, fact.at, fact.reason.value)

    def _on_expired(self, fact: OrderExpired) -> None:
        if fact.account == self._venue.account:
            self._end(fact.order_id, OrderStatus.EXPIRED, fact.at, "")

    def _change(self, fact: OrderTriggered, *, status: OrderStatus) -> None:
        record = self._open.get(fact.order_id) if fact.account == self._venue.account else None
        if record is not None:
            self._open[fact.order_id] = replace(record, status=status)

    def _end(self, order_id: OrderId, status: OrderStatus, at: Nanos, note: str) -> None:
        record = self._open.pop(order_id, None)
        if record is not None:
            self._history.appendleft(replace(record, status=status, ended_at=at, note=note))


def _open_order(record: OrderRecord) -> OpenOrder:
    order = record.order
    return OpenOrder(
        order_id=order.order_id,
        symbol=order.symbol,
        side=order.side,
        order_type=order.order_type,
        tif=order.tif,
        qty=order.qty,
        filled=record.filled,
        price=order.price,
        stop_price=order.stop_price,
        post_only=order.post_only,
        status=record.status,
        number=record.number,
        locked=Units(0),
        at=record.accepted_at,
    )
