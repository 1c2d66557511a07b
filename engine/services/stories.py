"""Why orders of the account in use filled, or did not: what became of each, with the record beside every fill.

What happened lately is told from memory, all the rest is read from the disk, off the loop. Where an order that is
open stands now is the venue's to say.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from engine.bus import Bus
from engine.domain.event import OrderFilled, OrderRejected
from engine.domain.order import AccountId, OrderId, OrderStatus
from engine.domain.why import FillExplained
from engine.errors import InvalidInput
from engine.ports.venue import Venue
from engine.services.offload import offload
from engine.services.order_fold import OrderRecord
from engine.services.orders import Orders

KEPT = 256
"""Records of fills and refusals that are kept in memory; each is a few kilobytes at most."""


@dataclass(frozen=True, slots=True)
class OrderTold:
    """What became of one order so far."""

    order_id: OrderId
    record: OrderRecord | None
    """None of an order that was refused."""
    fills: tuple[tuple[OrderFilled, FillExplained | None], ...]
    """Oldest first; fills that an earlier version made have no record of why."""
    refused: OrderRejected | None
    """The last refusal under its id that is known: of the order itself, or of a later command for it."""


class StoryArchive(Protocol):
    """Reads what is durable; every call looks at the disk, so it is made off the loop."""

    def read(self, account: AccountId, order_id: OrderId) -> OrderTold:
        """Return what became of an order.

        Raises:
            InvalidInput: the account never sent it.
            StorageUnavailable: it cannot be read now.
            StorageCorrupt: it is damaged.
        """
        ...


class OrderStories:
    """Tells what became of the orders of the venue's account; `close` ends the subscriptions."""

    def __init__(self, bus: Bus, venue: Venue, orders: Orders, archive: StoryArchive) -> None:
        self._venue, self._orders, self._archive = venue, orders, archive
        self._whys: OrderedDict[tuple[AccountId, OrderId, int], FillExplained] = OrderedDict()
        self._refused: OrderedDict[tuple[AccountId, OrderId], OrderRejected] = OrderedDict()
        self._subscriptions = (
            bus.subscribe(FillExplained, self._on_explained),
            bus.subscribe(OrderRejected, self._on_refused),
        )

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()

    async def tell(self, order_id: OrderId) -> OrderTold:
        """Return what became of an order of the account in use.

        Raises:
            InvalidInput: the account never sent it.
            StorageUnavailable, StorageCorrupt: its past cannot be read.
        """
        account = self._venue.account
        told = self._remembered(account, order_id)
        return told if told is not None else await offload(self._archive.read, account, order_id)

    def last(self) -> OrderId | None:
        """Return the order that was sent, refused or executed last, None if there was none.

        Legs of a list that have not started do not count: nobody asks why those did not fill.
        """
        moments = [
            (record.accepted_at, record.number, record.order.order_id)
            for record in (*self._orders.records(), *self._orders.history())
            if record.status is not OrderStatus.PENDING
        ]
        if fills := self._orders.fills():
            moments.append((fills[0].at, 0, fills[0].order_id))
        moments += [(each.at, 0, each.order_id) for each in self._own_refusals()]
        return max(moments)[2] if moments else None

    def _own_refusals(self) -> list[OrderRejected]:
        account = self._venue.account
        return [each for (owner, _), each in self._refused.items() if owner == account]

    def _remembered(self, account: AccountId, order_id: OrderId) -> OrderTold | None:
        """Return what is known without the disk, None if that may not be all."""
        refused = self._refused.get((account, order_id))
        try:
            record = self._orders.record(order_id)
        except InvalidInput:
            return None if refused is None else OrderTold(order_id, None, (), refused)
        fills = [each for each in reversed(self._orders.fills(record.order.symbol)) if each.order_id == order_id]
        whys = [self._whys.get((account, order_id, fill.trade_id)) for fill in fills]
        if sum(fill.qty for fill in fills) != record.filled or None in whys:
            return None
        return OrderTold(order_id, record, tuple(zip(fills, whys, strict=True)), refused)

    def _on_explained(self, fact: FillExplained) -> None:
        self._whys[fact.account, fact.order_id, fact.trade_id] = fact
        if len(self._whys) > KEPT:
            self._whys.popitem(last=False)

    def _on_refused(self, fact: OrderRejected) -> None:
        key = (fact.account, fact.order_id)
        self._refused.pop(key, None)
        self._refused[key] = fact
        if len(self._refused) > KEPT:
            self._refused.popitem(last=False)
