"""How the orders of accounts stand that somebody listens to, told after each fact of theirs.

What was accepted while somebody listened is followed fact by fact. An order from before is read from the tables when
its first fact comes, off the loop, and followed from there; the tables may be ahead of the facts by some fills, which
are then not counted twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.adapters.sql.owned import read_order
from engine.domain.event import (
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.server.core.told import accepted, change, order_of_row
from engine.services.offload import offload
from engine.services.task import TaskOwner
from engine.wire.order import Order

if TYPE_CHECKING:
    from sqlalchemy import Engine

OrderFact = (
    OrderAccepted | LegStarted | OrderTriggered | OrderAmended | OrderCancelled | OrderExpired | OrderFilled
)  # fmt: skip
ORDER_FACTS = (OrderAccepted, LegStarted, OrderTriggered, OrderAmended, OrderCancelled, OrderExpired, OrderFilled)

Key = tuple[AccountId, str]
"""An account and the id of an order of it."""

Tell = Callable[[AccountId, int, OrderFact, Order], None]
"""Takes the account, the number of the fact, the fact, and how the order stands after it (or later)."""


@dataclass(slots=True)
class _Followed:
    order: Order
    sums: list[int]
    """Lots filled, their value and the fees in quote units."""
    counted: int
    """The number of the last fill in it."""


class StandingOrders:
    """The orders of some accounts; `close` it in the end."""

    def __init__(self, exchange_db: Engine, pair_of: Callable[[str], TradingPair], tell: Tell) -> None:
        self._database, self._pair_of, self._tell = exchange_db, pair_of, tell
        self._followed: dict[Key, _Followed] = {}
        self._asked: dict[Key, list[tuple[int, OrderFact]]] = {}
        """Facts of orders that are being read."""
        self._tasks = TaskOwner("standing orders")

    async def close(self) -> None:
        """Follow nothing more."""
        await self._tasks.join()

    def forget(self, account: AccountId) -> None:
        """Follow an account no more."""
        for key in [each for each in self._followed if each[0] == account]:
            del self._followed[key]

    def forget_all(self) -> None:
        """Follow no account any more until something happens to it."""
        self._followed.clear()

    def take(self, seq: int, fact: OrderFact) -> None:
        """Take a fact of an account that is followed, and tell how its order stands."""
        key = (fact.account, fact.order_id)
        if isinstance(fact, OrderAccepted):
            pair = self._pair_of(fact.order.symbol)
            self._followed[key] = found = _Followed(accepted(fact, pair), [0, 0, 0], 0)
            self._tell(fact.account, seq, fact, found.order)
            return
        if key in self._asked:
            self._asked[key].append((seq, fact))
        elif key in self._followed:
            self._apply(key, seq, fact)
        else:
            self._asked[key] = [(seq, fact)]
            self._tasks.start(self._read(key))

    def _apply(self, key: Key, seq: int, fact: OrderFact) -> None:
        found = self._followed[key]
        if not isinstance(fact, OrderFilled) or seq > found.counted:
            change(found.order, fact, self._pair_of(found.order.symbol), found.sums)
        self._tell(fact.account, seq, fact, found.order)
        if not found.order.status.is_open:
            del self._followed[key]

    async def _read(self, key: Key) -> None:
        try:
            read = await offload(read_order, self._database, key[0], key[1])
        except BaseException:
            self._asked.pop(key, None)
            raise
        waiting = self._asked.pop(key)
        if read is None:
            return
        row, trades = read
        order = order_of_row(row, trades, self._pair_of(row["symbol"]))
        if not order.status.is_open:  # it has ended in the tables, whatever its facts have still to tell
            for seq, fact in waiting:
                self._tell(key[0], seq, fact, order)
            return
        counted = max((trade["seq"] for trade in trades), default=0)
        self._followed[key] = _Followed(order, _sums(order, self._pair_of(order.symbol)), counted)
        for seq, fact in waiting:
            self._apply(key, seq, fact)


def _sums(order: Order, pair: TradingPair) -> list[int]:
    quote = pair.quote
    lots = pair.lots(Decimal(order.filled)) or 0
    return [lots, quote.units(Decimal(order.filled_value)), quote.units(Decimal(order.fee))]
