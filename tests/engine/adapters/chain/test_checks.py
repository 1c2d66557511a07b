"""Contracts that are what they were given out to be, and those that are not: on a peer and on the practice chain."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from engine.adapters.chain import rpc
from engine.adapters.chain.known import known_chains
from engine.adapters.practice.spec import chain_spec
from engine.defi.chain import ChainSpec, DexKind
from engine.defi.token import NATIVE, Token
from engine.errors import WrongChain
from tests.engine.adapters.chain.peer import Peer, Revert
from tests.practice import Node

ETHEREUM = next(each for each in known_chains() if each.chain_id == 1)
PAIR = "0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc"
USDC, WETH = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", ETHEREUM.wrapped.address


def answering(answers: dict[str, bytes]) -> Callable[[bytes], bytes]:
    """A contract that answers these functions and reverts at all others."""
    by_selector = {keccak(name.encode())[:4]: answer for name, answer in answers.items()}

    def contract(data: bytes) -> bytes:
        if data[:4] not in by_selector:
            raise Revert
        return by_selector[data[:4]]

    return contract


def word(value: int | str) -> bytes:
    return encode(["address" if isinstance(value, str) else "uint256"], [value])


def furnish(peer: Peer, spec: ChainSpec) -> None:
    """Put on a peer what a chain is said to have."""
    for token in spec.tokens:
        peer.contracts[token.address.lower()] = answering({"decimals()": word(token.decimals)})
    for farm in spec.farms:
        peer.contracts[farm.address.lower()] = answering({"poolLength()": word(3)})
    for dex in spec.dexes:
        coin = "WETH()" if dex.kind is DexKind.V2 else "WETH9()"
        peer.contracts[dex.factory.lower()] = answering(
            {"allPairs(uint256)": word(PAIR)} if dex.name == "uniswap-v2" else {}
        )
        for each in filter(None, (dex.router, dex.quoter, dex.position_manager)):
            peer.contracts[each.lower()] = answering({"factory()": word(dex.factory), coin: word(spec.wrapped.address)})
    peer.contracts[PAIR.lower()] = answering({"token0()": word(USDC), "token1()": word(WETH)})


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer() as each:
        furnish(each, ETHEREUM)
        yield each


async def test_a_chain_that_is_as_it_should_be_is_taken_whole_in_few_requests(peer: Peer) -> None:
    client = await rpc.connect(ETHEREUM, [peer.url])

    assert client.refused == {}
    assert client.spec == ETHEREUM
    assert len(peer.asked) <= 5
    await client.close()


@pytest.mark.parametrize(
    ("spoil", "name", "words"),
    [
        (lambda p: p.contracts.pop(ETHEREUM.dexes[0].router.lower()), "uniswap-v2", "no contract at 0x7a250d56"),
        (
            lambda p: p.contracts.update(
                {ETHEREUM.dexes[0].router.lower(): answering({"factory()": word(PAIR), "WETH()": word(WETH)})}
            ),
            "uniswap-v2",
            f"says that its factory\\(\\) is {PAIR}",
        ),
        (
            lambda p: p.contracts.update(
                {ETHEREUM.dexes[1].quoter.lower(): answering({"factory()": word(ETHEREUM.dexes[1].factory)})}
            ),
            "uniswap-v3",
            r"quoter at .* does not answer WETH9\(\)",
        ),
        (lambda p: p.contracts.update({PAIR.lower(): answering({"token0()": word(USDC), "token1()": word(PAIR)})}),
         "uniswap-v2", "init code hash"),
        (lambda p: p.contracts.update({USDC.lower(): answering({"decimals()": word(18)})}), USDC, "is 18; 6 was exp"),
        (lambda p: p.contracts.update({USDC.lower(): answering({})}), USDC, "does not answer"),
        (lambda p: p.contracts.pop(ETHEREUM.farms[0].address.lower()), "sushi-masterchef", "no contract"),
    ],
)  # fmt: skip
async def test_what_is_not_as_it_should_be_is_left_out_with_a_sentence(
    peer: Peer, spoil: Callable[[Peer], object], name: str, words: str
) -> None:
    spoil(peer)

    client = await rpc.connect(ETHEREUM, [peer.url])

    assert set(client.refused) == {name}
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(client.refused[name])
    assert client.spec.dex(name) is None
    assert USDC in client.spec.stables or name == USDC
    kept = [dex.name for dex in client.spec.dexes]
    assert len(kept) == len(ETHEREUM.dexes) - (name in {dex.name for dex in ETHEREUM.dexes})
    await client.close()


async def test_a_chain_without_its_own_coin_as_a_token_is_refused(peer: Peer) -> None:
    del peer.contracts[WETH.lower()]
    with pytest.raises(WrongChain, match="not the chain that it was given out to be"):
        await rpc.connect(ETHEREUM, [peer.url])


async def test_without_a_multicall_the_checks_are_few_batches(peer: Peer) -> None:
    del peer.contracts[ETHEREUM.multicall.lower()]

    client = await rpc.connect(ETHEREUM, [peer.url])

    assert (client.refused, client.multicall, client.spec.multicall) == ({}, "", "")
    assert len(peer.asked) <= 10
    await client.close()


async def test_the_practice_chain_is_as_its_manifest_says(practice: Node) -> None:
    spec = chain_spec(practice.manifest, practice.url)

    client = await rpc.connect(spec)

    assert client.refused == {}
    assert client.spec == spec
    await client.close()
    swapped = replace(spec.dexes[0], factory=spec.dexes[1].factory)
    client = await rpc.connect(replace(spec, dexes=(swapped, *spec.dexes[1:])))
    assert set(client.refused) == {swapped.name}
    await client.close()


async def test_a_chain_of_the_users_without_exchanges_is_taken(peer: Peer) -> None:
    spec = replace(
        ETHEREUM, name="mine", dexes=(), farms=(), tokens=(), stables=(), native=Token(1, NATIVE, "X", 18), multicall=""
    )
    client = await rpc.connect(spec, [peer.url])
    assert client.refused == {}
    await client.close()
