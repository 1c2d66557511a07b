"""Adding and cancelling for a long time: memory must come back, and the last orders cost no more than the first."""

from __future__ import annotations

import gc
import time
from itertools import pairwise

import psutil

from engine.cli.bench.listing import PAIR
from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError
from engine.domain.command import CancelOrder, Deposit, ListPair, SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.exchange.kernel import Exchange

WARM_UP = 100_000
"""Pairs before anything is measured: until then an account's memory of finished ids grows, as it should."""

OPEN = 100
"""How many orders rest at any time."""

TENTHS = 10
ACCOUNT = AccountId("A")


def churn(plan: Plan) -> Report:
    """Return how memory and the cost of a pair changed over the run, of each round."""
    memory, cost = [], []
    for _ in range(plan.rounds):
        run = _Run()
        run.pairs(min(WARM_UP, plan.events))
        before, tenths = resident(), []
        for first, last in pairwise(plan.events * tenth // TENTHS for tenth in range(TENTHS + 1)):
            begun = time.process_time()
            run.pairs(last - first)
            tenths.append((time.process_time() - begun) / max(1, last - first))
        memory.append(resident() / before)
        cost.append(tenths[-1] / tenths[0] if tenths[0] else 1.0)
        run.check()
    bars = [
        Bar("memory after the run / before it", Spread.of(memory), 1.10, at_least=False),
        Bar("CPU per pair, last tenth / first", Spread.of(cost), 1.30, at_least=False),
    ]
    facts: dict[str, int | str] = {"pairs": plan.events, "after": min(WARM_UP, plan.events), "rounds": plan.rounds}
    return Report("churn", facts, bars, [])


def resident() -> int:
    """Return the bytes of memory that this process holds, its garbage collected."""
    gc.collect()
    return int(psutil.Process().memory_info().rss)


class _Run:
    """An exchange in which one account adds an order and cancels its oldest one, over and over."""

    def __init__(self) -> None:
        self._exchange = Exchange()
        self._count = 0
        self._exchange.handle(ListPair(PAIR), Nanos(0))
        for asset in (PAIR.base, PAIR.quote):
            self._exchange.handle(Deposit(ACCOUNT, asset.code, Units(10**32)), Nanos(0))
        for _ in range(OPEN):
            self._add()

    def pairs(self, count: int) -> None:
        """Add and cancel so many orders."""
        for _ in range(count):
            self._add()
            self._exchange.handle(CancelOrder(ACCOUNT, OrderId(f"o{self._count - OPEN}")), Nanos(self._count))

    def _add(self) -> None:
        self._count += 1
        buys = self._count % 2 == 0
        away = 1 + self._count * 7 % 97
        order = SubmitOrder(
            account=ACCOUNT,
            order_id=OrderId(f"o{self._count}"),
            symbol=PAIR.symbol,
            side=Side.BUY if buys else Side.SELL,
            order_type=OrderType.LIMIT,
            qty=Lots(1_000),
            price=Ticks(6_000_000 - away if buys else 6_000_000 + away),
        )
        self._exchange.handle(order, Nanos(self._count))

    def check(self) -> None:
        """Prove that only the youngest orders are left.

        Raises:
            WrongAnswerError: others are.
        """
        wanted = [f"o{number}" for number in range(self._count - OPEN + 1, self._count + 1)]
        if [each.order_id for each in self._exchange.open_orders(ACCOUNT)] != wanted:
            raise WrongAnswerError("After all the adding and cancelling other orders are open than should be.")
