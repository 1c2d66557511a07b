"""Signs and sends transactions of the practice chain's own accounts, over JSON-RPC: to the worker or to anvil alike.

Their keys are made from public words. Whoever reads this can use them; nothing they hold is worth anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak
from eth_keys.datatypes import PrivateKey
from eth_utils import to_checksum_address

from engine.adapters.practice.refusal import Refusal
from engine.adapters.practice.rules import CHAIN_ID, PracticeVM

Wire = Callable[[str, list[Any]], Any]
"""Asks a node: method and parameters in, the result out; raises `Refusal`."""
GAS = 12_000_000
MAX_FEE, TIP = 20_000_000_000, 100_000_000


def key_of(name: str) -> PrivateKey:
    """Return the key of one of the chain's own accounts."""
    return PrivateKey(keccak(f"CRS practice chain: {name}".encode()))


def address_of(name: str) -> str:
    """Return the address of one of the chain's own accounts."""
    return key_of(name).public_key.to_checksum_address()


def selector(signature: str) -> bytes:
    """Return the first four bytes of a call."""
    return bytes(keccak(signature.encode())[:4])


def types_of(signature: str) -> list[str]:
    """Return the types of a signature's parameters: "f(uint256,(address,bytes))" gives two."""
    inner = signature[signature.index("(") + 1 : -1]
    types, depth, word = [], 0, ""
    for letter in inner:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            types.append(word)
            word = ""
        else:
            word += letter
    return [*types, word] if word else types


def calldata(signature: str, *values: Any) -> bytes:
    """Return the data of a call."""
    return selector(signature) + bytes(encode(types_of(signature), values))


class Sender:
    """One account that sends; remembers its nonce."""

    def __init__(self, wire: Wire, name: str) -> None:
        self.wire = wire
        self._key = key_of(name)
        self.address: str = self._key.public_key.to_checksum_address()
        self._nonce: int | None = None

    def deploy(self, code: bytes, types: Sequence[str] = (), *values: Any) -> str:
        """Make a contract and return its address."""
        told = self._sent(b"", code + bytes(encode(list(types), values)), 0, GAS)
        return to_checksum_address(told["contractAddress"])

    def send(self, to: str, signature: str, *values: Any, value: int = 0, gas: int = GAS) -> dict[str, Any]:
        """Call a contract (or only pay it, with an empty signature) and return the receipt."""
        data = calldata(signature, *values) if signature else b""
        return self._sent(bytes.fromhex(to[2:]), data, value, gas)

    def ask(self, to: str, signature: str, *values: Any) -> bytes:
        """Return what a contract answers."""
        call = {"from": self.address, "to": to, "data": "0x" + calldata(signature, *values).hex()}
        return bytes.fromhex(self.wire("eth_call", [call, "latest"])[2:])

    def number(self, to: str, signature: str, *values: Any) -> int:
        """Return the first word of what a contract answers, as a number."""
        return int.from_bytes(self.ask(to, signature, *values)[:32], "big")

    def forget_nonce(self) -> None:
        """Ask for the nonce again with the next transaction: the chain went back."""
        self._nonce = None

    def signed(self, to: bytes, data: bytes, value: int, gas: int) -> bytes:
        """Return a transaction with the next nonce, signed and encoded."""
        if self._nonce is None:
            self._nonce = int(self.wire("eth_getTransactionCount", [self.address, "pending"]), 16)
        builder: Any = PracticeVM.get_transaction_builder()
        unsigned = builder.new_unsigned_dynamic_fee_transaction(
            chain_id=CHAIN_ID,
            nonce=self._nonce,
            max_priority_fee_per_gas=TIP,
            max_fee_per_gas=MAX_FEE,
            gas=gas,
            to=to,
            value=value,
            data=data,
            access_list=(),
        )
        self._nonce += 1
        return bytes(unsigned.as_signed_transaction(self._key).encode())

    def _sent(self, to: bytes, data: bytes, value: int, gas: int) -> dict[str, Any]:
        try:
            hash_ = self.wire("eth_sendRawTransaction", ["0x" + self.signed(to, data, value, gas).hex()])
        except Refusal:
            self._nonce = None
            raise
        told: dict[str, Any] | None = self.wire("eth_getTransactionReceipt", [hash_])
        if told is None:
            self.wire("practice_mine", [])
            told = self.wire("eth_getTransactionReceipt", [hash_])
        if told is None or told["status"] != "0x1":
            raise Refusal(f"A transaction of the practice chain's own failed: {hash_}.")
        return told
