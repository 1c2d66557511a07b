"""An account on a CRS server as a venue.

Every command carries our own id, so that sending it twice does it once. When a reply is lost, the account's records
say whether the command arrived; if not, it is sent again, until its fate is known or patience ends. Facts are
published as they arrive on the stream, before the command that caused them is answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.adapters.crs.command import change_of, list_of, new_order_of
from engine.adapters.crs.http import CrsHttp
from engine.adapters.crs.queueplace import QueuePlaces
from engine.adapters.crs.replica import Replica
from engine.bus import Bus
from engine.domain.command import AmendOrder, CancelOrder, Fault, SubmitList, SubmitOrder
from engine.domain.event import LedgerFact, OrderAccepted, OrderAmended, OrderCancelled, OrderRejected
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, OrderId, Reason, Side
from engine.domain.pair import TradingPair
from engine.domain.why import Place, WaitExplained
from engine.errors import ServerRefused, VenueUnavailable
from engine.observe.metrics import Histogram
from engine.ports.venue import ListAccepted, ListCancelled
from engine.services.backoff import Backoff
from engine.wire.order import Cancelled, ListResult, OrderResult

PATIENCE_S = 12.0
"""How long a command of unknown fate is sent again."""
TRY_S = 4.0
"""How long one try may take."""
SETTLE_S = 0.3
"""How long the stream may take to bring what a reply spoke of, before it is fetched."""

Guard = Callable[[SubmitOrder | AmendOrder], Fault | None]
"""Says why an order must not leave; None lets it pass."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A command and the request that brings it to the server."""

    command: SubmitOrder | SubmitList | CancelOrder | AmendOrder
    method: str
    path: str
    answer: Any = None
    body: object = None


