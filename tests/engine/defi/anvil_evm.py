"""The bare EVM of `evm.py` on anvil, an EVM by others and in Rust: the same questions, the same answers."""

from __future__ import annotations

import time
from typing import Any, cast

from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from engine.adapters.practice.anvil import Anvil
from engine.adapters.practice.refusal import Refusal
from tests.engine.defi.evm import ANYONE, Reverted, split_types

OWNER = to_checksum_address(ANYONE)
ENOUGH = hex(10**30)
GAS = hex(30_000_000)


class AnvilEvm:
    """Contracts and their storage on a running anvil."""

    def __init__(self, anvil: Anvil) -> None:
        self._anvil = anvil
        self._rich: set[str] = set()

    def deploy(self, code: bytes, *arguments: tuple[str, Any]) -> str:
        """Run creation code with its arguments and return the contract's address."""
        data = code + encode([each[0] for each in arguments], [each[1] for each in arguments])
        return to_checksum_address(self._send(OWNER, {"data": "0x" + data.hex()})["contractAddress"])

    def place(self, code: bytes, name: str) -> str:
        """Put runtime code at an address made of the name, and return it."""
        address = to_checksum_address(keccak(name.encode())[12:])
        self._anvil.wire("anvil_setCode", [address, "0x" + code.hex()])
        return address

    def call(self, to: str, method: str, *arguments: object, sender: str = "", out: str = "uint256") -> tuple[Any, ...]:
        """Call `method` for real and return what it returns.

        Raises:
            Reverted: it did; nothing changed.
        """
        found = self.ask(to, method, *arguments, sender=sender, out=out)
        self._send(sender or OWNER, {"to": to, "data": _data(method, arguments)})
        return found

    def ask(self, to: str, method: str, *arguments: object, sender: str = "", out: str = "uint256") -> tuple[Any, ...]:
        """Return what `call` would, and change nothing."""
        asked = {"from": sender or OWNER, "to": to, "data": _data(method, arguments), "gas": GAS}
        try:
            answer = self._anvil.wire("eth_call", [asked, "latest"])
        except Refusal as refusal:
            raise Reverted(str(refusal).partition("execution reverted: ")[2]) from refusal
        return tuple(decode(split_types(out), bytes.fromhex(answer[2:])))

    def store(self, contract: str, slot: int, value: int) -> None:
        """Write a storage slot."""
        words = [f"0x{each:064x}" for each in (slot, value)]
        self._anvil.wire("anvil_setStorageAt", [contract, *words])

    def snapshot(self) -> object:
        """Return a mark to go back to, once."""
        return self._anvil.wire("evm_snapshot", [])

    def back(self, mark: object) -> None:
        """Undo everything since the mark."""
        assert self._anvil.wire("evm_revert", [mark])
        self._rich.clear()

    def _send(self, sender: str, fields: dict[str, str]) -> dict[str, Any]:
        if sender not in self._rich:
            self._anvil.wire("anvil_setBalance", [sender, ENOUGH])
            self._anvil.wire("anvil_impersonateAccount", [sender])
            self._rich.add(sender)
        sent = self._anvil.wire("eth_sendTransaction", [{"from": sender, "gas": GAS, **fields}])
        while (receipt := self._anvil.wire("eth_getTransactionReceipt", [sent])) is None:
            time.sleep(0.001)  # it mines at once, but not before it answers
        assert receipt["status"] == "0x1", (sender, fields)
        return cast(dict[str, Any], receipt)


def _data(method: str, arguments: tuple[object, ...]) -> str:
    types = split_types(method[method.index("(") + 1 : -1])
    return "0x" + (keccak(method.encode())[:4] + encode(types, arguments)).hex()
