"""The lots of the account in use, by the method chosen for it: positions, and the choice itself.

By average cost the positions are those of the fold. The other methods need every purchase of the past, so an
account's history is read from the disk, off the loop, when its method is chosen or it is first taken into use,
and kept up with the fills that are published from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from engine.bus import Bus
from engine.domain.account import Position
from engine.domain.command import SetLotMethod
from engine.domain.event import OrderFilled
from engine.domain.number import Nanos
from engine.domain.order import AccountId, LotMethod, OrderId
from engine.portfolio.fold import Fold
from engine.portfolio.lots import LotBook
from engine.ports.history import History
from engine.ports.venue import Venue
from engine.services.offload import offload_bulk

RECENT = 4_096
"""Fills at the end of what was read in which one that is published later may already be."""


@dataclass(frozen=True, slots=True)
class LotMethodChanged:
    """Event: positions and profits of the account in use follow from another lot method now."""

    account: AccountId
    method: LotMethod


Keep = Callable[[SetLotMethod], Awaitable[None]]
"""Makes a choice durable, or raises why it cannot."""

Key = tuple[OrderId, int, Nanos]
"""Of a fill."""


@dataclass(frozen=True, slots=True)
class _Followed:
    """What is known of one account."""

    method: LotMethod
    book: LotBook | None = None
    """None by average cost."""
    read: frozenset[Key] = frozenset()
    """The last fills that were read, of which some may be published afterwards."""

    def count(self, fill: OrderFilled) -> None:
        """Count a fill that was published, unless it was read: it is on the disk before it is published."""
        if self.book is not None and _key(fill) not in self.read:
            self.book.apply(fill)


class AccountLots:
    """Positions of the venue's account by its lot method; `close` ends the subscription."""

    def __init__(self, bus: Bus, venue: Venue, fold: Fold, history: History, keep: Keep) -> None:
        self._bus, self._venue, self._fold, self.history, self._keep = bus, venue, fold, history, keep
        self._followed: dict[AccountId, _Followed] = {}
        self._choosing = asyncio.Lock()
        self._subscription = bus.subscribe(OrderFilled, self._on_fill)

    def close(self) -> None:
        """End the subscription."""
        self._subscription.close()

    @property
    def method(self) -> LotMethod:
        """The method of the account in use."""
        followed = self._followed.get(self._venue.account)
        return LotMethod.AVERAGE if followed is None else followed.method

    def positions(self) -> list[Position]:
        """Return every position that was ever traded, cost and profit by the account's method."""
        followed = self._followed.get(self._venue.account)
        if followed is None or followed.book is None:
            return self._fold.positions(self._venue.account)
        return followed.book.positions()

    async def take_up(self, account: AccountId) -> None:
        """Follow an account of the venue from now on; to be done before it is taken into use.

        Raises:
            StorageUnavailable, StorageCorrupt: its past cannot be read; nothing changed.
        """
        if account not in self._followed:
            await self._follow(account, None)

    async def choose(self, method: LotMethod) -> None:
        """Keep another method for the account in use, and work its past out anew by it.

        Raises:
            VenueUnavailable, StorageUnavailable: it could not be kept; nothing changed.
            StorageCorrupt: the past cannot be read.
        """
        account = self._venue.account
        async with self._choosing:  # of two choices the later one holds, here as on the disk
            await self._keep(SetLotMethod(account, method))
            await self._follow(account, method)
        self._bus.publish(LotMethodChanged(account, method))

    async def _follow(self, account: AccountId, method: LotMethod | None) -> None:
        """Work the lots out up to now; what is published while the past is being read is counted too."""
        with self._heard(account) as heard:
            followed = await offload_bulk(_followed, self.history, account, method)
        for fill in heard:
            followed.count(fill)
        self._followed[account] = followed

    @contextmanager
    def _heard(self, account: AccountId) -> Iterator[Sequence[OrderFilled]]:
        heard: list[OrderFilled] = []

        def hear(fill: OrderFilled) -> None:
            if fill.account == account:
                heard.append(fill)

        subscription = self._bus.subscribe(OrderFilled, hear)
        try:
            yield heard
        finally:
            subscription.close()

    def _on_fill(self, fill: OrderFilled) -> None:
        followed = self._followed.get(fill.account)
        if followed is not None:
            followed.count(fill)


def _followed(history: History, account: AccountId, method: LotMethod | None) -> _Followed:
    """Read what is to be known of an account; the method is the chosen one if None."""
    chosen = history.method(account) if method is None else method
    if chosen is LotMethod.AVERAGE:
        return _Followed(chosen)
    past = history.read(account)
    read = frozenset(_key(fill) for fill in past.fills[-RECENT:])
    return _Followed(chosen, LotBook(past.pairs, chosen, past.fills, keep=False), read)


def _key(fill: OrderFilled) -> Key:
    return fill.order_id, fill.trade_id, fill.at
