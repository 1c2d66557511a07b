"""Our V3 against the real contracts' bytecode: QuoterV2, and the pool's swap, mint and burn."""

from __future__ import annotations

from random import Random

import pytest

from engine.defi.pools.v3 import V3Pool, V3Swap
from engine.defi.pools.v3position import V3Position, growth_inside
from engine.defi.refusal import WouldRevert
from engine.defi.v3math.tick import sqrt_price_at
from tests.engine.defi.evm import Reverted
from tests.engine.defi.v2_chain import any_size
from tests.engine.defi.v3_chain import SPACINGS, RealPool, RealV3, random_limit, random_pool

QUOTES = pytest.mark.parametrize("cases", [200, pytest.param(5_000, marks=pytest.mark.soak)])
HISTORIES = pytest.mark.parametrize("cases", [15, pytest.param(5_000, marks=pytest.mark.soak)])
FEW_WORDS = (3000, 10_000)
"""Pools with so few words of ticks that a swap may run to the end of all of them."""


@pytest.fixture(scope="module")
def chain() -> RealV3:
    return RealV3()


def ours(pool: V3Pool, exact_in: bool, token_in: str, amount: int, limit: int) -> V3Swap:
    return pool.exact_in(token_in, amount, limit) if exact_in else pool.exact_out(token_in, amount, limit)


@QUOTES
def test_quotes_are_quoter_v2_s(chain: RealV3, cases: int) -> None:
    check_quotes(chain, cases)


def check_quotes(chain: RealV3, cases: int) -> None:
    """Compare so many quotes of random pools with QuoterV2's."""
    random, crossing, ends = Random(17), 0, 0  # noqa: S311 - a test's cases

    for case in range(cases):
        if case % 20 == 0:
            fee = random.choice(tuple(SPACINGS))
            real = random_pool(chain, random, fee, positions=random.randrange(1, 6))
            pool = real.value()
        exact_in, zero_for_one = random.random() < 0.5, random.random() < 0.5
        token_in, amount = pool.token0 if zero_for_one else pool.token1, any_size(random, 120)
        to_the_end = fee in FEW_WORDS and case % 20 == 7
        limit = 0 if to_the_end else random_limit(random, pool, zero_for_one)
        swap = ours(pool, exact_in, token_in, amount, limit)
        try:
            other, sqrt_price, crossed = real.quote(exact_in, token_in, amount, limit)
        except Reverted:
            assert_the_quoter_must_refuse(exact_in, swap, amount, limit)
            continue
        assert (swap.amount_out if exact_in else swap.amount_in, swap.sqrt_price) == (other, sqrt_price), case
        assert swap.crossed in (crossed, crossed - 1)  # it counts a tick at which a swap ends or begins
        crossing, ends = crossing + (swap.crossed > 0), ends + to_the_end
    assert crossing > cases / 5
    assert ends


def assert_the_quoter_must_refuse(exact_in: bool, swap: V3Swap, amount: int, limit: int) -> None:
    """It refuses a swap that moves nothing, and an output that is not there unless a price limit was given."""
    assert swap.amount_in == 0 or (not exact_in and limit == 0 and swap.amount_out < amount)


@HISTORIES
def test_swaps_leave_the_pool_that_we_say(chain: RealV3, cases: int) -> None:
    check_swaps(chain, cases)


def check_swaps(chain: RealV3, cases: int) -> None:
    """Compare what so many real swaps move, and the pool after each."""
    random, crossed = Random(23), 0  # noqa: S311 - a test's cases

    for case in range(cases):
        if case % 15 == 0:
            real = random_pool(chain, random, random.choice(tuple(SPACINGS)), positions=6)
        pool, zero_for_one = real.value(), random.random() < 0.5
        token_in, exact_in = pool.token0 if zero_for_one else pool.token1, random.random() < 0.5
        amount, limit = any_size(random, 110), random_limit(random, pool, zero_for_one)
        swap = ours(pool, exact_in, token_in, amount, limit)

        changes = real.swap(zero_for_one, amount if exact_in else -amount, limit)

        assert changes == ((swap.amount_in, -swap.amount_out) if zero_for_one else (-swap.amount_out, swap.amount_in))
        assert pool.moved(swap) == real.value()
        crossed += swap.crossed
    assert crossed > cases / 5


