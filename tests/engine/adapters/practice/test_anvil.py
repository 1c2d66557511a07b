"""Where anvil is, it is given the very same chain: an independent EVM agrees with what is deployed, and where."""

from __future__ import annotations

import shutil

import pytest

from engine.adapters.practice.anvil import Anvil
from engine.adapters.practice.contracts import Contracts
from engine.defi.abi import encode
from engine.errors import Unavailable
from tests.practice import Node


def test_without_anvil_a_sentence_says_so() -> None:
    with pytest.raises(Unavailable, match="no such-program-there on this machine"):
        Anvil("such-program-there")


@pytest.mark.skipif(shutil.which("anvil") is None, reason="anvil is not on the PATH")
@pytest.mark.integration
def test_anvil_has_the_same_contracts_at_the_same_addresses_with_the_same_pools(
    practice: Node, contracts: Contracts
) -> None:
    with Anvil() as anvil:
        deployed = anvil.deploy(contracts)

        assert deployed == practice.manifest
        for pool in deployed.pools:
            data = "0x" + encode("slot0()" if pool.fee else "getReserves()").hex()
            asked = [{"to": pool.address, "data": data}, "latest"]
            ours, theirs = practice.rpc("eth_call", *asked), anvil.wire("eth_call", asked)
            assert theirs[2 : 2 + 128] == ours[2 : 2 + 128]
            assert anvil.wire("eth_getCode", [pool.address, "latest"]) == practice.rpc("eth_getCode", pool.address)
