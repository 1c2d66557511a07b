"""Signs and sends transactions of the practice chain's own accounts, over JSON-RPC: to the worker or to anvil alike.

Their keys are made from public words. Whoever reads this can use them; nothing they hold is worth anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from eth_hash.auto import keccak
from eth_keys.datatypes import PrivateKey

from engine.adapters.practice.refusal import Refusal
from engine.adapters.practice.rules import CHAIN_ID, PracticeVM
from engine.defi.abi import encode, encode_args
from engine.defi.address import checksummed

Wire = Callable[[str, list[Any]], Any]
"""Asks a node: method and parameters in, the result out; raises `Refusal`."""
GAS = 12_000_000
TRIES, PAUSE_S = 500, 0.01
MAX_FEE, TIP = 20_000_000_000, 100_000_000


def key_of(name: str) -> PrivateKey:
    """Return the key of one of the chain's own accounts."""
    return PrivateKey(keccak(f"CRS practice chain: {name}".encode()))


def address_of(name: str) -> str:
    """Return the address of one of the chain's own accounts."""
    return key_of(name).public_key.to_checksum_address()


class Sender:
    """One account that sends; remembers its nonce."""

    def __init__(self, wire: Wire, name: str) -> None:
        self.wire = wire
        self._key = key_of(name)
        self.address: str = self._key.public_key.to_checksum_address()
        self._nonce: int | None = None

    def deploy(self, code: bytes, types: str = "()", *values: object) -> str:
        """Make a contract and return its address; `types` are the constructor's: "(address,uint8)"."""
        told = self._sent(b"", code + (encode_args(types, *values) if values else b""), 0, GAS)
        return checksummed(told["contractAddress"])

    def send(self, to: str, signature: str, *values: object, value: int = 0, gas: int = GAS) -> dict[str, Any]:
        """Call a contract (or only pay it, with an empty signature) and return the receipt."""
        data = encode(signature, *values) if signature else b""
        return self._sent(bytes.fromhex(to[2:]), data, value, gas)

    def ask(self, to: str, signature: str, *values: object) -> bytes:
        """Return what a contract answers."""
        call = {"from": self.address, "to": to, "data": "0x" + encode(signature, *values).hex()}
        return bytes.fromhex(self.wire("eth_call", [call, "latest"])[2:])

    def number(self, to: str, signature: str, *values: object) -> int:
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

    def _receipt(self, hash_: str) -> dict[str, Any] | None:
        """Return the receipt; anvil makes its block a moment after it took the transaction."""
        for _ in range(TRIES):
            told: dict[str, Any] | None = self.wire("eth_getTransactionReceipt", [hash_])
            if told is not None:
                return told
            time.sleep(PAUSE_S)
        return None

    def _sent(self, to: bytes, data: bytes, value: int, gas: int) -> dict[str, Any]:
        try:
            hash_ = self.wire("eth_sendRawTransaction", ["0x" + self.signed(to, data, value, gas).hex()])
        except Refusal:
            self._nonce = None
            raise
        told = self._receipt(hash_)
        if told is None or told["status"] != "0x1":
            raise Refusal(f"A transaction of the practice chain's own failed: {hash_}.")
        return told