@HISTORIES
def test_positions_cost_give_and_earn_what_we_say(chain: RealV3, cases: int) -> None:
    check_positions(chain, cases)


def check_positions(chain: RealV3, cases: int) -> None:
    """Compare what so many mints, burns and swaps of a position take, give and earn."""
    random, earned = Random(29), 0  # noqa: S311 - a test's cases

    for case in range(cases):
        if case % 15 == 0:
            real = random_pool(chain, random, random.choice((500, 3000, 10_000)), positions=3)
            lower, upper = range_around(random, real)
            real.mint(lower, upper, random.getrandbits(80) + 1)
        sqrt_price, _ = real.slot0()
        minted = random.getrandbits(80) + 1
        burned = random.randrange(minted)
        assert real.mint(lower, upper, minted) == V3Position(lower, upper, minted).cost(sqrt_price)
        assert real.burn(lower, upper, burned) == V3Position(lower, upper, burned).amounts(sqrt_price)
        zero_for_one = random.random() < 0.5
        real.swap(zero_for_one, any_size(random, 90), random_limit(random, real.value(), zero_for_one))
        _, tick = real.slot0()
        before = real.position(lower, upper)
        owed = before.fees_owed(
            growth_inside(tick, lower, upper, real.growth(), real.growth(lower), real.growth(upper))
        )
        real.burn(lower, upper, 0)
        assert real.position(lower, upper).owed == owed
        earned += owed != before.owed
    assert earned > cases / 5


def range_around(random: Random, real: RealPool) -> tuple[int, int]:
    """Return a range of usable ticks with the pool's price inside."""
    _, tick = real.slot0()
    middle = tick // real.spacing
    return (middle - random.randrange(1, 200)) * real.spacing, (middle + random.randrange(1, 200)) * real.spacing


@pytest.mark.parametrize("side", [0, 1])
def test_a_limit_on_the_wrong_side_is_refused_with_the_contract_s_word(chain: RealV3, side: int) -> None:
    real = random_pool(chain, Random(31), 3000, positions=2)  # noqa: S311 - a test's cases
    pool = real.value()
    token_in, limit = (pool.token0, pool.token1)[side], pool.sqrt_price + (1, -1)[side]

    with pytest.raises(WouldRevert) as refusal:
        pool.exact_in(token_in, 10**18, limit)
    with pytest.raises(Reverted, match=f"^{refusal.value.word}$"):
        real.quote(True, token_in, 10**18, limit)


@pytest.mark.parametrize("zero_for_one", [False, True])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_limit_at_the_edge_of_a_word_without_liquidity_leaves_the_pool_s_own_tick(
    chain: RealV3, zero_for_one: bool, off: int
) -> None:
    real = chain.pool(10_000, sqrt_price_at(77))
    for lower in (-2_000_000 // 4, 2_000_000 // 4):
        real.mint(lower, lower + 200, 10**18)
    pool, edge = real.value(), (-5 * 256 if zero_for_one else 5 * 256 - 1) * 200
    limit = sqrt_price_at(edge) + off
    token_in = pool.token0 if zero_for_one else pool.token1

    swap = pool.exact_in(token_in, 10**18, limit)
    real.swap(zero_for_one, 10**18, limit)

    assert (swap.sqrt_price, swap.tick) == real.slot0()


@pytest.mark.parametrize("cases", [30, pytest.param(5_000, marks=pytest.mark.soak)])
def test_ticks_are_the_pool_s_at_both_sides_of_every_edge(chain: RealV3, cases: int) -> None:
    check_ticks(chain, cases)


def check_ticks(chain: RealV3, cases: int) -> None:
    """Compare: the pool's tick of a price tells our root of a tick apart from any other, below is the tick before."""
    random, address = Random(37), chain.pool(3000, 2**96).address  # noqa: S311 - a test's cases

    for _ in range(cases):
        tick = random.randrange(-887_271, 887_272)
        for sqrt_price, wanted in ((sqrt_price_at(tick), tick), (sqrt_price_at(tick) - 1, tick - 1)):
            chain.evm.store(address, 0, 0)
            chain.evm.call(address, "initialize(uint160)", sqrt_price, out="")
            assert RealPool(chain, address, 3000).slot0()[1] == wanted
