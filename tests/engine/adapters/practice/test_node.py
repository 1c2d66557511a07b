"""The practice chain speaks Ethereum's JSON-RPC as a node does: what a wallet relies on, and what it must refuse."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from eth_typing import HexStr

from engine.defi.abi import encode
from tests.engine.adapters.practice.person import CHAIN_ID, FOREVER, GWEI, Person
from tests.practice import Node, Refused

SWAP = "swapExactETHForTokens(uint256,address[],address,uint256)"
OTHER = "0x" + "22" * 20


@pytest.fixture
def person(practice: Node) -> Person:
    return Person(practice)


def swap_of(person: Person, least: int = 1, deadline: int = FOREVER) -> dict[str, str]:
    node = person.node
    path = [node.manifest.token("WETH"), node.manifest.token("USDT")]
    router = node.manifest.exchange("uniswap-v2").router
    return person.request(router, SWAP, least, path, person.address, deadline, value=10**18)


def test_web3_reads_blocks_fees_and_receipts(person: Person) -> None:
    from web3 import HTTPProvider, Web3

    web3 = Web3(HTTPProvider(person.node.url))
    hash_ = person.send(OTHER, value=123)

    block = web3.eth.get_block("latest", full_transactions=True)
    receipt = web3.eth.get_transaction_receipt(HexStr(hash_))
    history = web3.eth.fee_history(4, "latest", [10, 50, 90])
    assert (web3.eth.chain_id, web3.net.version, web3.is_connected()) == (CHAIN_ID, str(CHAIN_ID), True)
    transaction: Any = block["transactions"][0]
    assert transaction["hash"].hex() == receipt["transactionHash"].hex() == hash_[2:]
    assert web3.eth.get_block(block["hash"])["number"] == block["number"] == web3.eth.block_number
    assert (receipt["gasUsed"], receipt["effectiveGasPrice"]) == (21_000, block["baseFeePerGas"] + GWEI)
    assert (len(history["baseFeePerGas"]), len(history["reward"]), history["reward"][-1]) == (5, 4, [GWEI] * 3)
    assert web3.eth.get_balance(Web3.to_checksum_address(OTHER)) == 123


def test_a_batch_answers_each_request_by_its_number(practice: Node) -> None:
    asked = [{"jsonrpc": "2.0", "id": n, "method": m, "params": []} for n, m in enumerate(["eth_chainId", "eth_nope"])]

    told = {
        each["id"]: each
        for each in httpx.post(practice.url, json=[*asked, {"jsonrpc": "2.0", "method": "eth_chainId"}]).json()
    }

    assert told[0]["result"] == hex(CHAIN_ID)
    assert told[1]["error"]["code"] == -32601
    assert len(told) == 2


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"path": "/guessed"}, 404),
        ({"headers": {"Host": "evil.example"}}, 421),
        ({"headers": {"Content-Type": "text/plain"}}, 415),
        ({"content": b" " * 2_000_001}, 413),
    ],
)
def test_the_door_opens_only_to_who_was_given_the_address(practice: Node, changes: dict[str, Any], status: int) -> None:
    url = httpx.URL(practice.url).copy_with(path=changes.pop("path", httpx.URL(practice.url).path))
    asked = {"content": b"{}", "headers": {}, **changes}
    headers = {"Content-Type": "application/json", **asked["headers"]}

    assert httpx.post(url, content=asked["content"], headers=headers).status_code == status


def test_a_revert_carries_its_data_and_its_words(person: Person) -> None:
    wanted = swap_of(person, least=10**30)

    for method in ("eth_call", "eth_estimateGas"):
        with pytest.raises(Refused, match="UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT") as caught:
            person.node.rpc(method, wanted)
        assert caught.value.error["code"] == 3
        assert caught.value.error["data"].startswith("0x08c379a0")


def test_an_expired_deadline_is_expired(person: Person) -> None:
    with pytest.raises(Refused, match="UniswapV2Router: EXPIRED"):
        person.node.rpc("eth_call", swap_of(person, deadline=1))


def test_an_estimate_is_enough_in_a_later_second_than_the_pool_was_touched(person: Person) -> None:
    touched = swap_of(person)
    person.send(touched["to"], bytes.fromhex(touched["data"][2:]), 10**18)  # in the newest block
    first = person.node.rpc("eth_estimateGas", swap_of(person))
    person.node.rpc("practice_increaseTime", 7)

    wanted = swap_of(person)
    receipt = person.node.rpc(
        "eth_getTransactionReceipt",
        person.send(wanted["to"], bytes.fromhex(wanted["data"][2:]), 10**18, gas=int(first, 16)),
    )

    assert receipt["status"] == "0x1"
    assert int(receipt["gasUsed"], 16) <= int(first, 16) <= int(receipt["gasUsed"], 16) * 1.3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"chainId": 1}, "invalid chain id"),
        ({"gas": 20_000}, "intrinsic gas too low"),
        ({"gas": 60_000_001}, "exceeds block gas limit"),
        ({"value": 10**30}, "insufficient funds for gas"),
        ({"maxPriorityFeePerGas": 4 * GWEI}, "max priority fee per gas higher"),
    ],
)
def test_what_can_never_be_mined_is_refused_when_it_is_sent(person: Person, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        person.send(OTHER, **fields)


def test_a_used_nonce_is_too_low_and_the_same_transaction_is_already_known(person: Person) -> None:
    raw = person.signed(OTHER, value=1)
    person.node.rpc("eth_sendRawTransaction", raw)

    with pytest.raises(Refused, match="already known"):
        person.node.rpc("eth_sendRawTransaction", raw)
    with pytest.raises(Refused, match="nonce too low"):
        person.send(OTHER, value=2, nonce=0)


def test_what_is_no_transaction_is_refused(practice: Node) -> None:
    for nonsense in ("0x", "0x02c0", "0xff", "nothing", 7, None):
        with pytest.raises(Refused) as caught:
            practice.rpc("eth_sendRawTransaction", nonsense)
        assert caught.value.error["code"] == -32602


def test_legacy_transactions_are_taken_too(person: Person) -> None:
    from eth_account import Account

    fields = {"chainId": CHAIN_ID, "nonce": 0, "to": OTHER, "value": 5, "gas": 21_000, "gasPrice": 2 * GWEI}
    raw = Account.from_key((0xA1).to_bytes(32, "big")).sign_transaction(fields).raw_transaction

    hash_ = person.node.rpc("eth_sendRawTransaction", "0x" + raw.hex())

    assert person.node.rpc("eth_getTransactionReceipt", hash_)["effectiveGasPrice"] == hex(2 * GWEI)


def test_logs_are_found_by_contract_and_topic(person: Person) -> None:
    usdt = person.node.manifest.token("USDT")
    person.node.give(person.address, 1_000, "USDT")
    receipt = person.does(usdt, "transfer(address,uint256)", OTHER, 400)
    who = "0x" + person.address[2:].lower().rjust(64, "0")

    found = person.node.rpc("eth_getLogs", {"address": usdt, "topics": [None, who], "fromBlock": "0x0"})

    assert found == receipt["logs"]
    assert person.node.rpc("eth_getLogs", {"address": OTHER, "fromBlock": "0x0"}) == []
    assert int(found[0]["data"], 16) == 400


def test_a_contract_of_ones_own_can_be_made_and_asked(person: Person) -> None:
    from engine.adapters.practice.contracts import own
    from engine.defi.abi import encode_args

    code = own("Token").bytecode + encode_args("(string,string,uint8,uint256)", "Mine", "MINE", 4, 77)
    receipt = person.node.rpc("eth_getTransactionReceipt", person.send(None, code, gas=3_000_000))

    made = receipt["contractAddress"]
    assert person.asks(made, "symbol()", types="(string)") == "MINE"
    assert int(person.node.rpc("eth_getStorageAt", made, "0x0", "latest"), 16) == 4
    assert len(person.node.rpc("eth_getCode", made, "latest")) > 1_000


def test_one_request_reads_many_balances(person: Person) -> None:
    tokens = [each.address for each in person.node.manifest.tokens]
    calls = [(each, encode("balanceOf(address)", person.address)) for each in tokens]
    calls.append((person.node.manifest.multicall, encode("getEthBalance(address)", person.address)))

    told = person.asks(
        person.node.manifest.multicall, "tryAggregate(bool,(address,bytes)[])", False, calls, types="((bool,bytes)[])"
    )

    assert all(ok for ok, _ in told)
    assert int.from_bytes(told[-1][1], "big") == 100 * 10**18


def test_a_stranger_with_nothing_can_be_asked_for(practice: Node) -> None:
    usdt = practice.manifest.token("USDT")
    pool = practice.manifest.pool("uniswap-v2", "WETH", "USDT")
    data = "0x" + encode("transfer(address,uint256)", OTHER, 1).hex()

    assert int(practice.rpc("eth_call", {"from": pool, "to": usdt, "data": data}, "latest"), 16) == 1
    with pytest.raises(Refused, match="insufficient balance"):
        practice.rpc("eth_call", {"from": OTHER, "to": usdt, "data": data}, "latest")
