"""Private channels: what happens to an account, told to nobody but its owner, once it is durable."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.adapters.sql.canonical import encode
from engine.domain.asset import Asset
from engine.domain.command import ListPair
from engine.domain.event import BalanceChanged, OrderFilled
from engine.domain.number import Nanos
from engine.domain.order import AccountId
from engine.ports.journal import Recorded
from engine.server.core.port import Core
from engine.server.ws.channel import Channel
from engine.server.ws.market import encoded
from engine.wire.account import Balance, Fill, JournalRecord

KINDS = ("orders", "fills", "balances", "journal")
"""The channels of every account."""


class PrivateChannels:
    """The channels of accounts that somebody listens to."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._channels: dict[tuple[AccountId, str], Channel] = {}
        self._sent: dict[tuple[AccountId, str], int] = {}
        """The number of each channel's last message."""
        self._last: dict[AccountId, int] = {}
        """The number of each account's last record of this run."""
        self._listed = 0
        """The number of the last `ListPair`, which is a record of every account."""
        self._seq = 0
        self._subscriptions = (
            core.bus.subscribe(Recorded, self._on_recorded),
            core.bus.subscribe(BalanceChanged, self._on_balance),
        )

    def close(self) -> None:
        """Tell nothing more."""
        for subscription in self._subscriptions:
            subscription.close()

    def find(self, account: AccountId, kind: str) -> Channel:
        """Return a channel of an account."""
        key = (account, kind)
        found = self._channels.get(key)
        if found is None:
            found = self._channels[key] = Channel(kind, on_empty=lambda _channel: self._gone(key))
        return found

    def _gone(self, key: tuple[AccountId, str]) -> None:
        self._channels.pop(key, None)
        self._sent.pop(key, None)

    def _on_recorded(self, event: Recorded) -> None:
        seq, record = event
        self._seq = seq
        if isinstance(record, ListPair):
            accounts: Iterable[AccountId] = [account for account, kind in self._channels if kind == "journal"]
        else:
            account = getattr(record, "account", None)
            if not account:
                return
            accounts = (account,)
        for account in accounts:
            self._tell_record(account, seq, record)
        if isinstance(record, ListPair):
            self._listed = seq
        if isinstance(record, OrderFilled):
            self._tell_fill(seq, record)

    def _tell_record(self, account: AccountId, seq: int, record: object) -> None:
        prev = max(self._last.get(account, 0), self._listed) or None
        self._last[account] = seq
        channel = self._channels.get((account, "journal"))
        if channel is not None:
            at: Nanos = getattr(record, "at", self._core.now)
            data = JournalRecord(seq, at, type(record).__name__, msgspec.Raw(encode(record).encode()))  # type: ignore[arg-type]
            channel.publish(encoded("journal", "record", at, data, seq=seq, prev=prev))

    def _tell_fill(self, seq: int, fill: OrderFilled) -> None:
        channel = self._channels.get((fill.account, "fills"))
        if channel is None:
            return
        pair = next(each for each in self._core.pairs() if each.symbol == fill.symbol)
        data = Fill(
            id=seq, order_id=fill.order_id, trade_id=fill.trade_id, symbol=fill.symbol, side=fill.side,
            price=pair.price_text(fill.price), qty=pair.qty_text(fill.qty), fee=pair.quote.text(fill.fee),
            fee_asset=pair.quote.code, liquidity=fill.liquidity, at_ms=fill.at // 1_000_000,
        )  # fmt: skip
        self._publish(channel, (fill.account, "fills"), "fill", fill.at, seq, data)

    def _on_balance(self, change: BalanceChanged) -> None:
        channel = self._channels.get((change.account, "balances"))
        if channel is None:
            return
        asset = self._asset(change.asset)
        data = Balance(asset.code, asset.text(change.free), asset.text(change.locked))
        self._publish(channel, (change.account, "balances"), "balance", change.at, self._seq, data)

    def _publish(
        self, channel: Channel, key: tuple[AccountId, str], kind: str, at: Nanos, seq: int, data: object
    ) -> None:
        prev = self._sent.get(key)
        self._sent[key] = seq
        channel.publish(encoded(channel.name, kind, at, data, seq=seq, prev=prev))

    def _asset(self, code: str) -> Asset:
        for pair in self._core.pairs():
            if pair.base.code == code:
                return pair.base
            if pair.quote.code == code:
                return pair.quote
        return Asset(code)
