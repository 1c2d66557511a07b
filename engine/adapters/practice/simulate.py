"""`eth_simulateV1`: calls one after the other in blocks that are never mined (execution-apis, geth's ns-eth page).

Each call sees what those before it did. The coin's transfers are told as log entries of 0xeeee…eeee if that is asked
for. With `validation` false, nobody pays for gas and any address can send; true is refused in a sentence, for the
checks of a real transaction are what sending it is for.
"""

from __future__ import annotations

from typing import Any

from eth.abc import BlockHeaderAPI, ComputationAPI, StateAPI
from eth.exceptions import Revert
from eth.vm.execution_context import ExecutionContext
from eth_hash.auto import keccak

from engine.adapters.practice.block import Mined
from engine.adapters.practice.execute import asked, gas_of, reason_of, run, words_of
from engine.adapters.practice.ledger import MINER, Ledger
from engine.adapters.practice.refusal import REVERTED, VM_ERROR, Refusal, bad
from engine.adapters.practice.rules import CHAIN_ID, GAS_LIMIT
from engine.adapters.practice.words import Json, data, quantity, to_address, to_bytes, to_int, to_word

MOST_BLOCKS, MOST_CALLS = 16, 64
"""Each call runs in Python: more would hold everybody else up for long."""
OVERRIDES = {"number", "time", "gasLimit", "feeRecipient", "prevRandao"}


def simulate(ledger: Ledger, payload: Json, block: Mined | None = None) -> list[dict[str, Any]]:
    """Return one object for each block: its head, and what each call did."""
    blocks = _blocks(payload)
    base = ledger.blocks[-1] if block is None else block
    ledger.state(block)
    header = base.header.copy(base_fee_per_gas=0)
    state = ledger.vm(header, traced=bool(payload.get("traceTransfers"))).state
    told, before, counted = [], base.header, 0
    for index, each in enumerate(blocks):
        at = ledger.now() if block is None and index == 0 else int(before.timestamp) + 1
        head = _head(before, each.get("blockOverrides") or {}, at)
        state.execution_context = _execution(head)
        _override(state, each.get("stateOverrides") or {})
        calls = each.get("calls") or []
        counted += len(calls)
        if counted > MOST_CALLS:
            raise bad(f"More than {MOST_CALLS} calls are not simulated at once.")
        told.append(_simulated(state, head, calls))
        before = head
    return told


def _blocks(payload: Json) -> list[dict[str, Any]]:
    blocks = payload.get("blockStateCalls") if isinstance(payload, dict) else None
    if not isinstance(blocks, list) or not blocks or not all(isinstance(each, dict) for each in blocks):
        raise bad("blockStateCalls must be a list of at least one object.")
    if len(blocks) > MOST_BLOCKS:
        raise Refusal(f"too many blocks: more than {MOST_BLOCKS} are not simulated", -38026)
    if payload.get("validation"):
        raise bad("This chain simulates with validation false; a transaction's validity is checked when it is sent.")
    return blocks


def _simulated(state: StateAPI, head: BlockHeaderAPI, calls: Json) -> dict[str, Any]:
    if not isinstance(calls, list):
        raise bad("calls must be a list.")
    block_hash = keccak(b"simulated" + int(head.block_number).to_bytes(32, "big") + bytes(head.parent_hash))
    hashes = [data(keccak(block_hash + place.to_bytes(4, "big"))) for place in range(len(calls))]
    results: list[dict[str, Any]] = []
    used = entries = 0
    for place, request in enumerate(calls):
        call = asked(request)
        gas = min(call.gas or GAS_LIMIT, int(head.gas_limit) - used)
        state.lock_changes()
        computation = run(state, call, gas)
        gas_used, most = gas_of(gas, computation)
        lines = _lines(computation, entries, _where(head, block_hash, hashes[place], place))
        used += gas_used
        entries += len(lines)
        results.append(_result(computation, gas_used, most, lines))
    return {
        "number": quantity(int(head.block_number)),
        "hash": data(block_hash),
        "parentHash": data(head.parent_hash),
        "timestamp": quantity(int(head.timestamp)),
        "gasLimit": quantity(int(head.gas_limit)),
        "gasUsed": quantity(used),
        "miner": data(head.coinbase),
        "baseFeePerGas": quantity(0),
        "transactions": hashes,
        "calls": results,
    }


