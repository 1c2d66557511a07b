"""What happens to an account, sent to whoever listens: folded from its facts as they become durable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from engine.bus import Bus
from engine.domain.event import BalanceChanged
from engine.domain.order import AccountId
from engine.ports.journal import Recorded
from engine.server.core.port import Core, EventsMissed
from engine.server.facade.reads import Shelf, open_past
from engine.server.facade.reports import Reporter, position
from engine.services.offload import offload
from engine.services.task import TaskOwner

if TYPE_CHECKING:
    from sqlalchemy import Engine

Listener = Callable[[bytes], None]
"""Gets each event, encoded."""

_ENCODER = msgspec.json.Encoder()


class UserData:
    """The events of all accounts that somebody listens to."""

    def __init__(self, bus: Bus, core: Core, engine: Engine) -> None:
        self._bus, self._core, self._engine = bus, core, engine
        self._accounts: dict[AccountId, _Account] = {}
        bus.subscribe(EventsMissed, self._on_missed)

    async def listen(self, account: AccountId, listener: Listener) -> None:
        """Send an account's events to a listener, from now on.

        Raises:
            StorageUnavailable: its open orders cannot be read now.
        """
        found = self._accounts.get(account)
        if found is None:
            found = self._accounts[account] = _Account(account, self._bus, self._core, self._engine)
        found.listeners[listener] = None
        try:
            await found.ready()
        except BaseException:
            self.leave(account, listener)
            raise

    def leave(self, account: AccountId, listener: Listener) -> None:
        """Send to a listener no more."""
        found = self._accounts.get(account)
        if found is None:
            return
        found.listeners.pop(listener, None)
        if not found.listeners:
            found.close()
            del self._accounts[account]

    def learn_pairs(self) -> None:
        """Know the pairs that there are from now on."""
        for account in self._accounts.values():
            account.learn_pairs()

    def _on_missed(self, _event: EventsMissed) -> None:
        """Follow nobody from before; their sockets are closed, and whoever comes again begins anew."""
        for account in self._accounts.values():
            account.deafen()
        self._accounts.clear()


class _Account:
    """One account: what comes while its open orders are read waits until they are."""

    def __init__(self, account: AccountId, bus: Bus, core: Core, engine: Engine) -> None:
        self.listeners: dict[Listener, None] = {}
        pairs = {pair.symbol: pair for pair in core.pairs()}
        self._account, self._core, self._pairs = account, core, pairs
        self._shelf = Shelf(engine, account, pairs)
        self._reporter = Reporter(account, pairs)
        self._early: list[Recorded] | None = []
        self._tip = 0
        """The last record that is in the open orders as read; of a record the bus tells only after it was written."""
        self._changes: list[BalanceChanged] = []
        self._tasks = TaskOwner("user data")
        self._reading = self._tasks.start(self._read())
        self._subscriptions = (
            bus.subscribe(Recorded, self._on_recorded),
            bus.subscribe(BalanceChanged, self._on_balance),
        )

    def learn_pairs(self) -> None:
        """Know the pairs that there are from now on."""
        self._pairs.update((pair.symbol, pair) for pair in self._core.pairs())

    async def ready(self) -> None:
        """Wait until the open orders are known."""
        await asyncio.shield(self._reading)

    def close(self) -> None:
        """Send nothing more."""
        self._tasks.close()
        self.deafen()

    def deafen(self) -> None:
        """Hear nothing more; whoever waits for the open orders gets them."""
        for subscription in self._subscriptions:
            subscription.close()

    async def _read(self) -> None:
        past, lists, self._tip = await offload(open_past, self._shelf)
        self._reporter.go_on(past, lists)
        early, self._early = self._early or [], None
        for event in early:
            self._tell(event)

    def _on_recorded(self, event: Recorded) -> None:
        if getattr(event.record, "account", None) != self._account:
            return
        if self._early is not None:
            self._early.append(event)
        else:
            self._tell(event)

    def _tell(self, event: Recorded) -> None:
        if event.seq <= self._tip:
            return
        for report in self._reporter.apply(event.record, self._core.now):
            self._send(report)

    def _on_balance(self, change: BalanceChanged) -> None:
        if change.account != self._account:
            return
        if not self._changes:  # the changes of one step come together
            self._reading.get_loop().call_soon(self._send_balances)
        self._changes.append(change)

    def _send_balances(self) -> None:
        changes, self._changes = self._changes, []
        if changes:
            self._send(position(changes, self._pairs, self._core.now))

    def _send(self, report: dict[str, Any]) -> None:
        payload = _ENCODER.encode(report)
        for listener in tuple(self.listeners):
            listener(payload)
