"""One transaction signed: exactly the fields that were asked for, and read again before it is given out.

There is nothing here that signs a message. Loaded in the key process only.

Source: EIP-1559, EIP-155, EIP-2718.
"""

from __future__ import annotations

from typing import Any

import rlp
from eth_account import Account

from engine.adapters.keys.message import Sign, Signed
from engine.adapters.keys.refusal import Refusal

MOST = 2**256
MOST_NONCE = 2**64 - 1
"""Source: EIP-2681."""
DYNAMIC_FEE = 2
"""The type of an EIP-1559 transaction."""


def signed(request: Sign, key: bytes) -> Signed:
    """Return the signed transaction.

    Raises:
        Refusal: a field is impossible, or what came out is not what was asked for (then it is not given out).
    """
    check(request)
    result = Account.sign_transaction(_fields(request), key)
    raw = bytes(result.raw_transaction)
    if Account.recover_transaction(raw) != request.sender or _read(raw, request.is_legacy) != _wanted(request):
        raise Refusal.input("What was signed is not what was asked for. It was thrown away; nothing was sent.")
    return Signed("0x" + bytes(result.hash).hex(), raw)


def check(request: Sign) -> None:
    """Refuse fields that no chain takes."""
    amounts = (int(request.value), int(request.max_fee), int(request.max_priority_fee))
    if not 0 < request.chain_id < 2**63:
        raise Refusal.input("A transaction is signed for one chain: its number is missing.")
    if not 0 <= request.nonce < MOST_NONCE or request.gas <= 0 or not all(0 <= each < MOST for each in amounts):
        raise Refusal.input("A number of the transaction is out of range. It was not signed.")
    if not request.is_legacy and amounts[2] > amounts[1]:
        raise Refusal.input("The tip is higher than the most that is paid for gas. It was not signed.")
    if request.to is None and not request.data:
        raise Refusal.input("The transaction has no recipient and makes no contract. It was not signed.")


def _fields(request: Sign) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "chainId": request.chain_id,
        "nonce": request.nonce,
        "to": request.to or b"",
        "value": int(request.value),
        "data": request.data,
        "gas": request.gas,
    }
    if request.is_legacy:
        return fields | {"gasPrice": int(request.max_fee)}
    return fields | {
        "type": DYNAMIC_FEE,
        "maxFeePerGas": int(request.max_fee),
        "maxPriorityFeePerGas": int(request.max_priority_fee),
        "accessList": [],
    }


def _wanted(request: Sign) -> tuple[object, ...]:
    """Return the fields in the order in which they are written."""
    to = b"" if request.to is None else bytes.fromhex(request.to[2:])
    rest = (request.gas, to, int(request.value), request.data)
    if request.is_legacy:
        return (request.chain_id, request.nonce, int(request.max_fee), *rest)
    return (request.chain_id, request.nonce, int(request.max_priority_fee), int(request.max_fee), *rest, 0)


def _read(raw: bytes, is_legacy: bool) -> tuple[object, ...]:
    """Return the fields of what was signed, from its bytes."""
    if is_legacy:
        nonce, price, gas, to, value, data, v, _r, _s = rlp.decode(raw)
        return ((_int(v) - 35) // 2, _int(nonce), _int(price), _int(gas), to, _int(value), data)
    if raw[0] != DYNAMIC_FEE:
        return ()
    chain, nonce, tip, most, gas, to, value, data, access, _v, _r, _s = rlp.decode(raw[1:])
    head = tuple(_int(each) for each in (chain, nonce, tip, most, gas))
    return (*head, to, _int(value), data, len(access))


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")
