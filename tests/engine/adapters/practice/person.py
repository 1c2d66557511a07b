"""Somebody with a key who signs with eth-account, a library that the practice chain does not use."""

from __future__ import annotations

from typing import Any

from eth_account import Account

from engine.adapters.practice.words import Json
from engine.defi.abi import decode, encode
from tests.practice import Node

FOREVER = 2**255
CHAIN_ID = 0x435253
GWEI = 10**9


class Person:
    """An account with a hundred ether of its own."""

    def __init__(self, node: Node, key: int = 0xA1, ether: int = 100) -> None:
        self.node = node
        self._account = Account.from_key(key.to_bytes(32, "big"))
        self.address: str = self._account.address
        if ether:
            node.give(self.address, ether * 10**18)

    def signed(self, to: str | None, data: bytes = b"", value: int = 0, **fields: Json) -> str:
        """Return a signed transaction as hex; nonce, gas and fees can be given."""
        transaction = {
            "chainId": CHAIN_ID,
            "nonce": fields.pop("nonce", None),
            "data": data,
            "value": value,
            "gas": 1_000_000,
            "maxFeePerGas": 3 * GWEI,
            "maxPriorityFeePerGas": GWEI,
            **fields,
        }
        if to is not None:
            transaction["to"] = to
        if transaction["nonce"] is None:
            transaction["nonce"] = int(self.node.rpc("eth_getTransactionCount", self.address, "pending"), 16)
        raw: bytes = bytes(self._account.sign_transaction(transaction).raw_transaction)
        return "0x" + raw.hex()

    def send(self, to: str | None, data: bytes = b"", value: int = 0, **fields: Json) -> str:
        """Sign and send; return the hash."""
        return str(self.node.rpc("eth_sendRawTransaction", self.signed(to, data, value, **fields)))

    def does(self, to: str, signature: str, *values: object, value: int = 0, **fields: Json) -> dict[str, Any]:
        """Call a contract for good; return the receipt, which must be of a success."""
        told = self.node.rpc("eth_getTransactionReceipt", self.send(to, encode(signature, *values), value, **fields))
        assert told["status"] == "0x1"
        return dict(told)

    def request(self, to: str, signature: str, *values: object, value: int = 0) -> dict[str, str]:
        """Return the transaction object of a call."""
        data = "0x" + encode(signature, *values).hex()
        return {"from": self.address, "to": to, "data": data, "value": hex(value)}

    def asks(self, to: str, signature: str, *values: object, types: str = "(uint256)") -> Json:
        """Return the first value of a contract's answer."""
        told = self.node.rpc("eth_call", self.request(to, signature, *values), "latest")
        return decode(types, bytes.fromhex(told[2:]))[0]

    def balance(self, symbol: str) -> int:
        """Return how much of a token it has."""
        return int(self.asks(self.node.manifest.token(symbol), "balanceOf(address)", self.address))
