"""The client against a node on this machine, and against every fault that the node can have."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.chain import node, rpc
from engine.adapters.chain import pool as pool_module
from engine.adapters.chain.client import RpcClient
from engine.adapters.chain.endpoint import endpoint
from engine.adapters.chain.node import Node
from engine.adapters.chain.pool import Pool
from engine.defi.address import checksummed
from engine.defi.chain import ChainSpec
from engine.defi.token import NATIVE, Token
from engine.errors import ChainUnavailable, InvalidInput, NodeRefused, NotSimulated, Reverted, WrongChain
from engine.ports.chain import Call
from tests.engine.adapters.chain.peer import HUGE, MULTICALL, Peer, Revert, RpcError
from tests.engine.adapters.crs.authority import Authority

WRAPPED = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
TOKEN = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
OWNER = "0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D"
HASH = "0x" + "ab" * 32
SPEC = ChainSpec(
    chain_id=1,
    name="ethereum",
    title="Ethereum",
    native=Token(1, NATIVE, "ETH", 18),
    wrapped=Token(1, WRAPPED, "WETH", 18),
    block_s=12.0,
    confirmations=12,
    multicall=MULTICALL,
    source="a test",
)


@asynccontextmanager
async def connected(*peers: Peer, checks: bool = False, timeout_s: float = 5.0) -> AsyncIterator[RpcClient]:
    client = await rpc.connect(SPEC, [each.url for each in peers], checks=checks, timeout_s=timeout_s)
    try:
        yield client
    finally:
        await client.close()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer() as each:
        yield each


async def test_calls_of_one_turn_are_one_request(peer: Peer) -> None:
    peer.balances[OWNER.lower()] = 5
    async with connected(peer) as client:
        peer.asked.clear()

        found = await asyncio.gather(client.balance(OWNER), client.nonce(OWNER), client.block_number(), client.block())

        assert list(found[:3]) == [5, 9, 100]
        assert found[3] is not None
        assert (found[3].number, found[3].base_fee) == (100, 10**9)
        assert len(peer.asked) == 1
        assert len(peer.asked[0]) == 4


async def test_many_reads_are_one_request_and_of_one_block(peer: Peer) -> None:
    peer.contracts[TOKEN.lower()] = lambda data: data[4:]
    async with connected(peer) as client:
        peer.asked.clear()

        outcomes = await client.read([Call(TOKEN, b"abcd" + bytes([n]) * 32) for n in range(100)])

        assert [each.data[0] for each in outcomes] == list(range(100))
        assert peer.asked == [["eth_call"]]
        peer.asked.clear()
        await client.read([Call(TOKEN, b"abcd" + bytes(32))] * 900)
        assert peer.asked == [["eth_blockNumber"], ["eth_call"] * 3]


async def test_one_read_that_fails_takes_no_other_with_it(peer: Peer) -> None:
    def moody(data: bytes) -> bytes:
        if data == b"gas!":
            raise RpcError(-32000, "out of gas")
        if data == b"no!!":
            raise Revert(b"because")
        return data

    peer.contracts[TOKEN.lower()] = moody
    calls = [Call(TOKEN, each) for each in (b"aaaa", b"gas!", b"bbbb", b"no!!", b"cccc")]
    async with connected(peer) as client:
        for each in client, _without_multicall(client):
            outcomes = await each.read(calls)
            assert [(out.ok, out.data) for out in outcomes] == [
                (True, b"aaaa"),
                (False, b""),
                (True, b"bbbb"),
                (False, b"because"),
                (True, b"cccc"),
            ]


def _without_multicall(client: RpcClient) -> RpcClient:
    client.multicall = ""
    return client


@pytest.mark.parametrize("batches", ["object", "400", 1, 3])
async def test_a_node_that_takes_no_batch_or_only_small_ones_is_asked_as_it_wants(
    peer: Peer, batches: int | str
) -> None:
    peer.batches = batches
    async with connected(peer) as client:
        found = await asyncio.gather(*(client.block(n) for n in range(20)))
        assert [each.number for each in found if each] == list(range(20))
        peer.asked.clear()

        await asyncio.gather(*(client.block(n) for n in range(20)))

        most = batches if isinstance(batches, int) else 1
        assert max(map(len, peer.asked)) <= most, "it is remembered"
        assert sum(map(len, peer.asked)) == 20


@pytest.mark.parametrize("fault", ["half", "mixed", "drop", "cut", "garbage", "html", "500", "huge"])
async def test_what_a_broken_answer_leaves_open_is_asked_again(
    peer: Peer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "MOST_BYTES", HUGE)
    async with connected(peer) as client:
        peer.faults.append(fault)

        found = await asyncio.gather(*(client.block(n) for n in range(8)))

        assert [each.number for each in found if each] == list(range(8))
        assert client.health == "127.0.0.1:" + peer.url.split(":")[2].split("/")[0] + " answers."


@pytest.mark.parametrize("fault", ["drop", "garbage", "hang", "429:3000", "401", "302", "html"])
async def test_another_endpoint_stands_in_for_one_that_fails(peer: Peer, fault: str) -> None:
    wait_s = 1.0 if fault == "hang" else 5.0
    async with Peer() as second, connected(peer, second, timeout_s=wait_s) as client:
        peer.always = fault
        second.balances[OWNER.lower()] = 8

        assert await client.balance(OWNER) == 8

        assert "1 of 2 endpoints are well" in client.health
        asked = len(peer.asked)
        if fault in ("429:3000", "401", "302"):
            await client.balance(OWNER)
            assert len(peer.asked) == asked, "it is let rest"


async def test_a_node_that_asks_for_a_moment_gets_it(peer: Peer) -> None:
    async with connected(peer) as client:
        peer.faults.extend(["429:0", "429:0"])
        assert await client.block_number() == 100

        peer.always = "429:600"
        with pytest.raises(ChainUnavailable, match="slow down"):
            await client.block_number()
        asked = len(peer.asked)
        with pytest.raises(ChainUnavailable, match="slow down"):
            await client.block_number()
        assert len(peer.asked) == asked


async def test_a_limit_told_in_the_answer_counts_as_well(peer: Peer) -> None:
    slow = iter([RpcError(-32005, "daily request count exceeded, request rate limited")])

    def balance(_: list[Any]) -> str:
        for each in slow:
            raise each
        return "0x1"

    peer.answers["eth_getBalance"] = balance
    async with Peer() as second, connected(peer, second) as client:
        second.balances[OWNER.lower()] = 2
        assert await client.balance(OWNER) == 2


async def test_an_endpoint_that_hangs_holds_nobody_up(peer: Peer) -> None:
    async with Peer() as second:
        peer.always = "hang"
        async with connected(peer, second, timeout_s=30.0) as client:
            hanging, other = client._pool.nodes
            assert (hanging.health.chain_id, other.health.chain_id) == (None, 1)


async def test_an_endpoint_that_was_not_asked_for_long_is_not_called_behind(peer: Peer) -> None:
    async with Peer() as second, connected(peer, second) as client:
        await client.block_number()
        client._pool.nodes[1].health.told_at -= 3600
        peer.height = 9000

        assert await client.block_number() == 9000

        assert "2 of 2 endpoints are well" in client.health


async def test_an_endpoint_of_another_chain_is_never_used(peer: Peer) -> None:
    async with Peer(chain_id=56) as wrong:
        async with connected(wrong, peer) as client:
            assert await client.block_number() == 100
            assert "is a node of chain 56, not of Ethereum (1)" in client.health
            assert {method for each in wrong.asked for method in each} == {"eth_chainId", "eth_blockNumber"}
        with pytest.raises(WrongChain, match="chain 56"):
            await rpc.connect(SPEC, [wrong.url])


async def test_an_endpoint_that_was_away_and_comes_back_as_another_chain_is_never_used(peer: Peer) -> None:
    async with Peer(chain_id=56) as wrong:
        wrong.always = "500"
        async with connected(wrong, peer) as client:
            wrong.always = ""
            wrong.balances[OWNER.lower()] = 666
            peer.always = "500"
            with pytest.raises(ChainUnavailable):
                await client.balance(OWNER)


async def test_an_endpoint_that_is_behind_is_left_until_it_has_caught_up(peer: Peer) -> None:
    async with Peer(height=1000) as ahead, connected(peer, ahead) as client:
        await client._pool._tasks.finished()  # both have been met
        assert await client.block_number() == 1000
        assert "900 blocks behind" in client.health

        peer.height = 1001
        await client._pool._look(client._pool.nodes[0])

        assert await client.block_number() == 1001
        assert "2 of 2 endpoints are well" in client.health


async def test_the_endpoint_that_is_behind_is_used_when_no_other_is_there(peer: Peer) -> None:
    async with Peer(height=1000) as ahead, connected(peer, ahead) as client:
        await client._pool._tasks.finished()
        await ahead.stop()
        assert await client.block_number() == 100


async def test_nobody_there_is_a_sentence_without_the_key(peer: Peer) -> None:
    await peer.stop()
    url = "http://127.0.0.1:9/v3/0123456789abcdefSECRET?apikey=SECRET2"
    with pytest.raises(ChainUnavailable, match="Ethereum cannot be reached now") as failed:
        await rpc.connect(SPEC, [url])
    assert "SECRET" not in str(failed.value)
    with pytest.raises(ChainUnavailable, match="no endpoint for Ethereum"):
        await rpc.connect(SPEC)


async def test_a_key_that_a_node_repeats_is_nowhere(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = peer.url.rsplit("/", 1)[1]

    def echo(_: list[Any]) -> str:
        raise RpcError(-32000, f"project {key} is not known")

    peer.answers["eth_getBalance"] = echo
    async with connected(peer) as client:
        peer.faults.extend(["garbage", "429:0"])
        with pytest.raises(ChainUnavailable) as failed:
            await client.balance(OWNER)
        pool: Pool = client._pool
        texts = [str(failed.value), repr(client), repr(pool.nodes[0]), repr(pool.nodes[0].endpoint), client.health]
    assert "project … is not known" in texts[0]
    assert not any(key in each for each in (*texts, caplog.text))
    assert not any(str(each.__dict__).count(key) for each in caplog.records)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ""),
        ({"names": ("other.example.org",)}, "somebody else answers there"),
        ({"since": -9, "until": -2}, "has expired"),
    ],
)
async def test_a_node_proves_who_it_is_or_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], words: str
) -> None:
    authority = Authority(tmp_path)
    trusting = authority.trusting()
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
    async with Peer(tls=authority.server(**given)) as peer:
        if not words:
            async with connected(peer) as client:
                assert await client.block_number() == 100
            return
        with pytest.raises(ChainUnavailable, match=words) as failed:
            await rpc.connect(SPEC, [peer.url])
        assert "SECRET" not in str(failed.value)
        assert peer.asked == []


FAULTS = ["", "", "", "drop", "cut", "garbage", "html", "half", "mixed", "500", "429:0", "401"]


async def _is_never_wrong(seed: int, rounds: int) -> int:
    """Ask two nodes with changing faults for balances; return how often they were heard."""
    draw, heard = random.Random(seed), 0  # noqa: S311 - a test's dice
    sizes: list[int | str] = [1000, 1000, 7, 1, "object", "400"]
    async with Peer() as first, Peer() as second, connected(first, second, timeout_s=1.0) as client:
        addresses = [checksummed(f"0x{n:040x}") for n in range(1, 60)]
        for peer in (first, second):
            peer.balances = {each.lower(): n for n, each in enumerate(addresses, 1)}
        for _ in range(rounds):
            for peer in (first, second):
                peer.always, peer.batches = draw.choice(FAULTS), draw.choice(sizes)
            for each in client._pool.nodes:
                each._rest_until, each.batch = 0.0, 50
            wanted = draw.sample(list(enumerate(addresses, 1)), draw.randint(1, 59))
            calls = (client.balance(address) for _, address in wanted)
            for (units, _), found in zip(wanted, await asyncio.gather(*calls, return_exceptions=True), strict=True):
                assert found == units or isinstance(found, ChainUnavailable)
                heard += found == units
    return heard


async def test_whatever_nodes_do_an_answer_is_right_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "PATIENCE_S", 0.3)
    assert await _is_never_wrong(1, 6) > 0


@pytest.mark.soak
async def test_whatever_nodes_do_for_long_an_answer_is_right_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "PATIENCE_S", 0.3)
    assert await _is_never_wrong(2, 150) > 1000


async def test_a_contract_that_says_no_is_told_by_its_words(peer: Peer) -> None:
    def no(_: bytes) -> bytes:
        raise Revert(
            bytes.fromhex("08c379a0") + (32).to_bytes(32, "big") + (2).to_bytes(32, "big") + b"no".ljust(32, b"\0")
        )

    peer.contracts[TOKEN.lower()] = no
    async with connected(peer) as client:
        with pytest.raises(Reverted) as failed:
            await client.call(Call(TOKEN, b"1234"))
        assert (failed.value.reason, len(failed.value.data)) == ("no", 100)
        with pytest.raises(Reverted, match=r"^no$"):
            await client.estimate_gas(Call(TOKEN, b"1234"))


async def test_a_block_that_the_node_does_not_have_yet_is_asked_of_another(peer: Peer) -> None:
    async with Peer(height=102) as ahead, connected(peer, ahead) as client:
        for each in (peer, ahead):
            each.contracts[TOKEN.lower()] = lambda _: b"here"
        assert await client.call(Call(TOKEN, b"1234"), 102) == b"here"


async def test_sending_the_same_again_is_no_mistake(peer: Peer) -> None:
    raw = b"signed"
    hash_ = "0x7eab1a8a0b1a0c1ba3fb4eb5a4b52c5b3a2a5b04d2b9c40c0b3d4ccf4cbf3d6f"

    def known(_: list[Any]) -> str:
        raise RpcError(-32000, "already known")

    def used(_: list[Any]) -> str:
        raise RpcError(-32000, "nonce too low: next nonce 5, tx nonce 4")

    async with connected(peer) as client:
        peer.answers["eth_sendRawTransaction"] = known
        own = await client.send_raw(raw)
        assert own != hash_
        peer.answers["eth_sendRawTransaction"] = used
        with pytest.raises(NodeRefused) as failed:
            await client.send_raw(raw)
        assert (failed.value.word, failed.value.code) == ("nonce-too-low", -32000)

        peer.transactions[own] = {
            "hash": own, "from": OWNER, "to": None, "nonce": "0x4", "value": "0x0", "input": "0x",
            "blockNumber": None, "blockHash": None,
        }  # fmt: skip
        assert await client.send_raw(raw) == own, "it had arrived before"
        found = await client.transaction(own)
        assert found is not None
        assert (found.nonce, found.block, found.to) == (4, None, None)
        peer.transactions[HASH] = peer.transactions[own]
        with pytest.raises(ChainUnavailable, match="another transaction"):
            await client.transaction(HASH)


async def test_a_transaction_whose_answer_is_lost_is_sent_by_the_other_endpoint(peer: Peer) -> None:
    async with Peer() as second, connected(peer, second) as client:
        taken: list[str] = []

        def take(params: list[Any]) -> str:
            if params[0] in taken:
                raise RpcError(-32000, "already known")
            taken.append(params[0])
            return HASH

        for each in (peer, second):
            each.answers["eth_sendRawTransaction"] = take
        peer.always = "cut"
        assert (await client.send_raw(b"signed")).startswith("0x")
        assert len(taken) == 1


def line(block: int, index: int) -> dict[str, Any]:
    return {
        "address": TOKEN, "topics": [HASH], "data": "0x01", "blockNumber": hex(block), "transactionHash": HASH,
        "logIndex": hex(index), "removed": False,
    }  # fmt: skip


@pytest.mark.parametrize("widest", [None, 1, 7, 1000])
async def test_logs_of_a_long_span_come_whole_and_in_order(peer: Peer, widest: int | None) -> None:
    peer.widest = widest
    peer.logs = [line(block, index) for block in range(0, 90, 3) for index in (1, 0)]
    peer.logs.append(line(50, 9) | {"removed": True})
    async with connected(peer) as client:
        found = await client.logs([TOKEN], [None, b"\1" * 32, [b"\2" * 32]], 10, "latest")

        assert [(each.block, each.index) for each in found] == [(b, i) for b in range(12, 90, 3) for i in (0, 1)]
        peer.asked.clear()
        await client.logs([TOKEN], [], 0, 20)
        if widest == 7:
            assert sum(map(len, peer.asked)) <= 6, "it is remembered how much the node takes"


@pytest.mark.parametrize(
    ("message", "code", "most"),
    [
        ("exceed maximum block range: 50", -32000, 50),
        ("query returned more than 10000 results", -32005, None),
        ("eth_getLogs is limited to a 40 range", -32614, 40),
        ("Log response size exceeded. this block range should work: [0x0, 0x10]", -32602, None),
    ],
)
async def test_a_node_names_how_long_a_span_may_be(peer: Peer, message: str, code: int, most: int | None) -> None:
    widths: list[int] = []

    def logs(params: list[Any]) -> list[Any]:
        width = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
        widths.append(width)
        if width > (most or 30):
            raise RpcError(code, message)
        return []

    peer.answers["eth_getLogs"] = logs
    async with connected(peer) as client:
        assert await client.logs([], [], 0, 99) == []
        assert len(widths) < 30
        if most:
            assert max(widths[1:]) == most


async def test_a_node_that_simulates_and_one_that_cannot(peer: Peer) -> None:
    calls = [Call(TOKEN, b"1234", value=3, sender=OWNER)]
    async with connected(peer) as client:
        with pytest.raises(NotSimulated, match="eth_simulateV1"):
            await client.simulate(calls)
        asked = len(peer.asked)
        with pytest.raises(NotSimulated):
            await client.simulate(calls)
        assert len(peer.asked) == asked, "it is known that it cannot"

        async with Peer() as second:
            seen: list[Any] = []

            def simulate(params: list[Any]) -> list[Any]:
                seen.append(params)
                error = {"code": -32000, "message": "insufficient funds for gas"}
                call = {"status": "0x0", "returnData": "0x", "gasUsed": "0x5208", "logs": [line(1, 0)], "error": error}
                return [{"calls": [call]}]

            second.answers["eth_simulateV1"] = simulate
            async with connected(peer, second) as both:
                (found,) = await both.simulate(calls)
            assert (found.ok, found.gas_used, len(found.logs)) == (False, 21_000, 1)
            assert "does not have enough" in found.reason
            wanted = {"data": "0x31323334", "to": TOKEN, "from": OWNER, "value": "0x3"}
            assert seen[0][0]["blockStateCalls"] == [{"calls": [wanted]}]


@pytest.mark.parametrize("answer", [None, "0x", "x", 5, "0x" + "f" * 80, [], {"number": "0x1"}])
async def test_an_answer_of_the_wrong_shape_is_not_believed(peer: Peer, answer: object) -> None:
    for method in ("eth_getBalance", "eth_getCode", "eth_feeHistory", "eth_getLogs", "eth_getTransactionByHash"):
        peer.answers[method] = lambda _: answer
    async with connected(peer) as client:
        with pytest.raises(ChainUnavailable):
            await client.balance(OWNER)
        with pytest.raises(ChainUnavailable):
            await client.fee_history(4, [50])
        if answer != []:
            with pytest.raises(ChainUnavailable):
                await client.logs([], [], 0, 1)


async def test_fees_of_recent_blocks(peer: Peer) -> None:
    peer.answers["eth_feeHistory"] = lambda params: {
        "oldestBlock": "0x1", "baseFeePerGas": ["0xa", "0xb", "0xc"], "gasUsedRatio": [0.5, 1],
        "reward": [["0x1"], ["0x2"]],
    }  # fmt: skip
    async with connected(peer) as client:
        found = await client.fee_history(2, [50.0])
    assert (found.base_fees, found.used, found.rewards) == ((10, 11, 12), (0.5, 1.0), ((1,), (2,)))


async def test_a_closed_client_says_so_and_leaves_nothing_behind(peer: Peer) -> None:
    async with connected(peer) as client:
        peer.always = "hang"
        waiting = asyncio.ensure_future(client.block_number())
        await asyncio.sleep(0.05)
        await client.close()
        with pytest.raises(ChainUnavailable, match="was ended"):
            await waiting
        with pytest.raises(ChainUnavailable, match="not connected any more"):
            await client.block_number()


async def test_a_bug_reaches_whoever_asked(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(peer) as client:
        told: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        monkeypatch.setattr(pool_module.Pool, "usable", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await client.block_number()
        await asyncio.sleep(0)
        assert [type(each) for each in told] == [ZeroDivisionError]
        monkeypatch.undo()


async def test_a_caller_that_gives_up_leaves_the_others_theirs(peer: Peer) -> None:
    async with connected(peer) as client:
        first = asyncio.ensure_future(client.block_number())
        second = asyncio.ensure_future(client.balance(OWNER))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == 0


async def test_the_own_pace_is_kept(peer: Peer) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    clock = [0.0]
    async with connected(peer) as client:
        asked: Node = client._pool.nodes[0]
        asked.pace = type(asked.pace)(10, 10, lambda: clock[0], sleep)
        for _ in range(4):
            await asyncio.gather(*(client.block(n) for n in range(10)))
    assert sum(slept) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("http://node.example.org/key", "would let others"),
        ("wss://node.example.org/key", "https://"),
        ("ftp://node.example.org/", "is no way to a node"),
        ("https://", "is no address"),
        ("https://no de.org/", "is no address"),
        ("https://node.example.org:99999/", "is no address"),
        ("", "is no address"),
    ],
)
def test_an_address_that_is_none_or_unsafe_is_refused_without_its_key(typed: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as failed:
        endpoint(typed)
    assert "key" not in str(failed.value)


def test_what_may_be_shown_of_an_address() -> None:
    made = endpoint("https://user:passw0rd@node.example.org:8443/v2/AbCdEfGh123?token=tttt5555", 5)

    assert (made.host, made.per_s) == ("node.example.org:8443", 5)
    assert made.hide("AbCdEfGh123 passw0rd tttt5555 at node.example.org") == "… … … at node.example.org"
    assert "AbCd" not in repr(made)
    assert endpoint("127.0.0.1:8545").url == "http://127.0.0.1:8545"
    assert endpoint("node.example.org").url == "https://node.example.org"
