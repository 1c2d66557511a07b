"""Private channels: what happens to an account, told to nobody but its owner, once it is durable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from engine.adapters.sql.canonical import encode
from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.command import ListPair
from engine.domain.event import BalanceChanged, OrderFilled
from engine.domain.number import Nanos
from engine.domain.order import AccountId
from engine.ports.journal import Recorded
from engine.server.core.port import EventsMissed
from engine.server.core.told import fill_of, trimmed
from engine.server.market import MarketView
from engine.server.ws.channel import Channel
from engine.server.ws.market import encoded
from engine.server.ws.standing import ORDER_FACTS, OrderFact, StandingOrders
from engine.wire.account import Balance
from engine.wire.order import Order

if TYPE_CHECKING:
    from sqlalchemy import Engine

KINDS = ("orders", "fills", "balances", "journal")
"""The channels of every account."""


class TellingRecord(msgspec.Struct):
    """`engine.wire.account.JournalRecord` with its data as the canonical text that the journal has."""

    seq: int
    at_ns: int
    kind: str
    data: msgspec.Raw


class PrivateChannels:
    """The channels of accounts that somebody listens to."""

    def __init__(self, bus: Bus, view: MarketView, exchange_db: Engine) -> None:
        self._view = view
        self._channels: dict[tuple[AccountId, str], Channel] = {}
        self._told: dict[tuple[AccountId, str], int] = {}
        """The number of each channel's last message."""
        self._last: dict[AccountId, int] = {}
        """The number of each account's last record of this run."""
        self._listed = 0
        """The number of the last `ListPair`, which is a record of every account."""
        self._seq = 0
        self._standing = StandingOrders(exchange_db, view.pair, self._on_order)
        self._subscriptions = (
            bus.subscribe(Recorded, self._on_recorded),
            bus.subscribe(BalanceChanged, self._on_balance),
            bus.subscribe(EventsMissed, self._on_missed),
        )

    async def close(self) -> None:
        """Tell nothing more."""
        for subscription in self._subscriptions:
            subscription.close()
        await self._standing.close()

    @property
    def open(self) -> int:
        """How many channels somebody listens to."""
        return len(self._channels)

    def find(self, account: AccountId, kind: str) -> Channel:
        """Return a channel of an account."""
        key = (account, kind)
        found = self._channels.get(key)
        if found is None:
            found = self._channels[key] = Channel(kind, on_empty=lambda _channel: self._gone(account, kind))
        return found

    def _gone(self, account: AccountId, kind: str) -> None:
        self._channels.pop((account, kind), None)
        self._told.pop((account, kind), None)
        if kind == "orders":
            self._standing.forget(account)

    def _on_missed(self, _event: EventsMissed) -> None:
        """Say of no record any more that it follows the last one that was told."""
        self._told.clear()
        self._last.clear()
        self._listed = 0
        self._standing.forget_all()

    def _on_recorded(self, event: Recorded) -> None:
        seq, record = event.seq, event.record
        self._seq = seq
        if isinstance(record, ListPair):
            for account, kind in tuple(self._channels):
                if kind == "journal":
                    self._tell_record(account, event)
            self._listed = seq
            return
        account = AccountId(getattr(record, "account", ""))
        if not account:
            return
        if not self._channels:
            self._last[account] = seq
            return
        self._tell_record(account, event)
        if isinstance(record, OrderFilled) and (account, "fills") in self._channels:
            pair = self._view.pair(record.symbol)
            self._publish(account, "fills", "fill", record.at, seq, fill_of(record, seq, pair))
        if isinstance(record, ORDER_FACTS) and (account, "orders") in self._channels:
            self._standing.take(seq, record)

    def _tell_record(self, account: AccountId, event: Recorded) -> None:
        seq, record, at = event
        prev = max(self._last.get(account, 0), self._listed) or None
        self._last[account] = seq
        channel = self._channels.get((account, "journal"))
        if channel is not None:
            at = self._view.now if at is None else at
            data = TellingRecord(seq, at, type(record).__name__, msgspec.Raw(encode(record).encode()))
            channel.publish(encoded("journal", "record", at, data, seq=seq, prev=prev))

    def _on_order(self, account: AccountId, seq: int, fact: OrderFact, order: Order) -> None:
        self._publish(account, "orders", "order", fact.at, seq, order)

    def _on_balance(self, change: BalanceChanged) -> None:
        if (change.account, "balances") in self._channels:
            asset = self._asset(change.asset)
            data = Balance(asset.code, trimmed(asset.text(change.free)), trimmed(asset.text(change.locked)))
            self._publish(change.account, "balances", "balance", change.at, self._seq, data)

    def _publish(self, account: AccountId, name: str, kind: str, at: Nanos, seq: int, data: Any) -> None:  # noqa: ANN401 - a struct of the wire
        channel = self._channels.get((account, name))
        if channel is None:
            return
        prev = self._told.get((account, name))
        self._told[account, name] = seq
        channel.publish(encoded(name, kind, at, data, seq=seq, prev=prev))

    def _asset(self, code: str) -> Asset:
        for pair in self._view.pairs():
            if pair.base.code == code:
                return pair.base
            if pair.quote.code == code:
                return pair.quote
        return Asset(code)
