"""Where orders and plans are kept: on the disk first, then here, then told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from engine.bus import Bus
from engine.errors import InvalidInput, StorageCorrupt
from engine.ports.wallet_store import StoredOrder, WalletStore
from engine.services.dex.seal import Seal
from engine.services.offload import offload
from engine.services.wallet.events import OrdersChanged


class Kept(Protocol):
    """What is kept: a frozen value with a name and a time."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def created(self) -> int:
        """Seconds since 1970."""
        ...


T = TypeVar("T", bound=Kept)


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How one kind becomes a row and comes back."""

    kind: str
    stored: Callable[[T, int], StoredOrder]
    restored: Callable[[StoredOrder], T]
    """Raises StorageCorrupt where it cannot be read."""
    is_over: Callable[[T], bool]
    reopened: Callable[[T], T] = lambda each: each
    """What it is after a start."""
    distrusted: Callable[[T], T] = lambda each: each
    """What it is if its row was not written by this program: nothing is signed for it without a person."""


class Shelf(Generic[T]):
    """Orders or plans of one chain; each is changed by one hand at a time."""

    def __init__(
        self,
        store: WalletStore,
        chain_id: int,
        bus: Bus,
        now: Callable[[], int],
        codec: Codec[T],
        seal: Seal | None = None,
    ) -> None:
        """`seal` None: every row is trusted."""
        self._store, self._chain_id, self._bus, self._now, self._codec = store, chain_id, bus, now, codec
        self._seal = seal
        self._kept: dict[str, T] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def all(self) -> list[T]:
        """Return all, oldest first."""
        return sorted(self._kept.values(), key=lambda each: (each.created, each.id))

    def alive(self) -> list[T]:
        """Return those that are not over, oldest first."""
        return [each for each in self.all() if not self._codec.is_over(each)]

    def get(self, id: str) -> T:
        """Return one.

        Raises:
            InvalidInput: there is none with this id.
        """
        found = self._kept.get(id)
        if found is None:
            raise InvalidInput("It is not there any more.")
        return found

    async def open(self) -> str:
        """Read what was kept and return what is wrong with it; what cannot be read is left where it is.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        problem = ""
        for row in await offload(self._store.orders, self._chain_id):
            if row.kind != self._codec.kind:
                continue
            try:
                self._kept[row.id] = self._codec.reopened(await offload(self._read, row))
            except StorageCorrupt as error:
                problem = str(error)
        return problem

    async def change(self, id: str, change: Callable[[T], T]) -> T:
        """Change one and return it; nothing is written if nothing changed.

        Raises:
            InvalidInput: it is not there, or `change` says why it cannot be.
            StorageUnavailable: the disk refuses; it is as it was.
        """
        async with self._locks[id]:
            before = self.get(id)
            after = change(before)
            return before if after == before else await self.keep(after)

    def retell(self, told: T) -> None:
        """Take a value that differs only in what it tells: not worth a write."""
        if self._kept.get(told.id) not in (None, told):
            self._kept[told.id] = told
            self._bus.publish(OrdersChanged(told.id))

    async def keep(self, new: T) -> T:
        """Keep one, new or changed.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        await offload(self._write, self._codec.stored(new, self._now()))
        self._kept[new.id] = new
        self._bus.publish(OrdersChanged(new.id))
        return new

    async def remove(self, id: str) -> None:
        """Forget one that is over.

        Raises:
            InvalidInput: it is not over, or not there.
            StorageUnavailable: the disk refuses.
        """
        async with self._locks[id]:
            if not self._codec.is_over(self.get(id)):
                raise InvalidInput("Cancel it before you remove it.")
            await offload(self._store.remove_order, id)
            del self._kept[id]
        self._bus.publish(OrdersChanged(id))

    def _write(self, row: StoredOrder) -> None:
        if self._seal is not None:
            row = replace(row, body=f"{row.body}\n{self._seal.mark(_sealed(row))}")
        self._store.keep_order(row)

    def _read(self, row: StoredOrder) -> T:
        text, _, mark = row.body.partition("\n")
        row = replace(row, body=text)
        found = self._codec.restored(row)
        is_own = self._seal is None or self._seal.is_own(_sealed(row), mark)
        return found if is_own else self._codec.distrusted(found)


def _sealed(row: StoredOrder) -> str:
    return f"{row.kind} {row.id} {row.body}"
