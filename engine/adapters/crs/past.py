"""What an account on a server did, from the records that are held here; answers what otherwise the disk answers."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.adapters.crs.replica import Replica
from engine.adapters.sql.canonical import encode
from engine.adapters.sql.codec import read_plain
from engine.domain.command import SetLotMethod
from engine.domain.course import TradingState, TradingStateChanged
from engine.domain.event import FundsDeposited, OrderFilled
from engine.domain.history import AccountHistory
from engine.domain.number import Nanos
from engine.domain.order import AccountId, LotMethod, OrderId
from engine.domain.why import FillExplained
from engine.errors import InvalidInput, StorageUnavailable
from engine.portfolio.equity import DAY
from engine.services.offload import offload
from engine.services.order_fold import OrderFold
from engine.services.stories import OrderTold


class Choices:
    """What somebody chose for accounts of one server: a small file here, for the server has no word for it."""

    def __init__(self, path: Path) -> None:
        """Read the file; one that is missing or cannot be understood holds nothing."""
        self._path = path
        self._turn = asyncio.Lock()
        self._kept: dict[str, dict[str, Any]] = {account: dict(each) for account, each in _loaded(path).items()}

    def method(self, account: AccountId) -> LotMethod:
        """Return the lot method that was chosen for an account, the average if none was."""
        with suppress(ValueError):
            return LotMethod(self._kept.get(account, {}).get("lot_method", ""))
        return LotMethod.AVERAGE

    async def keep(self, command: SetLotMethod) -> None:
        """Keep a choice of the lot method.

        Raises:
            StorageUnavailable: the disk refuses; nothing changed.
        """
        await self._put(command.account, "lot_method", command.method.value)

    def trading(self, account: AccountId) -> TradingStateChanged | None:
        """Return how the kill switch was left, None if it was never set."""
        told = self._kept.get(account, {}).get("trading")
        if told is None:
            return None
        try:
            return read_plain(TradingStateChanged, told)
        except (ValueError, TypeError, KeyError, ArithmeticError):  # unreadable: the careful side
            return TradingStateChanged(TradingState.HALTED, "How it was left could not be read.", Nanos(0))

    async def keep_trading(self, account: AccountId, change: TradingStateChanged) -> None:
        """Keep how the kill switch was left; errors as `keep`."""
        await self._put(account, "trading", json.loads(encode(change)))

    async def _put(self, account: AccountId, name: str, value: object) -> None:
        async with self._turn:  # another choice may be on its way to the disk
            kept = {**self._kept, account: {**self._kept.get(account, {}), name: value}}
            await offload(_save, self._path, kept)
            self._kept = kept


class ReplicaHistory:
    """The records as `History`."""

    def __init__(self, replica: Replica, choices: Choices) -> None:
        self._replica, self._choices = replica, choices

    def method(self, account: AccountId) -> LotMethod:
        """Return the lot method; see `History.method`."""
        return self._choices.method(account)

    def days(self, account: AccountId) -> frozenset[int]:
        """Return the days of trading or deposits; see `History.days`."""
        facts = tuple(self._replica.facts)
        return frozenset(fact.at // DAY for fact in facts if isinstance(fact, FundsDeposited | OrderFilled))

    def read(self, account: AccountId) -> AccountHistory:
        """Return all that the account did so far; see `History.read`."""
        facts = tuple(self._replica.facts)
        deposits = tuple(fact for fact in facts if isinstance(fact, FundsDeposited))
        fills = tuple(fact for fact in facts if isinstance(fact, OrderFilled))
        return AccountHistory(account, self.method(account), dict(self._replica.pairs), deposits, fills)


class ReplicaStories:
    """The records as `StoryArchive`."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    def read(self, account: AccountId, order_id: OrderId) -> OrderTold:
        """Return what became of an order; see `StoryArchive.read`."""
        facts = [fact for fact in tuple(self._replica.facts) if getattr(fact, "order_id", None) == order_id]
        refused = self._replica.refused.get(order_id)
        if not facts and refused is None:
            raise InvalidInput(f"{account} never sent an order {order_id}.")
        fold = OrderFold(lambda: account)
        for fact in facts:
            fold.apply(fact)
        whys = {fact.trade_id: fact for fact in facts if isinstance(fact, FillExplained)}
        fills = tuple((fact, whys.get(fact.trade_id)) for fact in facts if isinstance(fact, OrderFilled))
        return OrderTold(order_id, fold.find(order_id), fills, refused)


def _loaded(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: each for name, each in found.items() if isinstance(each, dict)} if isinstance(found, dict) else {}


def _save(path: Path, content: Mapping[str, Any]) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with partial.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise StorageUnavailable(f"The choice could not be kept: {error.strerror}.") from error
