"""Our V2 against the real contracts' bytecode: the router's library, the pair's swap, mint and burn."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from engine.adapters.practice.contracts import Contracts
from engine.adapters.practice.forks import Fork, pancakeswap, sushiswap
from engine.defi.pools.v2 import UINT112, amount_in, amount_out
from engine.defi.pools.v2liquidity import V2Shares, optimal_amounts, quote
from engine.defi.refusal import WouldRevert
from tests.engine.defi.evm import Reverted
from tests.engine.defi.v2_chain import TRADER, RealV2, any_size

CASES = pytest.mark.parametrize("cases", [200, pytest.param(5_000, marks=pytest.mark.soak)])
HISTORIES = pytest.mark.parametrize("cases", [40, pytest.param(2_500, marks=pytest.mark.soak)])


FORKS = pytest.mark.parametrize("fork", [sushiswap, pancakeswap])


@pytest.fixture(scope="module")
def real() -> RealV2:
    return RealV2()


def outcome(work: Callable[..., object], *arguments: object) -> object:
    """Return what the work returns, or the word that it is refused with."""
    try:
        return work(*arguments)
    except Reverted as error:
        return str(error).rpartition(": ")[2]
    except WouldRevert as error:
        return error.word


@CASES
@pytest.mark.parametrize(("method", "ours"), [("getAmountOut", amount_out), ("getAmountIn", amount_in)])
def test_amounts_are_the_router_s(real: RealV2, method: str, ours: Callable[..., int], cases: int) -> None:
    check_amounts(real, method, ours, cases)


def check_amounts(real: RealV2, method: str, ours: Callable[..., int], cases: int) -> None:
    """Compare so many amounts, or refusals, with the router's."""
    random = Random(method)  # noqa: S311 - a test's cases

    for _ in range(cases):
        numbers = (any_size(random, random.choice((112, 112, 112, 256))), any_size(random, 112), any_size(random, 112))
        assert outcome(ours, *numbers) == outcome(real.ask_router, method, *numbers), numbers


@CASES
def test_a_fork_s_router_keeps_the_fork_s_fee(cases: int) -> None:
    real, random = RealV2(fork=pancakeswap), Random(2)  # noqa: S311 - a test's cases

    for _ in range(cases // 2):
        numbers = any_size(random, 112), any_size(random, 110), any_size(random, 110)
        assert outcome(amount_out, *numbers, *real.fee) == outcome(real.ask_router, "getAmountOut", *numbers)
        assert outcome(amount_in, *numbers, *real.fee) == outcome(real.ask_router, "getAmountIn", *numbers)


@FORKS
@HISTORIES
def test_a_swap_sends_what_was_quoted_and_never_a_unit_more(cases: int, fork: Callable[[Contracts], Fork]) -> None:
    check_pair(RealV2(fork=fork), cases)


def check_pair(real: RealV2, cases: int) -> None:
    """Compare so many real swaps: of what was quoted, and of a unit more."""
    random = Random(3)  # noqa: S311 - a test's cases

    for case in range(cases):
        if case % 10 == 0:
            real.hold(any_size(random, 100) + 1000, any_size(random, 100) + 1000)
        pool, token = real.pool(), random.choice((real.token0, real.token1))
        amount = any_size(random, pool.reserves(token)[0].bit_length() + 2)
        before = real.evm.snapshot()
        try:
            out = pool.quote_out(token, amount)
        except WouldRevert as refusal:
            with pytest.raises(Reverted, match=refusal.word):
                real.swap(token, amount, 0)
            real.evm.back(before)
            continue
        with pytest.raises(Reverted, match=r"UniswapV2: (K|INSUFFICIENT_LIQUIDITY)$"):
            real.swap(token, amount, out + 1)
        real.evm.back(before)
        real.swap(token, amount, out)
        assert pool.after(token, amount) == real.pool()


@HISTORIES
@pytest.mark.parametrize("fee_to", [False, True])
def test_shares_are_minted_and_burned_as_the_pair_does(fee_to: bool, cases: int) -> None:
    check_shares(RealV2(fee_to), cases)


def check_shares(real: RealV2, cases: int) -> None:
    """Compare so many mints and burns, with swaps between them, and the pair after each."""
    random = Random(5 + real.has_fee_to)  # noqa: S311 - a test's cases
    real.mint(any_size(random, 90) + 10_000, any_size(random, 90) + 10_000)

    for _ in range(cases):
        shares, before = real.shares(), real.evm.snapshot()
        held = real.balance(real.pair, TRADER)
        match random.choice(("mint", "mint", "burn", "burn", "swap")) if held else "mint":
            case "mint":
                brought = any_size(random, 95), any_size(random, 95)
                ours, theirs = outcome(shares.mint, *brought), outcome(real.mint, *brought)
            case "burn":
                given = min(any_size(random, held.bit_length()), held)
                ours, theirs = outcome(shares.burn, given), outcome(real.burn, given)
            case _:
                token = random.choice((real.token0, real.token1))
                out = shares.pool.quote_out(token, amount := shares.pool.reserves(token)[0] // random.randrange(5, 500))
                real.swap(token, amount, out)
                continue
        if isinstance(theirs, str):
            assert ours == theirs
            real.evm.back(before)
        else:
            assert isinstance(ours, tuple)
            assert ours[:-2] == (theirs if isinstance(theirs, tuple) else (theirs,))
            assert ours[-1] == real.shares()


def added(shares: V2Shares, desired: tuple[int, int], least: tuple[int, int]) -> tuple[int, int, int]:
    """Return what the router would take of both, and the shares for it."""
    amounts = optimal_amounts(shares.pool, *desired, *least)
    return (*amounts, shares.mint(*amounts).liquidity)


@HISTORIES
def test_the_router_adds_what_we_say(cases: int) -> None:
    check_adding(RealV2(), cases)


def check_adding(real: RealV2, cases: int) -> None:
    """Compare what the router takes, and the shares for it, so many times."""
    random = Random(8)  # noqa: S311 - a test's cases
    real.mint(10**20, 3 * 10**24)
    real.endow_trader()

    for _ in range(cases):
        if random.random() < 0.3:
            token = random.choice((real.token0, real.token1))
            amount = any_size(random, 80) + 10**6
            real.swap(token, amount, real.pool().quote_out(token, amount))
        desired = any_size(random, 90), any_size(random, 90)
        least = any_size(random, 60), any_size(random, 60)
        before, ours = real.evm.snapshot(), outcome(added, real.shares(), desired, least)
        theirs = outcome(real.add_liquidity, *desired, *least)
        assert ours == theirs
        if isinstance(theirs, str):
            real.evm.back(before)


def test_a_ratio_is_the_library_s(real: RealV2) -> None:
    random = Random(13)  # noqa: S311 - a test's cases

    for _ in range(50):
        numbers = any_size(random, 160), any_size(random, 112), any_size(random, 112)
        assert outcome(quote, *numbers) == outcome(real.ask_router, "quote", *numbers), numbers


def test_reserves_are_112_bits_wide(real: RealV2) -> None:
    real.hold(UINT112, UINT112)
    pool = real.pool()

    with pytest.raises(WouldRevert, match="cannot hold more") as ours:
        pool.quote_out(real.token0, 10**10)
    with pytest.raises(Reverted, match=f": {ours.value.word}$"):
        real.swap(real.token0, 10**10, 1)
