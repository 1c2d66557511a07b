"""What the account of a replay did: kept in memory, as the disk keeps it for the others."""

from __future__ import annotations

from engine.domain.command import SetLotMethod
from engine.domain.event import FundsDeposited, OrderFilled
from engine.domain.history import AccountHistory
from engine.domain.order import AccountId, LotMethod, OrderId
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.portfolio.equity import DAY
from engine.services.stories import OrderTold


class ReplayMemory:
    """The facts of one account, in order; answers what is otherwise read from the disk."""

    def __init__(self, pair: TradingPair) -> None:
        self._pair = pair
        self._method = LotMethod.AVERAGE
        self.facts: list[object] = []

    @property
    def fills(self) -> list[OrderFilled]:
        """All executions, oldest first."""
        return [fact for fact in self.facts if isinstance(fact, OrderFilled)]

    async def keep(self, command: SetLotMethod) -> None:
        """Remember a choice of the lot method."""
        self._method = command.method

    def method(self, _account: AccountId) -> LotMethod:
        """Return the lot method; see `History.method`."""
        return self._method

    def days(self, _account: AccountId) -> frozenset[int]:
        """Return the days of trading or deposits; see `History.days`."""
        return frozenset(fact.at // DAY for fact in self.facts if isinstance(fact, FundsDeposited | OrderFilled))

    def history(self, account: AccountId) -> AccountHistory:
        """Return all that the account did so far."""
        deposits = tuple(fact for fact in self.facts if isinstance(fact, FundsDeposited))
        return AccountHistory(account, self._method, {self._pair.symbol: self._pair}, deposits, tuple(self.fills))


class ReplayHistory:
    """The memory as `History`."""

    def __init__(self, memory: ReplayMemory) -> None:
        self._memory = memory
        self.method, self.days, self.read = memory.method, memory.days, memory.history


class ReplayStories:
    """The memory as `StoryArchive`: fills without the record of why, which a market of bars has no queue to give."""

    def __init__(self, memory: ReplayMemory) -> None:
        self._memory = memory

    def read(self, _account: AccountId, order_id: OrderId) -> OrderTold:
        """Return what became of an order; see `StoryArchive.read`."""
        fills = tuple((fill, None) for fill in self._memory.fills if fill.order_id == order_id)
        if not fills:
            raise InvalidInput(f"The replay has no fill of {order_id!r}.")
        return OrderTold(order_id, None, fills, None)


class ReplayAlerts:
    """Where alerts of a replay are kept: nowhere, they end with it."""

    def load(self) -> bytes | None:
        """Return that there are none."""
        return None

    def save(self, data: bytes) -> None:
        """Keep nothing."""

    def set_aside(self) -> str:
        """Say what was moved out of the way: nothing ever is."""
        return ""
