"""Transactions that wait, are replaced, dropped and reorganised, and a chain that goes back: by snapshot and revert."""

from __future__ import annotations

import pytest

from tests.engine.adapters.practice.person import GWEI, Person
from tests.practice import Node, Refused

OTHER = "0x" + "22" * 20


@pytest.fixture
def person(practice: Node) -> Person:
    person = Person(practice)
    practice.rpc("practice_setMining", {"instant": False, "interval_s": 0})
    return person


def test_a_transaction_waits_until_a_block_is_made(person: Person) -> None:
    hash_ = person.send(OTHER, value=7)

    waiting = person.node.rpc("eth_getTransactionByHash", hash_)
    nonces = [person.node.rpc("eth_getTransactionCount", person.address, tag) for tag in ("latest", "pending")]
    assert (waiting["blockNumber"], person.node.rpc("eth_getTransactionReceipt", hash_)) == (None, None)
    assert nonces == ["0x0", "0x1"]
    person.node.rpc("practice_mine")
    assert person.node.rpc("eth_getTransactionReceipt", hash_)["status"] == "0x1"
    assert person.node.rpc("eth_getBalance", OTHER, "latest") == "0x7"


def test_a_replacement_must_offer_a_tenth_more_in_both(person: Person) -> None:
    old = person.send(OTHER, value=1, nonce=0)
    for fees in ((33, 10), (30, 11), (32, 11)):
        with pytest.raises(Refused, match="replacement transaction underpriced"):
            person.send(OTHER, nonce=0, maxFeePerGas=fees[0] * GWEI // 10, maxPriorityFeePerGas=fees[1] * GWEI // 10)

    new = person.send(OTHER, value=2, nonce=0, maxFeePerGas=33 * GWEI // 10, maxPriorityFeePerGas=11 * GWEI // 10)
    person.node.rpc("practice_mine")

    assert person.node.rpc("eth_getTransactionByHash", old) is None
    assert person.node.rpc("eth_getTransactionReceipt", new)["status"] == "0x1"
    assert person.node.rpc("eth_getBalance", OTHER, "latest") == "0x2"


def test_a_nonce_with_a_gap_waits_for_the_one_before_it(person: Person) -> None:
    later = person.send(OTHER, value=1, nonce=1)
    person.node.rpc("practice_mine")
    assert person.node.rpc("eth_getTransactionReceipt", later) is None

    person.send(OTHER, value=1, nonce=0)
    person.node.rpc("practice_mine")

    assert person.node.rpc("eth_getTransactionReceipt", later)["transactionIndex"] == "0x1"


def test_who_pays_less_than_the_base_fee_waits(person: Person) -> None:
    hash_ = person.send(OTHER, nonce=0, maxFeePerGas=GWEI - 1, maxPriorityFeePerGas=0)

    person.node.rpc("practice_mine", 3)

    assert person.node.rpc("eth_getTransactionByHash", hash_)["blockNumber"] is None


def test_the_better_tip_comes_first_in_the_block(person: Person) -> None:
    other = Person(person.node, 0xB2)
    low = person.send(OTHER, maxPriorityFeePerGas=1)
    high = other.send(OTHER, maxPriorityFeePerGas=GWEI)

    person.node.rpc("practice_mine")

    assert [person.node.rpc("eth_getTransactionReceipt", each)["transactionIndex"] for each in (high, low)] == [
        "0x0",
        "0x1",
    ]


def test_a_dropped_transaction_is_known_no_more_and_can_be_sent_again(person: Person) -> None:
    raw = person.signed(OTHER, value=3)
    hash_ = person.node.rpc("eth_sendRawTransaction", raw)

    assert person.node.rpc("practice_drop", hash_) is True
    person.node.rpc("practice_mine")

    assert person.node.rpc("eth_getTransactionByHash", hash_) is None
    assert person.node.rpc("practice_drop", hash_) is False
    assert person.node.rpc("eth_sendRawTransaction", raw) == hash_


def test_a_reorganised_transaction_waits_again_or_is_gone(person: Person) -> None:
    hash_ = person.send(OTHER, value=3)
    person.node.rpc("practice_mine")
    before = person.node.rpc("eth_getTransactionReceipt", hash_)

    assert person.node.rpc("practice_reorg", 1) == [hash_]
    assert person.node.rpc("eth_getTransactionReceipt", hash_) is None
    assert person.node.rpc("eth_getTransactionByHash", hash_)["blockNumber"] is None
    person.node.rpc("practice_increaseTime", 5)
    person.node.rpc("practice_mine")
    after = person.node.rpc("eth_getTransactionReceipt", hash_)
    person.node.rpc("practice_reorg", 1, False)

    assert after["blockNumber"] == before["blockNumber"]
    assert after["blockHash"] != before["blockHash"]
    assert person.node.rpc("eth_getBlockByHash", before["blockHash"], False) is None
    assert person.node.rpc("eth_getTransactionByHash", hash_) is None
    with pytest.raises(Refused, match="depth"):
        person.node.rpc("practice_reorg", 10**6)


def test_a_revert_takes_everything_back(person: Person) -> None:
    node = person.node
    held = person.send(OTHER, value=1)
    mark = node.rpc("evm_snapshot")
    block = node.rpc("eth_blockNumber")
    node.rpc("evm_increaseTime", 86_400)
    second = person.send(OTHER, value=1)
    node.rpc("evm_mine")

    assert node.rpc("evm_revert", mark) is True

    assert node.rpc("eth_blockNumber") == block
    assert node.rpc("eth_getBalance", OTHER, "latest") == "0x0"
    assert node.rpc("eth_getTransactionByHash", held)["blockNumber"] is None
    assert node.rpc("eth_getTransactionByHash", second) is None
    assert node.rpc("practice_status")["aheadS"] == 0
    assert node.rpc("evm_revert", mark) is False


def test_blocks_are_made_one_after_the_other_in_time(person: Person) -> None:
    start = int(person.node.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    person.node.rpc("practice_mine", 5)

    times = [
        int(person.node.rpc("eth_getBlockByNumber", hex(number), False)["timestamp"], 16)
        for number in range(
            int(person.node.rpc("eth_blockNumber"), 16) - 4, int(person.node.rpc("eth_blockNumber"), 16) + 1
        )
    ]
    assert times == sorted(set(times))
    assert times[0] > start
