"""A history in memory, as the disk would have it: what was committed when it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.domain.command import SetLotMethod
from engine.domain.event import FundsDeposited, OrderFilled
from engine.domain.history import AccountHistory
from engine.domain.order import AccountId, LotMethod
from engine.domain.pair import TradingPair
from engine.errors import CrsError
from engine.portfolio.equity import DAY


class Past:
    """Reads facts from a list; `reads` and `error` let tests look and interfere."""

    def __init__(self, pairs: Iterable[TradingPair], facts: Callable[[], Iterable[object]]) -> None:
        self._pairs, self._facts = {pair.symbol: pair for pair in pairs}, facts
        self.methods: dict[AccountId, LotMethod] = {}
        self.reads = 0
        self.error: CrsError | None = None
        self.then: Callable[[], None] | None = None
        """Called once, after the facts were read and before they are answered with."""

    async def keep(self, command: SetLotMethod) -> None:
        """Make a choice durable."""
        if self.error is not None:
            raise self.error
        self.methods[command.account] = command.method

    def method(self, account: AccountId) -> LotMethod:
        if self.error is not None:
            raise self.error
        return self.methods.get(account, LotMethod.AVERAGE)

    def days(self, account: AccountId) -> frozenset[int]:
        if self.error is not None:
            raise self.error
        facts = [each for each in self._facts() if isinstance(each, FundsDeposited | OrderFilled)]
        return frozenset(each.at // DAY for each in facts if each.account == account)

    def read(self, account: AccountId) -> AccountHistory:
        self.reads += 1
        if self.error is not None:
            raise self.error
        facts = [each for each in self._facts() if getattr(each, "account", None) == account]
        then, self.then = self.then, None
        if then is not None:
            then()
        deposits = tuple(each for each in facts if isinstance(each, FundsDeposited))
        fills = tuple(each for each in facts if isinstance(each, OrderFilled))
        return AccountHistory(account, self.methods.get(account, LotMethod.AVERAGE), self._pairs, deposits, fills)
