"""A sum of quote money never buys more than it pays for, and one lot more would be too much."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import Level
from engine.domain.number import Lots, Ticks
from engine.domain.pair import TradingPair
from engine.server.facade.walk import lots_for
from tests.engine.server.facade.pairs import BTC, DOGE

BOOKS = st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 10**6)), min_size=1, max_size=8)
MONEY = st.decimals(min_value=0, max_value=10**6, places=2)


def cost(pair: TradingPair, levels: list[Level], lots: int, *, fee: bool) -> int:
    """Return what so many lots cost, level by level: the naive way."""
    total = 0
    for price, there in levels:
        taken = min(lots, there)
        notional = pair.notional(price, taken)
        total += notional + (pair.taker_fee.of(notional) if fee and taken else 0)
        lots -= taken
    return total


@given(BOOKS, MONEY, st.sampled_from([BTC, DOGE]), st.booleans())
def test_the_walk_spends_as_much_as_it_can(
    book: list[tuple[int, int]], money: Decimal, pair: TradingPair, fee: bool
) -> None:
    levels = [Level(Ticks(price), Lots(qty)) for price, qty in sorted(book)]
    budget, whole = pair.quote.units(money), sum(each.qty for each in levels)

    lots = lots_for(pair, levels, money, pair.taker_fee if fee else None)

    assert cost(pair, levels, lots, fee=fee) <= budget
    assert lots == whole or cost(pair, levels, lots + 1, fee=fee) > budget


def test_money_finer_than_a_unit_buys_nothing() -> None:
    assert lots_for(BTC, [Level(Ticks(1), Lots(1))], Decimal("1e-30"), None) == 0
