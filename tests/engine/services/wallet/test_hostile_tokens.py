"""Tokens of strangers: what they call themselves misleads nobody before a signature, and there are never too many."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import msgspec
import pytest

from engine.defi import abi
from engine.defi.address import checksummed, short
from engine.defi.chain import ChainSpec
from engine.defi.effects import TRANSFER, event
from engine.defi.intent import Intent
from engine.defi.intents import send
from engine.defi.token import NATIVE, Token
from engine.errors import InvalidInput
from engine.ports.chain import Call, ChainClient, Log, Outcome, Simulated
from engine.services.wallet.preparing import imitations
from engine.services.wallet.simulation import MOST_CHANGES, Simulator
from engine.services.wallet.tokenlist import MOST_BYTES
from engine.services.wallet.tokennames import TokenNames
from engine.services.wallet.tokens import TokenRegistry

ME, YOU, FAKE, REAL, WETH = (checksummed("0x" + digit * 40) for digit in "12345")
ETH = Token(1, NATIVE, "ETH", 18)
USDC = Token(1, REAL, "USDC", 6)
SPEC = ChainSpec(1, "ethereum", "Ethereum", ETH, Token(1, WETH, "WETH", 18), 12, 12, "", "tests", tokens=(USDC,))


class Chain:
    """Contracts that all call themselves the same, and a simulation in which many of them move."""

    def __init__(self, symbol: bytes, tokens: int = 1) -> None:
        self._symbol, self._tokens = symbol, tokens

    async def code(self, address: str) -> bytes:
        return b"code"

    async def read(self, calls: Sequence[Call], tag: object = "latest") -> list[Outcome]:
        six = (6).to_bytes(32, "big")
        return [Outcome(True, self._symbol if each.data == abi.encode("symbol()") else six) for each in calls]

    async def simulate(self, calls: Sequence[Call]) -> list[Simulated]:
        topics = (event(TRANSFER), bytes(12) + bytes.fromhex(YOU[2:]), bytes(12) + bytes.fromhex(ME[2:]))
        addresses = (checksummed(f"0x{at:040x}") for at in range(1000, 1000 + self._tokens))
        logs = tuple(Log(each, topics, (10**9).to_bytes(32, "big")) for each in addresses)
        return [Simulated(True, bytes(32), 21_000, logs) for _ in calls]


def client(symbol: str = "", tokens: int = 1) -> ChainClient:
    return cast(ChainClient, Chain(abi.encode_args("f(string)", symbol), tokens))


@pytest.mark.parametrize("symbol", ["USDC", "usdc", "U\u0405DC", "US\u200bDC", "ETH", "WETH", "\u202eETH"])
async def test_a_stranger_that_is_called_as_a_known_token_is_shown_by_its_address(symbol: str) -> None:
    names = TokenNames(client(symbol), SPEC)
    found = await names.named([FAKE, REAL])

    assert found[FAKE].symbol == short(FAKE)
    assert found[REAL].symbol == "USDC"


async def test_a_stranger_with_a_name_of_its_own_keeps_it_as_plain_text() -> None:
    names = TokenNames(client("<b>PEPE\u202e\x1b[2J"), SPEC)
    assert (await names.named([FAKE]))[FAKE].symbol == "<b>PEPE [2J"


@pytest.mark.parametrize("symbol", ["USDC", "U\u0405DC", "ETH"])
def test_an_intent_for_a_token_that_borrows_a_name_says_so(symbol: str) -> None:
    (told,) = imitations(send(SPEC, ME, YOU, Token(1, FAKE, symbol, 6).of("5")), SPEC)

    assert FAKE in told
    assert not imitations(send(SPEC, ME, YOU, USDC.of("5")), SPEC)
    assert not imitations(send(SPEC, ME, YOU, ETH.of("5")), SPEC)


@pytest.mark.parametrize(("tokens", "is_shown"), [(MOST_CHANGES - 1, True), (5_000, False)])
async def test_what_moves_more_tokens_than_anybody_reads_is_not_asked_for_one_by_one(
    tokens: int, is_shown: bool
) -> None:
    chain = client("PEPE", tokens)
    intent: Intent = send(SPEC, ME, YOU, ETH.of("1"))
    (seen,) = await Simulator(chain, SPEC, TokenNames(chain, SPEC)).run([intent], (), 7)

    assert seen.simulation.ok is is_shown
    if not is_shown:
        assert "tokens" in seen.simulation.reason
        assert seen.simulation.block == 0


async def test_a_list_without_end_is_refused_and_never_held(tmp_path: Path) -> None:
    registry, long = TokenRegistry(tmp_path / "tokens.json"), tmp_path / "long.json"
    with long.open("wb") as file:
        file.truncate(2**33)
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="too long"):
        await registry.add_list(long)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 4 * MOST_BYTES
    if not hasattr(os, "mkfifo"):
        return
    os.mkfifo(pipe := tmp_path / "pipe.json")
    with pytest.raises(InvalidInput, match="is no file"):
        await registry.add_list(pipe)


async def test_a_list_that_lies_about_decimals_changes_no_figure(tmp_path: Path) -> None:
    registry, lying = TokenRegistry(tmp_path / "tokens.json"), tmp_path / "lying.json"
    row = {"chainId": 1, "address": FAKE, "symbol": "PYUSD", "name": "PayPal USD", "decimals": 8}
    lying.write_bytes(msgspec.json.encode({"name": "Lies", "tokens": [row], "version": {}}))
    await registry.add_list(lying)
    chain = client("PYUSD")

    found = await registry.look_up(chain, SPEC, FAKE)
    assert found.token.of("100").units == 100 * 10**6
    names = TokenNames(chain, SPEC, registry.lookup(SPEC))
    assert (await names.named([FAKE]))[FAKE].decimals == 6