def _where(head: BlockHeaderAPI, block_hash: bytes, transaction: str, place: int) -> dict[str, Any]:
    return {
        "blockHash": data(block_hash),
        "blockNumber": quantity(int(head.block_number)),
        "blockTimestamp": quantity(int(head.timestamp)),
        "transactionHash": transaction,
        "transactionIndex": quantity(place),
        "removed": False,
    }


def _lines(computation: ComputationAPI, before: int, where: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "address": data(address),
            "topics": [data(topic.to_bytes(32, "big")) for topic in topics],
            "data": data(content),
            "logIndex": quantity(before + number),
            **where,
        }
        for number, (address, topics, content) in enumerate(computation.get_log_entries())
    ]


def _result(computation: ComputationAPI, gas_used: int, most: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    output = bytes(computation.output)
    result = {"returnData": data(output), "logs": lines, "gasUsed": quantity(gas_used), "maxUsedGas": quantity(most)}
    if computation.is_success:
        return {**result, "status": "0x1"}
    if isinstance(computation.error, Revert):
        reason = reason_of(output)
        words = "execution reverted" + (f": {reason}" if reason else "")
        return {**result, "status": "0x0", "error": {"code": REVERTED, "message": words, "data": data(output)}}
    told = {"code": VM_ERROR, "message": words_of(computation.error)}
    return {**result, "returnData": "0x", "status": "0x0", "error": told}


def _head(before: BlockHeaderAPI, overrides: Json, at: int) -> BlockHeaderAPI:
    if not isinstance(overrides, dict) or not set(overrides) <= OVERRIDES:
        raise bad(f"blockOverrides can have {', '.join(sorted(OVERRIDES))}.")
    number = to_int(overrides.get("number", int(before.block_number) + 1), "number")
    time = to_int(overrides.get("time", at), "time")
    if number <= before.block_number:
        raise Refusal(f"block numbers must be in order: {number} <= {before.block_number}", -38020)
    if time <= before.timestamp:
        raise Refusal(f"block timestamps must be in order: {time} <= {before.timestamp}", -38021)
    return before.copy(
        parent_hash=before.hash,
        block_number=number,
        timestamp=time,
        gas_limit=to_int(overrides.get("gasLimit", int(before.gas_limit)), "gasLimit"),
        coinbase=to_address(overrides.get("feeRecipient", data(MINER)), "feeRecipient"),
        base_fee_per_gas=0,
        mix_hash=to_bytes(overrides.get("prevRandao", data(bytes(32))), "prevRandao", 32),
    )


def _execution(head: BlockHeaderAPI) -> ExecutionContext:
    return ExecutionContext(
        coinbase=head.coinbase,
        timestamp=head.timestamp,
        block_number=head.block_number,
        difficulty=0,
        mix_hash=head.mix_hash,
        gas_limit=head.gas_limit,
        prev_hashes=(head.parent_hash,),
        chain_id=CHAIN_ID,
        base_fee_per_gas=0,
        excess_blob_gas=0,
    )


def _override(state: StateAPI, overrides: Json) -> None:
    if not isinstance(overrides, dict):
        raise bad("stateOverrides must be an object.")
    for text, account in overrides.items():
        address = to_address(text, "stateOverrides")
        storage: list[Any] = (
            [account.get(each) or {} for each in ("state", "stateDiff")] if isinstance(account, dict) else [None]
        )
        if not all(isinstance(each, dict) for each in storage):
            raise bad("stateOverrides must have an object for each address, and state and stateDiff must be objects.")
        if "balance" in account:
            state.set_balance(address, to_int(account["balance"], "balance"))
        if "nonce" in account:
            state.set_nonce(address, min(to_int(account["nonce"], "nonce"), 2**64 - 1))
        if "code" in account:
            state.set_code(address, to_bytes(account["code"], "code"))
        if "state" in account:
            state.delete_storage(address)
        for slot, value in {**storage[0], **storage[1]}.items():
            state.set_storage(address, to_word(slot, "slot"), to_word(value, "value"))
