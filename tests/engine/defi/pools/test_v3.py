"""Laws of a pool of concentrated liquidity, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.refusal import TicksUnknown, TooLittleLiquidity, WouldRevert, WrongToken
from engine.defi.v3math.tick import MAX_TICK, MIN_TICK, sqrt_price_at, tick_at
from engine.errors import InvalidInput

AMOUNTS = st.one_of(st.integers(1, 10**6), st.integers(1, 2**100))
SIDES = st.sampled_from(["A", "B"])


@st.composite
def pools(draw: st.DrawFn) -> V3Pool:
    """Return a pool with full-range liquidity and up to four ranges around its price."""
    fee, spacing = draw(st.sampled_from([(500, 10), (3000, 60), (10_000, 200)]))
    tick = draw(st.integers(-100_000, 100_000))
    most = MAX_TICK // spacing * spacing
    full = draw(st.integers(10**6, 2**80))
    nets = {-most: full, most: -full}
    for _ in range(draw(st.integers(0, 4))):
        lower = (tick + draw(st.integers(-5_000, 5_000))) // spacing * spacing
        upper = lower + draw(st.integers(1, 200)) * spacing
        liquidity = draw(st.integers(1, 2**90))
        nets[lower] = nets.get(lower, 0) + liquidity
        nets[upper] = nets.get(upper, 0) - liquidity
    sqrt_price = draw(st.integers(sqrt_price_at(tick), sqrt_price_at(tick + 1) - 1))
    inside = sum(net for each, net in nets.items() if each <= tick)
    return V3Pool.checked("P", ("A", "B"), fee, spacing, (sqrt_price, tick), inside, nets)


@given(pools(), SIDES, AMOUNTS)
def test_an_output_never_costs_more_than_what_bought_it(pool: V3Pool, side: str, amount: int) -> None:
    out = pool_gives(pool, side, amount)
    assume(out > 0)

    wanted = pool.quote_in(side, out)

    assert wanted <= amount
    assert pool.quote_out(side, wanted) >= out


@given(pools(), SIDES, AMOUNTS, AMOUNTS)
def test_more_in_is_never_less_out(pool: V3Pool, side: str, amount: int, more: int) -> None:
    assume(pool_gives(pool, side, amount + more))

    assert pool.quote_out(side, amount + more) >= pool.quote_out(side, amount)
    assert pool.execution_price(side, amount) <= pool.mid_price(side)


@given(pools(), SIDES, AMOUNTS, AMOUNTS)
def test_splitting_a_swap_is_never_better(pool: V3Pool, side: str, first: int, second: int) -> None:
    assume(pool_gives(pool, side, first + second))

    split = pool.quote_out(side, first) + pool.after(side, first).quote_out(side, second)

    assert split <= pool.quote_out(side, first + second)


@given(pools(), SIDES, AMOUNTS)
def test_there_and_back_never_gains(pool: V3Pool, side: str, amount: int) -> None:
    out = pool_gives(pool, side, amount)
    assume(out > 0)

    assert pool.after(side, amount).quote_out(pool.other(side), out) <= amount


@given(pools(), SIDES, AMOUNTS)
def test_the_pool_after_a_swap_agrees_with_itself(pool: V3Pool, side: str, amount: int) -> None:
    assume(pool_gives(pool, side, amount))

    after = pool.after(side, amount)

    after.check()
    assert (after.sqrt_price <= pool.sqrt_price) == (side == "A") or after.sqrt_price == pool.sqrt_price


@given(pools(), SIDES, AMOUNTS, st.integers(1, 4_000))
def test_a_limit_is_kept_and_what_is_not_taken_stays(pool: V3Pool, side: str, amount: int, ticks: int) -> None:
    limit = sqrt_price_at(pool.tick + (-ticks if side == "A" else ticks + 1))
    assume(limit != pool.sqrt_price)

    swap = pool.exact_in(side, amount, limit)

    assert swap.amount_in <= amount
    assert swap.sqrt_price >= limit if side == "A" else swap.sqrt_price <= limit
    assert swap.amount_in == amount or swap.sqrt_price == limit
    assert swap.tick in (tick_at(swap.sqrt_price), tick_at(swap.sqrt_price) - 1)


@given(pools(), SIDES, AMOUNTS, st.integers(1, 4), st.integers(0, 3))
def test_where_only_some_ticks_are_known_nothing_is_guessed(
    pool: V3Pool, side: str, amount: int, below: int, above: int
) -> None:
    word = 256 * pool.tick_spacing
    edge = pool.tick // word * word
    known = (edge - (below - 1) * word, edge + above * word + word - pool.tick_spacing)
    pairs = [(t, n) for t, n in zip(pool.ticks, pool.nets, strict=True) if known[0] <= t <= known[1]]
    partial = replace(
        pool, ticks=tuple(t for t, _ in pairs), nets=tuple(n for _, n in pairs), known_from=known[0], known_to=known[1]
    )
    partial.check()
    assume(pool_gives(pool, side, amount))

    swap = pool.exact_in(side, amount)
    if known[0] < swap.tick < known[1]:
        assert partial.exact_in(side, amount) == swap
    elif not known[0] - 1 <= swap.tick <= known[1]:
        with pytest.raises(TicksUnknown) as unknown:
            partial.exact_in(side, amount)
        assert unknown.value.tick in known


def test_full_range_liquidity_is_a_constant_product_pool_but_for_rounding() -> None:
    liquidity, most = 10**24, MAX_TICK // 60 * 60
    pool = V3Pool.checked("P", ("A", "B"), 3000, 60, (2**96, 0), liquidity, {-most: liquidity, most: -liquidity})
    twin = V2Pool("P", "A", "B", liquidity, liquidity)

    for amount in (10**9, 10**18, 10**22):
        assert pool.quote_out("A", amount) == pytest.approx(twin.quote_out("A", amount), rel=1e-9)
    assert pool.price_impact("A", 10**22) == pytest.approx(float(twin.price_impact("A", 10**22)), rel=1e-9)
    assert pool.spot_price("B") == pytest.approx(0.997)


def test_what_the_whole_pool_cannot_do_is_refused_and_says_how_much_it_can() -> None:
    pool = V3Pool.checked("P", ("A", "B"), 3000, 60, (2**96, 0), 10**18, {-600: 10**18, 600: -(10**18)})

    most = pool.exact_out("A", 10**30).amount_out
    with pytest.raises(TooLittleLiquidity, match=f"only {most} of"):
        pool.quote_in("A", 10**30)
    with pytest.raises(TooLittleLiquidity, match="its liquidity ends there"):
        pool.quote_out("A", 10**30)
    with pytest.raises(TooLittleLiquidity):
        pool.after("A", 10**30)
    assert pool.quote_in("A", most) == pool.exact_in("A", 10**30).amount_in


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_is_refused_with_the_contract_s_word(amount: int) -> None:
    pool = V3Pool.checked("P", ("A", "B"), 3000, 60, (2**96, 0), 0, {})

    with pytest.raises(WouldRevert) as refusal:
        pool.quote_out("A", amount)
    assert refusal.value.word == "AS"
    with pytest.raises(WrongToken):
        pool.quote_out("C", 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tick": 5}, "not at the tick"),
        ({"liquidity": 7}, "add up"),
        ({"ticks": (60, -60)}, "ascending"),
        ({"ticks": (-61, 60)}, "off the spacing"),
        ({"fee": 1_000_000}, "no V3 pool"),
        ({"liquidity": 2**128}, "uint128"),
    ],
)
def test_a_description_that_does_not_agree_with_itself_is_refused(change: dict[str, object], says: str) -> None:
    pool = V3Pool.checked("P", ("A", "B"), 3000, 60, (2**96, 0), 9, {-60: 9, 60: -9})

    with pytest.raises(InvalidInput, match=says):
        replace(pool, **change).check()  # type: ignore[arg-type]


def test_the_mid_price_is_the_square_of_the_root() -> None:
    pool = V3Pool.checked("P", ("A", "B"), 3000, 60, (2**97, tick_at(2**97)), 0, {}, (MIN_TICK, MAX_TICK))

    assert pool.mid_price("A") == 4
    assert pool.mid_price("B") == Fraction(1, 4)


def pool_gives(pool: V3Pool, side: str, amount: int) -> int:
    """Return the quote, or 0 for what the pool cannot take."""
    try:
        return pool.quote_out(side, amount)
    except WouldRevert:
        return 0
