"""A profile with a year of trading in it, written by the journal's own writer: fills by the thousand, in six pairs.

The facts are those that an exchange would have given: every order is accepted before it fills, and the fold that
the writer keeps would refuse one that cannot be paid. Run as a program it writes a profile and says what it holds:
`python -m tests.engine.trading_year DIR [FILLS]`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.adapters.sql.books import Books
from engine.adapters.sql.journal import SqlJournal
from engine.domain.command import Deposit, ListPair, SubmitOrder
from engine.domain.event import FundsDeposited, OrderAccepted, OrderFilled
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, OrderType, Side
from engine.domain.pair import TradingPair
from engine.market.catalogue import PAIRS
from engine.profile import Profile

ME = AccountId("PAPER-1")
START = 1_704_067_200 * NANOS_PER_SECOND
"""2024-01-01, UTC."""
YEAR = 366 * 86_400 * NANOS_PER_SECOND
PER_APPEND = 200
"""Orders in one transaction."""


class Year:
    """Random orders that buy and sell in turn, each filled in one to four executions."""

    def __init__(self, fills: int, seed: int = 7) -> None:
        self.fills, self._random, self._made = fills, random.Random(seed), 0  # noqa: S311 - a plaything, repeatable
        self._held = {spec.symbol: 0 for spec in PAIRS}
        self._price = {spec.symbol: float(spec.start_price) for spec in PAIRS}

    def opening(self) -> list[object]:
        usdt = PAIRS[0].pair.quote
        credits = [(usdt.code, 5_000_000 * 10**usdt.decimals), ("BTC", 2 * 10 ** PAIRS[0].pair.base.decimals)]
        found: list[object] = [ListPair(spec.pair) for spec in PAIRS]
        for code, units in credits:
            found += [Deposit(ME, code, Units(units)), FundsDeposited(ME, code, Units(units), Nanos(START))]
        return found

    def orders(self) -> Iterator[list[object]]:
        """Yield the records of one order after the other."""
        number = 0
        while self._made < self.fills:
            number += 1
            spec = self._random.choice(PAIRS)
            yield self._order(spec.pair, number, Nanos(START + YEAR * self._made // self.fills))

    def _order(self, pair: TradingPair, number: int, at: Nanos) -> list[object]:
        rnd, held = self._random, self._held[pair.symbol]
        self._price[pair.symbol] *= 1 + rnd.gauss(0, 0.004)
        price = max(1, round(self._price[pair.symbol]))
        parts = min(rnd.randint(1, 4), self.fills - self._made)
        side = Side.SELL if held and rnd.random() < 0.5 else Side.BUY
        whole = max(parts, int(1_500 * 10**pair.quote.decimals // pair.notional(price, 1)))
        if side is Side.SELL:
            whole = max(1, held if rnd.random() < 0.1 else held * rnd.randint(1, 9) // 20)
            parts = min(parts, whole)
        order_id = OrderId(f"y{number}")
        order = SubmitOrder(
            account=ME, order_id=order_id, symbol=pair.symbol, side=side, order_type=OrderType.LIMIT,
            qty=Lots(whole), price=Ticks(price + (parts if side is Side.BUY else 0)),
        )  # fmt: skip
        records: list[object] = [order, OrderAccepted(ME, order_id, order, number, at)]
        left = whole
        for part in range(parts):
            qty = left if part == parts - 1 else whole // parts
            left -= qty
            paid = price + part
            fee = pair.taker_fee.of(pair.notional(paid, qty))
            self._made += 1
            records.append(
                OrderFilled(
                    ME, order_id, self._made, pair.symbol, side, Ticks(paid), Lots(qty), fee,
                    rnd.choice(list(Liquidity)), Lots(left), Nanos(at + part),
                )
            )  # fmt: skip
        self._held[pair.symbol] += whole if side is Side.BUY else -whole
        return records


def write_year(path: Path, fills: int) -> None:
    """Write a profile's database with so many fills."""
    path.parent.mkdir(parents=True, exist_ok=True)
    journal, year = SqlJournal(path), Year(fills)
    journal.begin(Books())
    journal.append(year.opening(), Nanos(START)).result()
    waiting: list[object] = []
    for count, records in enumerate(year.orders(), 1):
        waiting += records
        if count % PER_APPEND == 0:
            journal.append(waiting, Nanos(START)).result()
            waiting = []
    journal.append(waiting, Nanos(START)).result()
    journal.close()


if __name__ == "__main__":
    profile = Profile(Path(sys.argv[1]))
    write_year(profile.database, int(sys.argv[2]) if len(sys.argv) > 2 else 50_000)
    sys.stdout.write(f"{profile.database}: {profile.database.stat().st_size:,} bytes\n")
