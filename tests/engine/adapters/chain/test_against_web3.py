"""Our client and web3.py ask the same practice chain: they must hear the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from web3 import HTTPProvider, Web3

from engine.adapters.chain import rpc
from engine.adapters.chain.client import RpcClient
from engine.adapters.practice.contracts import find
from engine.adapters.practice.spec import chain_spec
from engine.defi import abi
from engine.errors import NodeRefused, Reverted
from engine.ports.chain import Call
from tests.engine.defi.test_abi import calls
from tests.practice import Node

TRADER = Account.from_key("0x" + "a1" * 32)
OTHER = "0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D"
ETHER = 10**18


@pytest.fixture
def web3(practice: Node) -> Web3:
    practice.give(TRADER.address, 100 * ETHER)
    return Web3(HTTPProvider(practice.url))


@pytest.fixture
async def client(practice: Node, no_task_left: None) -> AsyncIterator[RpcClient]:
    made = await rpc.connect(chain_spec(practice.manifest, practice.url), checks=False)
    yield made
    await made.close()


def described(part: abi.Parameter) -> dict[str, object]:
    """A parameter as contracts' JSON describes it."""
    if not part.parts:
        return {"name": part.name, "type": part.type}
    suffix = part.type[part.type.rindex(")") + 1 :]
    return {"name": part.name, "type": f"tuple{suffix}", "components": [described(each) for each in part.parts]}


@settings(max_examples=40, deadline=None)
@given(calls)
def test_calls_and_answers_are_coded_the_same(call: tuple[str, tuple[object, ...]]) -> None:
    listed, args = call
    inputs = [described(each) for each in abi.parsed(f"f{listed}").parameters]
    row = {"type": "function", "name": "f", "stateMutability": "view", "inputs": inputs, "outputs": inputs}
    contract = Web3().eth.contract(abi=[row])

    data = abi.encode(f"f{listed}", *args)

    assert data == bytes.fromhex(contract.encode_abi("f", args=args)[2:])
    assert lowered(abi.decode(listed, data[4:])) == lowered(Web3().codec.decode(abi.parsed(listed).types, data[4:]))


def lowered(value: object) -> object:
    """A value without the case of addresses, which is their checksum here."""
    if isinstance(value, tuple):
        return tuple(lowered(each) for each in value)
    return value.lower() if isinstance(value, str) else value


def signed(web3: Web3, **fields: object) -> bytes:
    whole: dict[str, object] = {
        "chainId": web3.eth.chain_id,
        "nonce": web3.eth.get_transaction_count(TRADER.address, "pending"),
        "to": OTHER,
        "value": 0,
        "gas": 200_000,
        "maxFeePerGas": 3 * 10**9,
        "maxPriorityFeePerGas": 10**9,
        "data": b"",
    } | fields
    return bytes(TRADER.sign_transaction(whole).raw_transaction)


async def test_blocks_accounts_and_fees_are_the_same(practice: Node, web3: Web3, client: RpcClient) -> None:
    await client.send_raw(signed(web3, value=3))
    head, theirs = await client.block(), web3.eth.get_block("latest")
    fees = await client.fee_history(5, [10, 50])
    their_fees: Any = web3.eth.fee_history(5, "latest", [10, 50])
    balance, nonce, code, number = await asyncio.gather(
        client.balance(TRADER.address),
        client.nonce(TRADER.address),
        client.code(practice.manifest.token("USDT")),
        client.block_number(),
    )

    assert head is not None
    assert (head.number, head.at, head.gas_used) == (theirs["number"], theirs["timestamp"], theirs["gasUsed"])
    assert (bytes.fromhex(head.hash[2:]), head.base_fee) == (bytes(theirs["hash"]), theirs["baseFeePerGas"])
    assert balance == web3.eth.get_balance(TRADER.address)
    assert nonce == web3.eth.get_transaction_count(TRADER.address) == 1
    assert code == bytes(web3.eth.get_code(Web3.to_checksum_address(practice.manifest.token("USDT"))))
    assert number == web3.eth.block_number
    assert list(fees.base_fees) == their_fees["baseFeePerGas"]
    assert list(map(list, fees.rewards)) == their_fees["reward"]
    assert await client.block(number + 1) is None


