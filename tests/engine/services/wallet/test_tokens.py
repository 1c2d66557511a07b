"""Which tokens there are, what strangers' tokens are called, and what an account has of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.chain import rpc
from engine.adapters.chain.client import RpcClient
from engine.adapters.chain.known import known_chains
from engine.bus import Bus
from engine.defi.address import checksummed
from engine.defi.token import NATIVE, Token
from engine.errors import ChainUnavailable, InvalidInput, StorageUnavailable
from engine.ports.clock import SystemClock
from engine.services.wallet.balances import Balances
from engine.services.wallet.events import BalancesChanged
from engine.services.wallet.strangers import plain, warning_of
from engine.services.wallet.tokenlist import read_token_list
from engine.services.wallet.tokens import Origin, TokenRegistry
from tests.engine.adapters.chain.peer import Contract, Peer, Revert

SPEC = next(each for each in known_chains() if each.chain_id == 1)
USDC = next(each for each in SPEC.tokens if each.symbol == "USDC")
OWNER = "0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D"
STRANGER = "0x00000000000000000000000000000000DeaDBeef"


def selector(signature: str) -> bytes:
    return keccak(signature.encode())[:4]


def erc20(symbol: object = "NEW", decimals: int = 6, name: str = "A token", held: int = 0) -> Contract:
    kind = "bytes32" if isinstance(symbol, bytes) else "string"
    answers = {
        selector("symbol()"): encode([kind], [symbol]),
        selector("name()"): encode(["string"], [name]),
        selector("decimals()"): encode(["uint256"], [decimals]),
        selector("balanceOf(address)"): encode(["uint256"], [held]),
    }

    def contract(data: bytes) -> bytes:
        if data[:4] not in answers:
            raise Revert
        return answers[data[:4]]

    return contract


@pytest.fixture
async def peer(no_task_left: None) -> AsyncIterator[Peer]:
    async with Peer() as each:
        yield each


@pytest.fixture
async def chain(peer: Peer) -> AsyncIterator[RpcClient]:
    client = await rpc.connect(SPEC, [peer.url], checks=False)
    yield client
    await client.close()


async def opened(folder: Path) -> TokenRegistry:
    made = TokenRegistry(folder / "tokens.json")
    await made.load()
    return made


async def test_a_contract_says_what_token_it_is_and_it_is_kept_when_asked_for(
    tmp_path: Path, peer: Peer, chain: RpcClient
) -> None:
    peer.contracts[STRANGER.lower()] = erc20()
    registry = await opened(tmp_path)

    entry = await registry.look_up(chain, SPEC, STRANGER.lower())

    assert (entry.token.symbol, entry.token.decimals, entry.token.name) == ("NEW", 6, "A token")
    assert (entry.origin, entry.warning) == (Origin.IMPORTED, "")
    assert registry.token(SPEC, STRANGER) is None
    await registry.keep(entry.token)
    again = await opened(tmp_path)
    assert again.token(SPEC, STRANGER) == entry.token
    assert again.followed(SPEC)[-1].symbol == "NEW"
    assert again.lookup(SPEC)(STRANGER) == entry.token
    await again.remove(entry.token)
    assert (await opened(tmp_path)).token(SPEC, STRANGER) is None


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        (None, "There is no contract"),
        (erc20(decimals=78), "does not say its decimals"),
        (lambda _: b"", "does not say its decimals"),
    ],
)
async def test_what_is_no_token_is_not_taken_for_one(
    tmp_path: Path, peer: Peer, chain: RpcClient, contract: Contract | None, words: str
) -> None:
    if contract is not None:
        peer.contracts[STRANGER.lower()] = contract
    registry = await opened(tmp_path)
    with pytest.raises(InvalidInput, match=words):
        await registry.look_up(chain, SPEC, STRANGER)
    with pytest.raises(InvalidInput, match="no address"):
        await registry.look_up(chain, SPEC, "0x12")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("US\u202eDC\x00\x1b[31m", "US DC [31m"),
        ("x" * 5000, "x" * 19 + "…"),
        (b"MKR".ljust(32, b"\0"), "MKR"),
        ("", "0x000000…aDBeef"),
        ("a\n\n b", "a b"),
    ],
)
async def test_a_strangers_symbol_is_bounded_plain_text(
    tmp_path: Path, peer: Peer, chain: RpcClient, told: object, shown: str
) -> None:
    peer.contracts[STRANGER.lower()] = erc20(told, name="n" * 9000)
    entry = await (await opened(tmp_path)).look_up(chain, SPEC, STRANGER)
    assert entry.token.symbol == shown
    assert len(entry.token.name) == 60


@pytest.mark.parametrize(
    ("symbol", "name", "words"),
    [
        ("USDC", "USD Coin", "calls itself USDC, as the token at 0xA0b8"),
        ("USD\u0421", "", "calls itself"),  # a Cyrillic letter
        ("usdc", "", "calls itself"),
        ("USDC\u200b", "", "calls itself"),
        ("ETH", "", "as the chain's own coin is called"),
        ("WETH", "", "calls itself WETH"),
        ("GIFT", "Visit usdc-claim.com to claim", "advertises"),
        ("t.me/free", "", "advertises"),
        ("GMX", "GMX", ""),
    ],
)
def test_symbols_that_mislead_are_told(symbol: str, name: str, words: str) -> None:
    known = (SPEC.native, SPEC.wrapped, *SPEC.tokens)
    warning = warning_of(Token(1, STRANGER, symbol, 6, name), known)
    assert words in warning
    assert bool(words) == bool(warning)
    assert warning_of(USDC, known) == ""


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.integers(1, 20))
def test_any_text_becomes_one_bounded_visible_line(text: str, most: int) -> None:
    shown = plain(text, most)
    assert len(shown) <= most
    assert all(each.isprintable() for each in shown)
    assert plain(shown, most) == shown


LIST: dict[str, Any] = {
    "name": "My list",
    "timestamp": "2026-01-01T00:00:00Z",
    "version": {"major": 1, "minor": 2, "patch": 3},
    "logoURI": "https://example.org/logo.png",
    "tokens": [
        {"chainId": 1, "address": STRANGER, "symbol": "AAA", "name": "First", "decimals": 18, "logoURI": "x"},
        {"chainId": 1, "address": USDC.address, "symbol": "XXX", "name": "Not what it is", "decimals": 2},
        {"chainId": 10, "address": OWNER, "symbol": "BBB", "name": "Second", "decimals": 0, "tags": []},
        {"chainId": 1, "address": OWNER, "symbol": "USDC", "name": "", "decimals": 6},
    ],
}


async def test_a_token_list_is_kept_and_never_speaks_over_what_is_known(tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text(json.dumps(LIST))
    registry = await opened(tmp_path)

    found = await registry.add_list(file)

    assert (found.name, found.version, found.left_out, len(found.tokens)) == ("My list", "1.2.3", 0, 4)
    again = await opened(tmp_path)
    entries = {each.token.address: each for each in again.entries(SPEC)}
    assert entries[USDC.address].token.symbol == "USDC"
    assert entries[USDC.address].origin is Origin.KNOWN
    assert (entries[STRANGER].origin, entries[STRANGER].source) == (Origin.LISTED, "My list")
    assert "calls itself USDC" in entries[OWNER].warning
    assert [each.token.symbol for each in again.find(SPEC, "aaa")] == ["AAA"]
    assert [each.token.address for each in again.find(SPEC, "usdc")][:2] == [USDC.address, OWNER]
    assert again.find(SPEC, STRANGER.lower())[0].token.symbol == "AAA"
    assert STRANGER not in {each.address for each in again.followed(SPEC)}
    await again.add_list(file)
    assert len(again.lists) == 1
    await again.remove_list("My list")
    assert (await opened(tmp_path)).lists == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"decimals": 78}, "decimals 78 is not possible"),
        ({"decimals": "18"}, "decimals '18'"),
        ({"chainId": 0}, "chainId 0"),
        ({"chainId": True}, "chainId True"),
        ({"address": "0x12"}, "is no address"),
        ({"address": 5}, "as text"),
        ({"address": "0x" + "0" * 40}, "is no token"),
        ({"symbol": "\u200b"}, "symbol is empty"),
    ],
)
def test_a_wrong_token_of_a_list_is_left_out_with_its_line(wrong: dict[str, object], words: str) -> None:
    rows = [*LIST["tokens"], LIST["tokens"][0] | {"address": checksummed("0x" + "7" * 40)} | wrong]
    text = json.dumps(LIST | {"tokens": rows}, indent=1)

    found = read_token_list(text.encode(), "list.json")

    assert (len(found.tokens), found.left_out) == (4, 1)
    line = int(found.problems[0].split()[1].rstrip(":"))
    assert words in found.problems[0]
    assert text.splitlines()[line - 1].strip() == "{"
    assert text.splitlines()[line].strip() == '"chainId": 1,' or "chainId" in wrong


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": "x"}', '{"name": 1, "tokens": []}', "[" * 9999, "\xff"])
async def test_what_is_no_list_is_refused_and_nothing_changes(tmp_path: Path, text: str) -> None:
    file = tmp_path / "list.json"
    file.write_bytes(text.encode("latin1"))
    registry = await opened(tmp_path)
    with pytest.raises(InvalidInput, match=r"list\.json"):
        await registry.add_list(file)
    with pytest.raises(InvalidInput, match="cannot be read"):
        await registry.add_list(tmp_path / "nowhere.json")
    assert registry.lists == ()


async def test_a_disk_that_refuses_changes_nothing(tmp_path: Path) -> None:
    registry = TokenRegistry(tmp_path / "file" / "tokens.json")
    await registry.load()
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable):
        await registry.keep(Token(1, STRANGER, "A", 1))
    assert registry.token(SPEC, STRANGER) is None


async def test_a_hundred_balances_are_one_request(peer: Peer, chain: RpcClient) -> None:
    tokens = [Token(1, checksummed(f"0x{n:040x}"), f"T{n}", 18) for n in range(1, 101)]
    for n, each in enumerate(tokens):
        peer.contracts[each.address.lower()] = erc20(held=n * 10**30)
    peer.contracts[tokens[7].address.lower()] = lambda _: b""
    peer.balances[OWNER.lower()] = 42
    bus, told = Bus(), list[BalancesChanged]()
    bus.subscribe(BalancesChanged, told.append)
    balances = Balances(chain, SPEC, SystemClock(), bus)
    await chain.block_number()
    peer.asked.clear()

    found = await balances.refresh(OWNER, [SPEC.native, *tokens])

    assert len(peer.asked) == 1
    assert found[SPEC.native].units == 42
    assert found[tokens[99]].units == 99 * 10**30
    held = balances.last(OWNER)
    assert held is not None
    assert (held.unread, held.block, len(held.amounts)) == ((tokens[7],), 100, 100)
    assert not told
    peer.contracts[tokens[1].address.lower()] = erc20(held=5)
    await balances.refresh(OWNER, tokens)
    assert told == [BalancesChanged(OWNER)]

    peer.always = "500"
    with pytest.raises(ChainUnavailable):
        await balances.refresh(OWNER, tokens)
    assert balances.last(OWNER) is not None


async def test_without_a_multicall_balances_are_one_batch_more(peer: Peer) -> None:
    peer.contracts[USDC.address.lower()] = erc20(held=7)
    peer.balances[OWNER.lower()] = 9
    spec = replace(SPEC, multicall="")
    client = await rpc.connect(spec, [peer.url], checks=False)

    found = await Balances(client, spec, SystemClock()).refresh(OWNER, [USDC, spec.native])

    assert {each.symbol: amount.units for each, amount in found.items()} == {"USDC": 7, "ETH": 9}
    assert spec.native.address == NATIVE
    await client.close()
