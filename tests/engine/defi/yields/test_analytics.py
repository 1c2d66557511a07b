"""The figures of a pool and of a range, against what swaps really leave in one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3position import V3Position
from engine.defi.yields.analytics import capital_efficiency, locked_value, pool_figures, range_fee_apr
from engine.errors import InvalidInput

DAY_S = 86_400.0


def test_a_pool_that_turns_over_once_a_day() -> None:
    found = pool_figures(Decimal(1_000_000), Decimal(1_000_000), Decimal("0.003"), DAY_S)

    assert found.fees == 3_000
    assert found.turnover == 1.0
    assert found.fee_apr == pytest.approx(0.003 * 365)
    assert pool_figures(Decimal(10**6), Decimal(10**6), Decimal("0.003"), DAY_S, Decimal(1) / 6).fees == pytest.approx(
        Decimal(2_500)
    )


def test_fees_are_what_swaps_there_and_back_leave() -> None:
    pool = start = V2Pool("P", "A", "B", 10**24, 10**24)
    volume = 0
    for _ in range(50):
        amount = 10**20
        out = pool.quote_out("A", amount)
        pool = pool.after("A", amount)
        volume += amount + out
        pool = pool.after("B", out)

    found = pool_figures(Decimal(2 * 10**24), Decimal(volume), Decimal("0.003"), DAY_S)

    grown = (pool.reserve0 + pool.reserve1) - (start.reserve0 + start.reserve1)
    assert float(found.fees) == pytest.approx(grown, rel=1e-3)


def test_a_pool_is_worth_both_sides_or_twice_the_known_one() -> None:
    amounts = (Decimal(10), Decimal(30_000))

    assert locked_value(amounts, (Decimal(3_000), Decimal(1))) == 60_000
    assert locked_value(amounts, (None, Decimal(1))) == 60_000
    assert locked_value(amounts, (Decimal(3_000), None)) == 60_000
    with pytest.raises(InvalidInput, match="Neither"):
        locked_value(amounts, (None, None))


def test_a_range_earns_its_share_while_the_price_is_in_it() -> None:
    alone = range_fee_apr(Decimal(100), DAY_S, 50, 50, Decimal(36_500))

    assert alone == pytest.approx(1.0)
    assert range_fee_apr(Decimal(100), DAY_S, 50, 200, Decimal(36_500), 0.5) == pytest.approx(alone / 8)


def test_capital_efficiency_is_the_paper_s_and_that_of_positions() -> None:
    """A range of 0.1 % around the price: about 4000 times; 1.0001^10 is that range."""
    narrow, wide = (V3Position(-each, each, 10**30).amounts(2**96) for each in (60, 887_220))

    assert capital_efficiency(-5, 5) == pytest.approx(4000, rel=1e-3)
    assert capital_efficiency(-887_220, 887_220) == pytest.approx(1.0)
    assert capital_efficiency(-60, 60) == pytest.approx(sum(wide) / sum(narrow), rel=1e-9)


def test_nonsense_is_refused() -> None:
    for arguments in ((Decimal(0), Decimal(1), Decimal(0), DAY_S), (Decimal(1), Decimal(1), Decimal(1), DAY_S)):
        with pytest.raises(InvalidInput):
            pool_figures(*arguments)
    for liquidity, in_range, value, part in ((2, 1, 1, 1.0), (1, 1, 0, 1.0), (0, 0, 1, 1.0), (1, 1, 1, 1.1)):
        with pytest.raises(InvalidInput):
            range_fee_apr(Decimal(1), DAY_S, liquidity, in_range, Decimal(value), part)
    with pytest.raises(InvalidInput, match="below"):
        capital_efficiency(60, 60)
