"""What a call would do: `eth_call` and `eth_estimateGas`, on a state that is thrown away afterwards.

A call runs in the block it is asked for, with that block's time, as on a real node. An estimate runs in the next
block: later than any pool was last touched, so that a first write of a price accumulator is paid for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth.abc import ComputationAPI, StateAPI
from eth.exceptions import InsufficientFunds, Revert, VMError
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address
from eth_utils.exceptions import ValidationError

from engine.adapters.practice.block import Mined
from engine.adapters.practice.ledger import Ledger
from engine.adapters.practice.refusal import REVERTED, VM_ERROR, Refusal, bad
from engine.adapters.practice.rules import CHAIN_ID, GAS_LIMIT, PracticeVM
from engine.adapters.practice.words import Json, data, to_address, to_bytes, to_int

NOBODY = bytes(20)
STIPEND = 2_300
CLOSE_ENOUGH = 0.05
"""An estimate may be this much too high (geth: 0.015); closer would take more runs, and each is one in Python."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as somebody asks for it."""

    sender: Address
    to: bytes
    """Empty: a contract is made."""
    value: int
    data: bytes
    gas: int | None
    nonce: int | None = None
    access_list: tuple[tuple[bytes, tuple[int, ...]], ...] = ()


def asked(request: Json) -> Asked:
    """Read the transaction object of a request."""
    if not isinstance(request, dict):
        raise bad("A transaction must be an object.")
    content = request.get("input", request.get("data")) or "0x"
    to = request.get("to")
    return Asked(
        sender=to_address(request.get("from") or data(NOBODY), "from"),
        to=to_address(to, "to") if to else b"",
        value=to_int(request.get("value") or 0, "value"),
        data=to_bytes(content, "data"),
        gas=to_int(request["gas"], "gas") if request.get("gas") is not None else None,
        nonce=to_int(request["nonce"], "nonce") if request.get("nonce") is not None else None,
        access_list=_access_list(request.get("accessList") or []),
    )


def run(state: StateAPI, call: Asked, gas: int) -> ComputationAPI:
    """Apply a call to a state, free of charge and whatever the sender's nonce.

    Raises:
        Refusal: it could not even begin (too little gas or coin).
    """
    transaction = _spoofed(state, call, gas)
    if gas < transaction.intrinsic_gas:
        raise Refusal(f"intrinsic gas too low: have {gas}, want {transaction.intrinsic_gas}")
    try:
        return state.apply_transaction(transaction)
    except (ValidationError, InsufficientFunds) as error:
        raise Refusal(f"insufficient funds for transfer: {error}") from error


def gas_of(call_gas: int, computation: ComputationAPI) -> tuple[int, int]:
    """Return the gas used in the end, and the gas that was needed on the way, before anything was given back."""
    spent = call_gas - computation.get_gas_remaining() + computation.data_floor_gas
    return spent - min(computation.get_gas_refund(), spent // 5), spent


def call(ledger: Ledger, request: Asked, block: Mined | None = None) -> bytes:
    """Return what a contract answers.

    Raises:
        Refusal: it reverts, with its data.
    """
    ledger.state(block)
    header = ledger.head if block is None else block.header
    state = ledger.vm(header.copy(base_fee_per_gas=0)).state
    computation = run(state, request, min(request.gas or GAS_LIMIT, GAS_LIMIT))
    if computation.is_error:
        raise failure(computation)
    return bytes(computation.output)


def estimate(ledger: Ledger, request: Asked) -> int:
    """Return the gas that a transaction needs in the next block.

    Raises:
        Refusal: it would fail with any amount.
    """
    header = ledger.next_header().copy(base_fee_per_gas=0)

    def tried(gas: int) -> ComputationAPI:
        return run(ledger.vm(header).state, request, gas)

    most = min(request.gas or GAS_LIMIT, GAS_LIMIT)
    computation = tried(most)
    if computation.is_error:
        raise failure(computation)
    _, spent = gas_of(most, computation)
    low, high = spent - 1, min(most, (spent + STIPEND) * 64 // 63)
    while high < most and tried(high).is_error:
        low, high = high, min(most, high * 2)
    while high - low > 1 and (high - low) / high > CLOSE_ENOUGH:
        middle = (high + low) // 2
        low, high = (middle, high) if tried(middle).is_error else (low, middle)
    return high


def failure(computation: ComputationAPI) -> Refusal:
    """Return how a node tells that a call failed."""
    error = computation.error
    if isinstance(error, Revert):
        output = bytes(computation.output)
        reason = reason_of(output)
        return Refusal("execution reverted" + (f": {reason}" if reason else ""), REVERTED, data(output))
    return Refusal(words_of(error), VM_ERROR)


def words_of(error: VMError) -> str:
    """Return geth's words for an error of the machine."""
    known = {
        "OutOfGas": "out of gas",
        "InvalidInstruction": "invalid opcode",
        "InvalidJumpDestination": "invalid jump destination",
        "StackDepthLimit": "max call depth exceeded",
        "InsufficientFunds": "insufficient balance for transfer",
        "WriteProtection": "write protection",
        "ContractCreationCollision": "contract address collision",
    }
    return known.get(type(error).__name__, f"{type(error).__name__}: {error}")


def reason_of(output: bytes) -> str:
    """Return the text of Error(string) or the meaning of Panic(uint256), empty if it is neither."""
    if output[:4] == bytes.fromhex("08c379a0") and len(output) >= 68:
        length = int.from_bytes(output[36:68], "big")
        return output[68 : 68 + length].decode("utf-8", "replace")
    if output[:4] == bytes.fromhex("4e487b71") and len(output) == 36:
        return f"panic code 0x{int.from_bytes(output[4:], 'big'):02x}"
    return ""


def _spoofed(state: StateAPI, call: Asked, gas: int) -> Json:
    builder: Any = PracticeVM.get_transaction_builder()
    unsigned = builder.new_unsigned_dynamic_fee_transaction(
        chain_id=CHAIN_ID,
        nonce=state.get_nonce(call.sender),
        max_priority_fee_per_gas=0,
        max_fee_per_gas=0,
        gas=gas,
        to=call.to,
        value=call.value,
        data=call.data,
        access_list=call.access_list,
    )
    return SpoofTransaction(unsigned, from_=call.sender)


def _access_list(value: Json) -> tuple[tuple[bytes, tuple[int, ...]], ...]:
    if not isinstance(value, list) or not all(
        isinstance(each, dict) and isinstance(each.get("storageKeys", []), list) for each in value
    ):
        raise bad("accessList must be a list of objects, storageKeys lists.")
    return tuple(
        (
            to_address(each.get("address"), "accessList"),
            tuple(int.from_bytes(to_bytes(k, "storageKeys", 32), "big") for k in each.get("storageKeys", [])),
        )
        for each in value
    )