async def test_calls_logs_and_receipts_are_the_same(practice: Node, web3: Web3, client: RpcClient) -> None:
    manifest = practice.manifest
    dex, weth, usdt = manifest.exchange("uniswap-v2"), manifest.token("WETH"), manifest.token("USDT")
    router = web3.eth.contract(
        address=Web3.to_checksum_address(dex.router), abi=find().artifact("sushi/UniswapV2Router02").abi
    )
    path = [Web3.to_checksum_address(weth), Web3.to_checksum_address(usdt)]
    swap = "swapExactETHForTokens(uint256,address[],address,uint256)"
    data = abi.encode(swap, 1, path, TRADER.address, 2**40)

    quoted = await client.call(Call(dex.router, abi.encode("getAmountsOut(uint256,address[])", ETHER, path)))
    assert list(abi.decode("(uint256[])", quoted)[0]) == router.functions.getAmountsOut(ETHER, path).call()
    assert data == bytes.fromhex(router.encode_abi("swapExactETHForTokens", args=[1, path, TRADER.address, 2**40])[2:])
    assert await client.estimate_gas(Call(dex.router, data, ETHER, TRADER.address)) > 21_000

    (before,) = await client.simulate([Call(dex.router, data, ETHER, TRADER.address)])
    sent = await client.send_raw(signed(web3, to=dex.router, value=ETHER, data=data))
    receipt, theirs = await client.receipt(sent), web3.eth.get_transaction_receipt(sent)  # type: ignore[arg-type]
    seen = await client.transaction(sent)

    assert receipt is not None
    assert (receipt.ok, receipt.gas_used, receipt.block) == (True, theirs["gasUsed"], theirs["blockNumber"])
    assert receipt.gas_price == theirs["effectiveGasPrice"]
    logs = await client.logs([usdt], [abi.topic("Transfer(address,address,uint256)")], receipt.block, "latest")
    assert [(bytes.fromhex(each.transaction[2:]), each.data) for each in logs] == [
        (bytes(each["transactionHash"]), bytes(each["data"])) for each in theirs["logs"] if each["address"] == usdt
    ]
    assert abi.decode_log("Transfer(address,address,uint256)", logs[0])["to"] == TRADER.address
    assert before.ok
    assert [(each.address, each.data) for each in before.logs if each.address == usdt] == [
        (each.address, each.data) for each in logs
    ]
    assert seen is not None
    assert (seen.sender, seen.data, seen.value, seen.block) == (TRADER.address, data, ETHER, receipt.block)
    assert await client.send_raw(signed(web3, to=dex.router, value=ETHER, data=data, nonce=0)) == sent, "again"


async def test_what_the_chain_refuses_has_its_words(practice: Node, web3: Web3, client: RpcClient) -> None:
    router = practice.manifest.exchange("uniswap-v2").router
    path = [practice.manifest.token("WETH"), practice.manifest.token("USDT")]
    late = abi.encode("swapExactETHForTokens(uint256,address[],address,uint256)", 1, path, TRADER.address, 1)
    call = Call(router, late, ETHER, TRADER.address)

    with pytest.raises(Reverted, match="EXPIRED"):
        await client.call(call)
    with pytest.raises(Reverted, match="EXPIRED"):
        await client.estimate_gas(call)
    (simulated,) = await client.simulate([call])
    assert not simulated.ok
    assert "EXPIRED" in simulated.reason
    await client.send_raw(signed(web3))
    for word, fields in {
        "nonce-too-low": {"nonce": 0, "value": 1},
        "insufficient-funds": {"value": 10**30},
        "gas-too-low": {"gas": 20_000},
        "wrong-chain": {"chainId": 5},
    }.items():
        with pytest.raises(NodeRefused) as failed:
            await client.send_raw(signed(web3, **fields))
        assert failed.value.word == word, failed.value
