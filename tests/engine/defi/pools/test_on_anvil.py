"""The same comparisons on anvil, where it is: a second EVM, by others, says the same of our mathematics."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

from engine.adapters.practice.anvil import Anvil
from engine.adapters.practice.contracts import Contracts
from engine.adapters.practice.forks import Fork, pancakeswap, sushiswap
from engine.defi.pools.v2 import amount_in, amount_out
from tests.engine.defi.anvil_evm import AnvilEvm
from tests.engine.defi.pools.test_v2_contract import check_adding, check_amounts, check_pair, check_shares
from tests.engine.defi.pools.test_v3_contract import check_positions, check_quotes, check_swaps, check_ticks
from tests.engine.defi.v2_chain import RealV2
from tests.engine.defi.v3_chain import RealV3

pytestmark = [
    pytest.mark.integration,
    pytest.mark.soak,
    pytest.mark.skipif(shutil.which("anvil") is None, reason="anvil is not on the PATH"),
]

CASES = 5_000


@pytest.fixture
def evm() -> Iterator[AnvilEvm]:
    with Anvil() as anvil:
        yield AnvilEvm(anvil)


@pytest.mark.parametrize(("method", "ours"), [("getAmountOut", amount_out), ("getAmountIn", amount_in)])
def test_amounts_are_the_router_s(evm: AnvilEvm, method: str, ours: Callable[..., int]) -> None:
    check_amounts(RealV2(evm=evm), method, ours, CASES)


@pytest.mark.parametrize("fork", [sushiswap, pancakeswap])
def test_a_swap_sends_what_was_quoted_and_never_a_unit_more(evm: AnvilEvm, fork: Callable[[Contracts], Fork]) -> None:
    check_pair(RealV2(fork=fork, evm=evm), CASES)


@pytest.mark.parametrize("fee_to", [False, True])
def test_shares_are_minted_and_burned_as_the_pair_does(evm: AnvilEvm, fee_to: bool) -> None:
    check_shares(RealV2(fee_to, evm=evm), CASES // 2)


def test_the_router_adds_what_we_say(evm: AnvilEvm) -> None:
    check_adding(RealV2(evm=evm), CASES)


@pytest.mark.parametrize("check", [check_quotes, check_swaps, check_positions, check_ticks])
def test_v3_is_the_contracts(evm: AnvilEvm, check: Callable[[RealV3, int], None]) -> None:
    check(RealV3(evm), CASES)
