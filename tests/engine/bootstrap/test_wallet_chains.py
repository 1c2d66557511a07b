"""The open wallet on a public chain, as a node on this machine plays it: endpoints, checks, balances."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.adapters.secrets.memory import MemorySecrets
from engine.bootstrap.wallet import WalletEngine, open_wallet
from engine.errors import ChainUnavailable, InvalidInput, WrongChain
from engine.profile import Profile
from tests.engine.adapters.chain.peer import Peer
from tests.engine.adapters.chain.test_checks import ETHEREUM, answering, furnish, word

OWNER = "0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D"
USDC = next(each for each in ETHEREUM.tokens if each.symbol == "USDC")


@pytest.fixture
async def wallet(tmp_path: Path, no_task_left: None) -> AsyncIterator[WalletEngine]:
    opened = await open_wallet(Profile(tmp_path), MemorySecrets())
    yield opened
    await opened.close()


async def test_no_chain_is_asked_before_a_node_is_named(wallet: WalletEngine) -> None:
    assert [each.name for each in wallet.chains.specs][:2] == ["ethereum", "arbitrum"]
    with pytest.raises(ChainUnavailable, match="no endpoint for Ethereum yet"):
        await wallet.go_to("ethereum")
    with pytest.raises(InvalidInput, match="no chain 'mars'"):
        await wallet.go_to("mars")
    assert wallet.desk is None


async def test_a_node_of_another_chain_is_refused_and_the_chain_in_use_stays(wallet: WalletEngine) -> None:
    async with Peer() as good, Peer(chain_id=56) as other:
        furnish(good, ETHEREUM)
        await wallet.chains.add_endpoint("ethereum", good.url)
        await wallet.chains.add_endpoint("base", other.url)
        desk = await wallet.go_to("ethereum")

        with pytest.raises(WrongChain, match="chain 56, not of Base"):
            await wallet.go_to("base")

        assert wallet.desk is desk
        assert await desk.client.block_number() == 100
        await wallet.close()


async def test_balances_are_read_where_the_contracts_are_as_they_should_be(wallet: WalletEngine) -> None:
    async with Peer() as peer:
        furnish(peer, ETHEREUM)
        peer.contracts[USDC.address.lower()] = answering({"decimals()": word(6), "balanceOf(address)": word(7_500_000)})
        peer.balances[OWNER.lower()] = 3
        del peer.contracts[ETHEREUM.dexes[1].router.lower()]
        await wallet.chains.add_endpoint("ethereum", peer.url)

        desk = await wallet.go_to("ethereum")
        view = await desk.portfolio.read(OWNER)

        assert "uniswap-v3" in desk.client.refused
        assert desk.spec.dex("uniswap-v3") is None
        assert [str(each.amount) for each in view.rows if each.amount.units] == [
            "0.000000000000000003 ETH",
            "7.5 USDC",
        ]
        assert view.total == 7.5
        assert "SECRET" not in (desk.client.health + repr(desk.client))
        await wallet.close()