class CrsVenue:
    """One account of a server; `fold` holds it as far as the server told."""

    def __init__(
        self, bus: Bus, http: CrsHttp, replica: Replica, pairs: tuple[TradingPair, ...], *,
        now: Callable[[], Nanos], guard: Guard = lambda _order: None, places: QueuePlaces | None = None,
    ) -> None:  # fmt: skip
        self._bus, self._http, self._replica, self._pairs = bus, http, replica, pairs
        self._now, self.guard = now, guard
        self._places = places
        self.account: AccountId = replica.account
        self.fold = replica.fold
        self.acknowledged_ms = Histogram()
        """From a command to its durable answer."""
        self.unknown: dict[OrderId, SubmitOrder | SubmitList] = {}
        """What was sent and never answered: the next connection tells what became of it."""

    @property
    def name(self) -> str:
        """The server's name, for the screen."""
        return self._http.host

    @property
    def is_live(self) -> bool:
        """Return True: orders leave this machine and meet other people's."""
        return True

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what can be traded, in the server's order."""
        return self._pairs

    async def submit(self, order: SubmitOrder) -> OrderAccepted | OrderRejected:
        """Send an order; see `Venue.submit`."""
        refused = self._refused_here(order, order.order_id)
        if refused is not None:
            return refused

        def wanted(fact: LedgerFact) -> bool:
            return isinstance(fact, OrderAccepted | OrderRejected) and fact.order_id == order.order_id

        body = new_order_of(order, self._pair(order.symbol))
        fact = await self._carry_out(_Sent(order, "POST", "/v1/orders", OrderResult, body), wanted)
        return fact if isinstance(fact, OrderAccepted | OrderRejected) else self._first(order.order_id)

    async def submit_list(self, command: SubmitList) -> ListAccepted | OrderRejected:
        """Send orders that hang together; see `Venue.submit_list`."""
        for order in command.orders:
            refused = self._refused_here(order, command.order_id)
            if refused is not None:
                return refused
        last = command.orders[-1].order_id

        def wanted(fact: LedgerFact) -> bool:
            if isinstance(fact, OrderRejected):
                return fact.order_id == command.order_id
            return isinstance(fact, OrderAccepted) and fact.list_id == command.order_id and fact.order_id == last

        body = list_of(command, {pair.symbol: pair for pair in self._pairs})
        fact = await self._carry_out(_Sent(command, "POST", "/v1/order-lists", ListResult, body), wanted)
        if isinstance(fact, OrderRejected):
            return fact
        legs = self._replica.lists.get(command.order_id)
        if legs is None:
            answer = self._first(command.order_id)
            if isinstance(answer, OrderRejected):
                return answer
            raise _silence(self.name)
        return ListAccepted(command.order_id, command.kind, tuple(self._replica.accepted[leg] for leg in legs))

    async def cancel(self, command: CancelOrder) -> OrderCancelled | ListCancelled | OrderRejected:
        """Take an open order or a whole list out; see `Venue.cancel`."""
        key = command.order_id
        legs = self._replica.lists.get(key)
        after = self._replica.last

        def wanted(fact: LedgerFact) -> bool:
            if isinstance(fact, OrderRejected):
                return fact.order_id == key
            return isinstance(fact, OrderCancelled) and (fact.order_id == key or fact.order_id in (legs or ()))

        path = f"/v1/orders/{key}" if legs is None else f"/v1/order-lists/{key}"
        fact = await self._carry_out(_Sent(command, "DELETE", path), wanted)
        if not isinstance(fact, OrderCancelled | OrderRejected):
            raise _silence(self.name)
        if isinstance(fact, OrderRejected) or legs is None:
            return fact
        since = self._replica.facts_since(after)
        gone = tuple(each for each in since if isinstance(each, OrderCancelled) and each.order_id in legs)
        return ListCancelled(key, gone)

    async def amend(self, command: AmendOrder) -> OrderAmended | OrderRejected:
        """Change an open order; see `Venue.amend`."""
        refused = self._refused_here(command, command.order_id)
        if refused is not None:
            return refused

        def wanted(fact: LedgerFact) -> bool:
            return isinstance(fact, OrderAmended | OrderRejected) and fact.order_id == command.order_id

        accepted = self._replica.accepted.get(command.order_id)
        pair = self._pairs[0] if accepted is None else self._pair(accepted.order.symbol)
        body, path = change_of(command, pair), f"/v1/orders/{command.order_id}"
        fact = await self._carry_out(_Sent(command, "PATCH", path, OrderResult, body), wanted)
        if not isinstance(fact, OrderAmended | OrderRejected):
            raise _silence(self.name)
        return fact

    async def cancel_everywhere(self) -> int:
        """Cancel every open order of the account on the server, known here or not; return how many there were.

        Raises:
            VenueUnavailable, SignInNeeded: the server cannot be told.
        """
        found = await self._http.call("DELETE", "/v1/orders", Cancelled, query={"account": self.account})
        await self._replica.fetch()
        return len(found.orders)

    def settle_unknown(self) -> dict[OrderId, tuple[str, Side, Lots]]:
        """Return what was sent and never answered (symbol, side, quantity), and wait for it no more."""
        found: dict[OrderId, tuple[str, Side, Lots]] = {}
        for command in self.unknown.values():
            for order in command.orders if isinstance(command, SubmitList) else (command,):
                found[order.order_id] = (order.symbol, order.side, order.qty)
        self.unknown = {}
        return found

    def place_in_queue(self, order_id: OrderId) -> Place | None:
        """Return where an order stands in the queue of its price, an estimate; see `Venue.place_in_queue`."""
        return None if self._places is None else self._places.place(order_id)

    def trail_mark(self, order_id: OrderId) -> Ticks | None:
        """Return the best price that a waiting trailing stop has seen; see `Venue.trail_mark`."""
        return None if self._places is None else self._places.trail_mark(order_id)

    def waits(self, _order_id: OrderId) -> WaitExplained | None:
        """Return None: a server tells why an order filled, not yet why it waits."""
        return None

    # -- sending ----------------------------------------------------------------------------------

    async def _carry_out(self, sent: _Sent, wanted: Callable[[LedgerFact], bool]) -> LedgerFact | None:
        """Send a command until its fate is known; return the fact that answers it, None if it is a repeat."""
        begun, after = time.monotonic(), self._replica.last
        backoff, maybe_sent = Backoff(), False
        command, key, query = sent.command, sent.command.order_id, {"account": self.account}
        while True:
            try:
                await self._http.call(sent.method, sent.path, sent.answer, body=sent.body, query=query, timeout_s=TRY_S)
            except ServerRefused as refusal:
                return await self._refused_there(refusal, key, after, wanted)
            except VenueUnavailable as error:
                maybe_sent = maybe_sent or error.was_sent
                if not maybe_sent:
                    raise VenueUnavailable(f"Not sent: {error}", error.retry_after_s) from error
                found = await self._look(after, wanted)
                if found is not None:
                    return found
                wait = backoff.next(error.retry_after_s or 0.0)
                if time.monotonic() - begun + wait > PATIENCE_S:
                    if isinstance(command, SubmitOrder | SubmitList):
                        self.unknown[key] = command
                    raise _unknown(self.name, error) from error
                await asyncio.sleep(wait)
                continue
            self.acknowledged_ms.record((time.monotonic() - begun) * 1000)
            self.unknown.pop(key, None)
            if isinstance(command, SubmitOrder | SubmitList) and (
                key in self._replica.accepted or key in self._replica.lists
            ):
                return await self._replica.answer(wanted, after, 0.0)
            return await self._told(after, wanted)

    async def _told(self, after: int, wanted: Callable[[LedgerFact], bool]) -> LedgerFact | None:
        """Return the fact that a reply spoke of, from the stream or else fetched."""
        found = await self._replica.answer(wanted, after, SETTLE_S)
        if found is None:
            await self._replica.fetch()
            found = await self._replica.answer(wanted, after, 0.0)
        return found

    async def _look(self, after: int, wanted: Callable[[LedgerFact], bool]) -> LedgerFact | None:
        """Return what the account's records say of a command whose reply was lost."""
        with suppress(VenueUnavailable):
            await self._replica.fetch(TRY_S)
        return await self._replica.answer(wanted, after, 0.0)

    async def _refused_there(
        self, refusal: ServerRefused, key: OrderId, after: int, wanted: Callable[[LedgerFact], bool]
    ) -> LedgerFact:
        """Return a refusal as the fact that it is; the journal has those of the exchange, not those of the edge."""
        self.unknown.pop(key, None)
        found = await self._told(after, wanted)
        if found is not None:
            return found
        if refusal.word in _REASONS:
            first = self._replica.refused.get(key)
            if first is not None and first.reason == refusal.word:  # a repeat of what was refused before
                return first
        return self._say_refused(key, _REASONS.get(refusal.word, Reason.BAD_ORDER), str(refusal))

    def _refused_here(self, order: SubmitOrder | AmendOrder, key: OrderId) -> OrderRejected | None:
        fault = self.guard(order)
        return None if fault is None else self._say_refused(key, fault.reason, fault.text)

    def _say_refused(self, key: OrderId, reason: Reason, text: str) -> OrderRejected:
        fact = OrderRejected(self.account, key, reason, text, self._now())
        self._bus.publish(fact)
        return fact

    def _first(self, key: OrderId) -> OrderAccepted | OrderRejected:
        found = self._replica.accepted.get(key) or self._replica.refused.get(key)
        if found is None:
            raise _silence(self.name)
        return found

    def _pair(self, symbol: str) -> TradingPair:
        found = next((pair for pair in self._pairs if pair.symbol == symbol), None)
        return found or self._pairs[0]


_REASONS = {str(reason): reason for reason in Reason}


def _silence(name: str) -> VenueUnavailable:
    return VenueUnavailable(f"{name} gave no answer that can be used; send the same order again.")


def _unknown(name: str, error: VenueUnavailable) -> VenueUnavailable:
    return VenueUnavailable(
        f"Whether {name} has it is not known: {error} It is looked up as soon as the connection is back; "
        "sending the same again is safe."
    )
