"""Where orders are kept: on the disk first, then here, then told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from engine.bus import Bus
from engine.defi.orders import states
from engine.defi.orders.order import DexOrder, OrderState
from engine.errors import InvalidInput, StorageCorrupt
from engine.ports.wallet_store import WalletStore
from engine.services.dex.orderfile import KIND, restored, stored
from engine.services.offload import offload
from engine.services.wallet.events import OrdersChanged


class OrderShelf:
    """The orders of one chain; each is changed by one hand at a time."""

    def __init__(self, store: WalletStore, chain_id: int, bus: Bus, now: Callable[[], int]) -> None:
        self._store, self._chain_id, self._bus, self._now = store, chain_id, bus, now
        self._orders: dict[str, DexOrder] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def all(self) -> list[DexOrder]:
        """Return every order, oldest first."""
        return sorted(self._orders.values(), key=lambda each: (each.created, each.id))

    def get(self, id: str) -> DexOrder:
        """Return one.

        Raises:
            InvalidInput: there is none with this id.
        """
        found = self._orders.get(id)
        if found is None:
            raise InvalidInput("This order is not there any more.")
        return found

    async def open(self) -> str:
        """Read what was kept and return what is wrong with it; an order that cannot be read is left where it is.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        problem = ""
        for row in await offload(self._store.orders, self._chain_id):
            if row.kind != KIND:
                continue
            try:
                order = restored(row)
            except StorageCorrupt as error:
                problem = str(error)
                continue
            if order.state is OrderState.DUE:  # nothing was signed: it is looked at anew
                order = states.put_back(order, "")
            self._orders[order.id] = order
        return problem

    async def change(self, id: str, change: Callable[[DexOrder], DexOrder]) -> DexOrder:
        """Change an order and return it; nothing is written if nothing changed.

        Raises:
            InvalidInput: it is not there, or `change` says why it cannot be.
            StorageUnavailable: the disk refuses; the order is as it was.
        """
        async with self._locks[id]:
            before = self.get(id)
            after = change(before)
            return before if after == before else await self.keep(after)

    def retell(self, id: str, why: str) -> None:
        """Change what is told of an order that waits; not worth a write."""
        order = self._orders.get(id)
        if order is not None and order.state is OrderState.WAITING and order.why != why:
            self._orders[id] = states.put_back(order, why)
            self._bus.publish(OrdersChanged(id))

    async def keep(self, order: DexOrder) -> DexOrder:
        """Keep an order, new or changed.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        await offload(self._store.keep_order, stored(order, self._now()))
        self._orders[order.id] = order
        self._bus.publish(OrdersChanged(order.id))
        return order

    async def remove(self, id: str) -> None:
        """Forget an order that is over.

        Raises:
            InvalidInput: it is not over, or not there.
            StorageUnavailable: the disk refuses.
        """
        async with self._locks[id]:
            if not self.get(id).state.is_over:
                raise InvalidInput("Cancel the order before you remove it.")
            await offload(self._store.remove_order, id)
            del self._orders[id]
        self._bus.publish(OrdersChanged(id))
