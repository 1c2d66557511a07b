"""Laws of a constant-product pool, whatever its size, fee and the amount."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.defi.pools.tax import TransferTax, taxed_out
from engine.defi.pools.v2 import V2Pool
from engine.defi.refusal import TooLittleLiquidity, WouldRevert, WrongToken

FEES = st.sampled_from([(997, 1000), (9975, 10_000), (998, 1000), (1, 1)])
AMOUNTS = st.integers(1, 2**90)
SIDES = st.sampled_from(["A", "B"])


@st.composite
def pools(draw: st.DrawFn) -> V2Pool:
    size = st.one_of(st.integers(1, 1000), st.integers(1, 2**100))
    return V2Pool("P", "A", "B", draw(size), draw(size), *draw(FEES))


@given(pools(), SIDES, AMOUNTS)
def test_the_product_of_the_reserves_never_falls(pool: V2Pool, side: str, amount: int) -> None:
    assume(pool_sells(pool, side, amount))

    after = pool.after(side, amount)

    assert after.reserve0 * after.reserve1 >= pool.reserve0 * pool.reserve1


@given(pools(), SIDES, AMOUNTS)
def test_one_unit_more_than_quoted_breaks_the_product(pool: V2Pool, side: str, amount: int) -> None:
    assume(pool_sells(pool, side, amount))

    with pytest.raises(WouldRevert):
        pool.moved(side, amount, pool.quote_out(side, amount) + 1)


@given(pools(), SIDES, AMOUNTS, AMOUNTS)
def test_more_in_is_never_less_out_and_never_at_a_better_price(pool: V2Pool, side: str, amount: int, more: int) -> None:
    assume(pool_sells(pool, side, amount))

    assert pool.quote_out(side, amount + more) >= pool.quote_out(side, amount)
    assert pool.execution_price(side, amount) <= pool.mid_price(side)


@given(pools(), SIDES, AMOUNTS)
def test_what_is_asked_for_an_output_buys_it_and_less_does_not(pool: V2Pool, side: str, amount: int) -> None:
    reserve_out = pool.reserves(side)[1]
    assume(amount < reserve_out)

    wanted = pool.quote_in(side, amount)

    assert pool.quote_out(side, wanted) >= amount
    if wanted > 2:
        assert pool_gives(pool, side, wanted - 2) < amount


@given(pools(), SIDES, AMOUNTS)
def test_an_output_costs_what_bought_it_at_most_and_one_more_only_where_the_division_is_exact(
    pool: V2Pool, side: str, amount: int
) -> None:
    """The library adds one to a quotient rounded down: that rounds up, and one too far where nothing was left."""
    assume(pool_sells(pool, side, amount))
    out, (reserve_in, reserve_out) = pool.quote_out(side, amount), pool.reserves(side)
    exact = reserve_in * out * pool.fee_denominator % ((reserve_out - out) * pool.fee_numerator) == 0

    assert pool.quote_in(side, out) <= amount + exact


@given(pools(), SIDES, AMOUNTS, AMOUNTS)
def test_splitting_a_swap_is_never_better(pool: V2Pool, side: str, first: int, second: int) -> None:
    assume(pool_sells(pool, side, first))

    split = pool.quote_out(side, first) + pool_gives(pool.after(side, first), side, second)

    assert split <= pool.quote_out(side, first + second)


@given(pools(), SIDES, AMOUNTS)
def test_there_and_back_never_gains(pool: V2Pool, side: str, amount: int) -> None:
    assume(pool_sells(pool, side, amount))

    out = pool.quote_out(side, amount)

    assert pool_gives(pool.after(side, amount), pool.other(side), out) <= amount


@given(pools(), SIDES, AMOUNTS)
def test_the_shortfall_is_the_impact_and_the_fee(pool: V2Pool, side: str, amount: int) -> None:
    assume(pool_sells(pool, side, amount))
    kept = Fraction(pool.fee_numerator, pool.fee_denominator)

    impact = pool.price_impact(side, amount)

    assert 1 - pool.shortfall(side, amount) == kept * (1 - impact)
    assert 0 <= impact < 1


def test_a_known_swap() -> None:
    """1 in of 100 and 200 at 0.3 %: 0.997 * 200 / 100.997, worked by hand."""
    pool = V2Pool("P", "A", "B", 100 * 10**18, 200 * 10**18)

    assert pool.quote_out("A", 10**18) == 1_974_316_068_794_122_597
    assert pool.spot_price("A") == pytest.approx(1.994)
    assert pool.price_impact("A", 10**18) == pytest.approx(0.997 / 100.997)


def test_pancake_keeps_a_quarter_of_a_percent() -> None:
    pool = V2Pool("P", "A", "B", 10**24, 10**24, 9975, 10_000)

    assert pool.quote_out("A", 10**10) == 9_974_999_999


@pytest.mark.parametrize(
    ("amount", "word"),
    [(0, "INSUFFICIENT_INPUT_AMOUNT"), (-1, "INSUFFICIENT_INPUT_AMOUNT"), (2**250, "ds-math-mul-overflow")],
)
def test_amounts_that_the_contract_refuses(amount: int, word: str) -> None:
    with pytest.raises(WouldRevert) as refusal:
        V2Pool("P", "A", "B", 10**18, 10**18).quote_out("A", amount)

    assert refusal.value.word == word


def test_an_empty_pool_and_a_strange_token_are_refused() -> None:
    empty = V2Pool("P", "A", "B", 0, 0)

    with pytest.raises(TooLittleLiquidity, match="empty"):
        empty.quote_out("A", 1)
    with pytest.raises(TooLittleLiquidity, match="no price"):
        empty.mid_price("A")
    with pytest.raises(WrongToken, match="holds no C"):
        empty.quote_out("C", 1)
    with pytest.raises(WrongToken, match="holds no C"):
        empty.other("C")
    assert empty.spot_price("A") == 0.0


@pytest.mark.parametrize(
    ("asked", "word"), [(0, "INSUFFICIENT_OUTPUT_AMOUNT"), (10**18, ""), (10**18 + 1, "ds-math-sub-underflow")]
)
def test_outputs_that_the_contract_refuses(asked: int, word: str) -> None:
    pool = V2Pool("P", "A", "B", 10**18, 10**18)

    with pytest.raises(WouldRevert) as refusal:
        pool.quote_in("A", asked)
    assert refusal.value.word == word
    with pytest.raises(WouldRevert, match="can give from 1"):
        pool.moved("A", 10**18, max(asked, 10**18) if asked else 0)
    with pytest.raises(TooLittleLiquidity, match="empty"):
        V2Pool("P", "A", "B", 0, 0).quote_in("A", 1)


@given(pools(), AMOUNTS, st.integers(0, 500), st.integers(0, 500))
def test_a_taxed_token_arrives_as_what_the_pair_got_and_sent(pool: V2Pool, amount: int, come: int, go: int) -> None:
    tax_in, tax_out = TransferTax(come), TransferTax(go)
    assume(tax_in.arrives(amount) and pool_sells(pool, "A", tax_in.arrives(amount)))

    arrived = taxed_out(pool, "A", amount, tax_in, tax_out)

    sent = pool.quote_out("A", amount - amount * come // 10_000)
    assert arrived == sent - sent * go // 10_000


def pool_gives(pool: V2Pool, side: str, amount: int) -> int:
    """Return the quote, or 0 for what buys nothing."""
    try:
        return pool.quote_out(side, amount)
    except TooLittleLiquidity:
        return 0


def pool_sells(pool: V2Pool, side: str, amount: int) -> bool:
    return pool_gives(pool, side, amount) > 0
