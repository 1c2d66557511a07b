"""Laws of shares in a constant-product pool, and the swap before adding one token."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v2liquidity import (
    MINIMUM_LIQUIDITY,
    PANCAKE_PART,
    UNISWAP_PART,
    V2Shares,
    optimal_amounts,
    quote,
    zap_part,
)
from engine.defi.refusal import OverflowRevert, TooLittleLiquidity, WouldRevert

RESERVES = st.integers(2_000, 2**100)
AMOUNTS = st.integers(1, 2**95)


@st.composite
def shared(draw: st.DrawFn) -> V2Shares:
    first = V2Shares(V2Pool("P", "A", "B", 0, 0), 0, 0, draw(st.sampled_from([None, UNISWAP_PART, PANCAKE_PART])))
    minted = first.mint(draw(RESERVES), draw(RESERVES)).after
    if draw(st.booleans()):
        pool = minted.pool
        minted = V2Shares(pool.after("A", pool.reserve0 // 3 + 2), minted.total_supply, minted.k_last, minted.protocol)
    return minted


@given(shared(), AMOUNTS, AMOUNTS)
def test_adding_and_removing_never_profits(shares: V2Shares, amount0: int, amount1: int) -> None:
    try:
        minted = shares.mint(amount0, amount1)
        burned = minted.after.burn(minted.liquidity)
    except TooLittleLiquidity:
        assume(False)

    assert burned.amount0 <= amount0
    assert burned.amount1 <= amount1
    assert burned.protocol == 0


@given(shared(), AMOUNTS, AMOUNTS)
def test_who_adds_takes_nothing_from_the_others(shares: V2Shares, amount0: int, amount1: int) -> None:
    try:
        minted = shares.mint(amount0, amount1)
    except TooLittleLiquidity:
        assume(False)
    before, after = shares.pool, minted.after.pool
    supply = shares.total_supply + minted.protocol

    assert after.reserve0 * supply >= before.reserve0 * minted.after.total_supply
    assert after.reserve1 * supply >= before.reserve1 * minted.after.total_supply


def test_the_first_to_add_leaves_a_thousand_shares_behind() -> None:
    empty = V2Shares(V2Pool("P", "A", "B", 0, 0), 0)

    minted = empty.mint(4 * 10**18, 9 * 10**18)

    assert minted.liquidity == 6 * 10**18 - MINIMUM_LIQUIDITY
    assert minted.after.total_supply == 6 * 10**18
    with pytest.raises(TooLittleLiquidity) as refusal:
        empty.mint(1000, 1000)
    assert refusal.value.word == "INSUFFICIENT_LIQUIDITY_MINTED"


@pytest.mark.parametrize(("part", "of"), [(UNISWAP_PART, 1 / 6), (PANCAKE_PART, 8 / 25)])
def test_the_protocol_gets_its_part_of_the_growth(part: tuple[int, int], of: float) -> None:
    """Uniswap v2 Core, section 2.4: its shares are worth that part of what sqrt(k) grew."""
    shares = V2Shares(V2Pool("P", "A", "B", 11 * 10**20, 11 * 10**20), 10**21, 10**42, type(UNISWAP_PART)(*part))

    minted = shares.pending_protocol()

    worth = minted / (10**21 + minted) * 11 * 10**20
    assert worth == pytest.approx(of * 10**20)


def test_nothing_is_due_to_a_protocol_that_takes_nothing_or_where_nothing_grew() -> None:
    pool = V2Pool("P", "A", "B", 10**20, 10**20)

    assert V2Shares(pool, 10**20, 10**38, None).pending_protocol() == 0
    assert V2Shares(pool, 10**20, 0, UNISWAP_PART).pending_protocol() == 0
    assert V2Shares(pool, 10**20, 10**40, UNISWAP_PART).pending_protocol() == 0


def test_the_router_refuses_less_than_the_least() -> None:
    pool = V2Pool("P", "A", "B", 10**18, 2 * 10**18)

    assert optimal_amounts(pool, 10, 100) == (10, 20)
    assert optimal_amounts(pool, 100, 20) == (10, 20)
    with pytest.raises(WouldRevert, match="20 units would be added, fewer than the least allowed, 21") as refusal:
        optimal_amounts(pool, 10, 100, 0, 21)
    assert refusal.value.word == "INSUFFICIENT_B_AMOUNT"


@given(
    st.integers(10**6, 2**70),
    st.integers(10**6, 2**70),
    st.integers(1000, 2**70),
    st.sampled_from([(997, 1000), (9975, 10_000)]),
)
def test_the_swapped_part_makes_the_rest_fit(reserve0: int, reserve1: int, amount: int, fee: tuple[int, int]) -> None:
    pool = V2Pool("P", "A", "B", reserve0, reserve1, *fee)
    part = zap_part(pool, "A", amount)
    assume(part > 0)
    n, d = fee

    assert n * part**2 + (d + n) * reserve0 * part <= d * reserve0 * amount
    assert n * (part + 1) ** 2 + (d + n) * reserve0 * (part + 1) > d * reserve0 * amount


@pytest.mark.parametrize("amount", [1_000, 30_000, 500_000])
def test_no_other_part_makes_noticeably_more_shares(amount: int) -> None:
    shares = V2Shares(V2Pool("P", "A", "B", 10**6, 3 * 10**9), 5 * 10**7)

    def minted(part: int) -> int:
        after = V2Shares(shares.pool.after("A", part), shares.total_supply)
        taken = optimal_amounts(after.pool, amount - part, shares.pool.quote_out("A", part))
        return after.mint(*taken).liquidity if min(taken) else 0

    best = max(minted(part) for part in range(1, amount, max(1, amount // 5_000)))

    one_unit = shares.total_supply // shares.pool.reserve0  # shares that a unit of A is worth
    assert minted(zap_part(shares.pool, "A", amount)) >= best - 2 * one_unit


def test_shares_that_nobody_has_and_sides_that_are_empty_are_refused() -> None:
    pool = V2Pool("P", "A", "B", 10**18, 2 * 10**18)
    shares = V2Shares(pool, 10**18)

    with pytest.raises(TooLittleLiquidity, match="Nobody"):
        V2Shares(V2Pool("P", "A", "B", 0, 0), 0).burn(1)
    with pytest.raises(TooLittleLiquidity, match="worth nothing"):
        V2Shares(pool, 10**30).burn(1)
    with pytest.raises(TooLittleLiquidity, match="Only"):
        shares.burn(10**18 + 1)
    with pytest.raises(TooLittleLiquidity, match="empty on one side"):
        V2Shares(V2Pool("P", "A", "B", 0, 5), 10).mint(1, 1)
    with pytest.raises(TooLittleLiquidity) as first:
        V2Shares(V2Pool("P", "A", "B", 0, 0), 0).mint(999, 999)
    assert first.value.word == "ds-math-sub-underflow"
    with pytest.raises(OverflowRevert) as large:
        shares.mint(2**255, 2**255)
    assert large.value.word == "ds-math-mul-overflow"


def test_an_empty_pool_takes_what_is_desired_and_has_no_ratio() -> None:
    empty = V2Pool("P", "A", "B", 0, 0)

    assert optimal_amounts(empty, 5, 7) == (5, 7)
    with pytest.raises(TooLittleLiquidity, match="no ratio"):
        quote(1, 0, 0)
    with pytest.raises(WouldRevert) as nothing:
        quote(0, 1, 1)
    assert nothing.value.word == "INSUFFICIENT_AMOUNT"
    with pytest.raises(WouldRevert, match="fewer than the least"):
        optimal_amounts(V2Pool("P", "A", "B", 10**18, 2 * 10**18), 100, 20, 11)
