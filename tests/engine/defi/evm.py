"""A bare EVM in this process: contracts' real bytecode without blocks, signatures or fees, for differential tests.

py-evm with the rules of Prague. Nothing here knows any contract; `contracts.py` finds their bytecode.
"""

from __future__ import annotations

from typing import Any, cast

from eth.abc import ComputationAPI
from eth.constants import CREATE_CONTRACT_ADDRESS
from eth.db.atomic import AtomicDB
from eth.typing import JournalDBCheckpoint
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.cancun.transaction_context import CancunTransactionContext
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.state import PragueState
from eth.vm.message import Message
from eth_abi.abi import decode, encode
from eth_typing import Address, BlockNumber, Hash32
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

GAS = 10**12
EMPTY_ROOT = Hash32(bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"))
ERROR = bytes.fromhex("08c379a0")
ANYONE = Address(b"\x01" * 20)


class Reverted(Exception):  # noqa: N818 - what happened
    """The contract reverted, with this word ("" = without one)."""


class Evm:
    """Contracts and their storage."""

    def __init__(self) -> None:
        self._db = AtomicDB()
        self._created = 0
        self._state = self._new_state(EMPTY_ROOT)

    def deploy(self, code: bytes, *arguments: tuple[str, Any]) -> str:
        """Run creation code with its arguments and return the contract's address."""
        self._created += 1
        address = Address(keccak(b"deployed" + self._created.to_bytes(4, "big"))[12:])
        data = code + encode([each[0] for each in arguments], [each[1] for each in arguments])
        message = Message(GAS, CREATE_CONTRACT_ADDRESS, ANYONE, 0, b"", data, create_address=address)
        computation = PragueComputation.apply_create_message(self._state, message, _context(ANYONE))
        _raise(computation)
        return to_checksum_address(address)

    def place(self, code: bytes, name: str) -> str:
        """Put runtime code at an address made of the name, and return it."""
        address = Address(keccak(name.encode())[12:])
        self._state.set_code(address, code)
        return to_checksum_address(address)

    def call(self, to: str, method: str, *arguments: object, sender: str = "", out: str = "uint256") -> tuple[Any, ...]:
        """Call `method` ("name(types)") and return what it returns, decoded as `out` ("a,b").

        Raises:
            Reverted: it did; nothing changed.
        """
        types = method[method.index("(") + 1 : -1]
        data = keccak(method.encode())[:4] + encode(split_types(types), arguments)
        target, origin = _bytes(to), _bytes(sender) if sender else ANYONE
        message = Message(GAS, target, origin, 0, data, self._state.get_code(target), create_address=target)
        computation = PragueComputation.apply_message(self._state, message, _context(origin))
        _raise(computation)
        return tuple(decode(split_types(out), computation.output))

    def ask(self, to: str, method: str, *arguments: object, out: str = "uint256") -> tuple[Any, ...]:
        """Return what `call` would, and change nothing."""
        mark = self.snapshot()
        try:
            return self.call(to, method, *arguments, out=out)
        finally:
            self.back(mark)

    def store(self, contract: str, slot: int, value: int) -> None:
        """Write a storage slot."""
        self._state.set_storage(_bytes(contract), slot, value)

    def at(self, timestamp: int, block: int = 1) -> None:
        """Let the next calls be in this block."""
        self._state.execution_context = _block(timestamp, block)

    def snapshot(self) -> object:
        """Return a mark to go back to."""
        return self._state.snapshot()

    def back(self, mark: object) -> None:
        """Undo everything since the mark."""
        self._state.revert(cast(tuple[Hash32, JournalDBCheckpoint], mark))

    def _new_state(self, root: Hash32) -> PragueState:
        return PragueState(self._db, _block(1_700_000_000, 1), root)


def mapping(slot: int, key: str | int) -> int:
    """Return the storage slot of a mapping's value."""
    word = int(key, 16) if isinstance(key, str) else key
    return int.from_bytes(keccak(word.to_bytes(32, "big") + slot.to_bytes(32, "big")), "big")


def _block(timestamp: int, number: int) -> ExecutionContext:
    return ExecutionContext(ANYONE, timestamp, BlockNumber(number), 0, Hash32(b"\0" * 32), GAS, [], 1, 0, 0)


def _context(origin: Address) -> CancunTransactionContext:
    return CancunTransactionContext(0, origin)


def _bytes(address: str) -> Address:
    return Address(bytes.fromhex(address[2:]))


def split_types(text: str) -> list[str]:
    """Split at the commas that are not within brackets."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [each for each in found if each]


def _raise(computation: ComputationAPI) -> None:
    if not computation.is_error:
        return
    output = computation.output
    if output[:4] == ERROR:
        raise Reverted(decode(["string"], output[4:])[0])
    raise Reverted("" if not output else output.hex()) from computation.error
