"""Blocks, transactions, receipts and log entries as JSON-RPC tells them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.adapters.practice.block import Included, Mined, decoded
from engine.adapters.practice.pool import Waiting
from engine.adapters.practice.words import Json, data, quantity


def block(mined: Mined, full: bool) -> dict[str, Any]:
    """Return a block, with its transactions in full or by their hashes."""
    header: Any = mined.header
    listed = range(len(mined.transactions))
    return {
        "number": quantity(mined.number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "nonce": data(header.nonce),
        "mixHash": data(header.mix_hash),
        "sha3Uncles": data(header.uncles_hash),
        "logsBloom": data(int(header.bloom).to_bytes(256, "big")),
        "stateRoot": data(header.state_root),
        "receiptsRoot": data(header.receipt_root),
        "transactionsRoot": data(header.transaction_root),
        "withdrawalsRoot": data(header.withdrawals_root),
        "withdrawals": [],
        "parentBeaconBlockRoot": data(header.parent_beacon_block_root),
        "requestsHash": data(header.requests_hash),
        "miner": data(header.coinbase),
        "difficulty": "0x0",
        "totalDifficulty": "0x0",
        "extraData": data(header.extra_data),
        "size": quantity(len(mined.packed()[0]) + sum(len(each.raw) for each in mined.transactions)),
        "gasLimit": quantity(int(header.gas_limit)),
        "gasUsed": quantity(int(header.gas_used)),
        "blobGasUsed": quantity(int(header.blob_gas_used)),
        "excessBlobGas": quantity(int(header.excess_blob_gas)),
        "baseFeePerGas": quantity(int(header.base_fee_per_gas)),
        "timestamp": quantity(int(header.timestamp)),
        "uncles": [],
        "transactions": [included(mined, place) if full else data(mined.transactions[place].hash) for place in listed],
    }


def included(mined: Mined, place: int) -> dict[str, Any]:
    """Return a transaction that is in a block."""
    found = mined.transactions[place]
    return {
        **_fields(decoded(found.raw), found.sender, found.hash),
        "gasPrice": quantity(int(found.gas_price)),
        "blockHash": data(mined.header.hash),
        "blockNumber": quantity(mined.number),
        "blockTimestamp": quantity(int(mined.header.timestamp)),
        "transactionIndex": quantity(place),
    }


def waiting(found: Waiting) -> dict[str, Any]:
    """Return a transaction that is in no block yet."""
    return {
        **_fields(found.transaction, found.sender, found.hash),
        "gasPrice": quantity(found.transaction.max_fee_per_gas),
        "blockHash": None,
        "blockNumber": None,
        "transactionIndex": None,
    }


def receipt(mined: Mined, place: int) -> dict[str, Any]:
    """Return what became of a transaction."""
    found = mined.transactions[place]
    transaction = decoded(found.raw)
    before = mined.transactions[: place + 1]
    return {
        "transactionHash": data(found.hash),
        "transactionIndex": quantity(place),
        "blockHash": data(mined.header.hash),
        "blockNumber": quantity(mined.number),
        "from": data(found.sender),
        "to": data(transaction.to) if transaction.to else None,
        "cumulativeGasUsed": quantity(sum(each.gas_used for each in before)),
        "gasUsed": quantity(found.gas_used),
        "effectiveGasPrice": quantity(int(found.gas_price)),
        "contractAddress": data(found.contract) if found.contract else None,
        "logs": [each for each in lines(mined) if each["transactionIndex"] == quantity(place)],
        "logsBloom": data(_bloom(found)),
        "type": quantity(transaction.type_id or 0),
        "status": "0x1" if found.ok else "0x0",
    }


def lines(mined: Mined) -> Iterator[dict[str, Any]]:
    """Yield the log entries of a block in their order."""
    number = 0
    for place, each in enumerate(mined.transactions):
        for line in each.lines:
            yield {
                "address": data(line.address),
                "topics": [data(topic) for topic in line.topics],
                "data": data(line.data),
                "blockNumber": quantity(mined.number),
                "blockHash": data(mined.header.hash),
                "blockTimestamp": quantity(int(mined.header.timestamp)),
                "transactionHash": data(each.hash),
                "transactionIndex": quantity(place),
                "logIndex": quantity(number),
                "removed": False,
            }
            number += 1


def _fields(transaction: Json, sender: bytes, hash_: bytes) -> dict[str, Any]:
    kind = transaction.type_id or 0
    told: dict[str, Any] = {
        "hash": data(hash_),
        "type": quantity(kind),
        "nonce": quantity(transaction.nonce),
        "from": data(sender),
        "to": data(transaction.to) if transaction.to else None,
        "value": quantity(transaction.value),
        "gas": quantity(transaction.gas),
        "input": data(transaction.data),
        "chainId": quantity(transaction.chain_id),
        "v": quantity(transaction.y_parity if kind else transaction.v),
        "r": quantity(transaction.r),
        "s": quantity(transaction.s),
    }
    if kind:
        told["yParity"] = quantity(transaction.y_parity)
        told["accessList"] = [
            {"address": data(address), "storageKeys": [data(int(key).to_bytes(32, "big")) for key in keys]}
            for address, keys in transaction.access_list
        ]
    if kind not in (0, 1):
        told["maxFeePerGas"] = quantity(transaction.max_fee_per_gas)
        told["maxPriorityFeePerGas"] = quantity(transaction.max_priority_fee_per_gas)
    return told


def _bloom(found: Included) -> bytes:
    from eth_bloom.bloom import BloomFilter

    bloom = BloomFilter()
    for line in found.lines:
        bloom.add(line.address)
        bloom.extend(line.topics)
    return int(bloom).to_bytes(256, "big")
