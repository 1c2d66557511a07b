"""The same comparisons on anvil, where it is: a second EVM, by others, says the same of our mathematics."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

from engine.adapters.practice.anvil import Anvil
from engine.defi.pools.v2 import amount_in, amount_out
from tests.engine.defi.anvil_evm import AnvilEvm
from tests.engine.defi.pools.test_v2_contract import check_amounts
from tests.engine.defi.pools.test_v3_contract import check_quotes
from tests.engine.defi.v2_chain import RealV2
from tests.engine.defi.v3_chain import RealV3

pytestmark = [
    pytest.mark.integration,
    pytest.mark.soak,
    pytest.mark.skipif(shutil.which("anvil") is None, reason="anvil is not on the PATH"),
]


@pytest.fixture
def evm() -> Iterator[AnvilEvm]:
    with Anvil() as anvil:
        yield AnvilEvm(anvil)


@pytest.mark.parametrize(("method", "ours"), [("getAmountOut", amount_out), ("getAmountIn", amount_in)])
def test_amounts_are_the_router_s(evm: AnvilEvm, method: str, ours: Callable[..., int]) -> None:
    check_amounts(RealV2(evm=evm), method, ours, 5_000)


def test_quotes_are_quoter_v2_s(evm: AnvilEvm) -> None:
    check_quotes(RealV3(evm), 5_000)
