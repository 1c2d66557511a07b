"""The doors to a chain and to keys.

`ChainClient` is a node, or several that stand in for each other; `KeyRing` holds keys that nobody else ever sees.
Amounts are wei, gas prices wei per gas, times of blocks seconds since 1970 as the chain counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

BlockTag = Literal["latest", "pending", "safe", "finalized"] | int


@dataclass(frozen=True, slots=True)
class Call:
    """What a contract is asked or told."""

    to: str | None
    """None: a contract is made."""
    data: bytes = b""
    value: int = 0
    sender: str | None = None
    gas: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one of many calls gave."""

    ok: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Log:
    """A line that a contract wrote."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block: int = 0
    transaction: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a call would do if it were in the next block."""

    ok: bool
    data: bytes
    gas_used: int
    logs: tuple[Log, ...]
    """Also of the coin itself, as transfers by the address 0xeeee…eeee."""
    reason: str = ""
    """Why it would fail."""


@dataclass(frozen=True, slots=True)
class BlockHead:
    """A block without what is in it."""

    number: int
    hash: str
    parent: str
    at: int
    """Seconds since 1970."""
    base_fee: int | None
    gas_limit: int
    gas_used: int


@dataclass(frozen=True, slots=True)
class FeeHistory:
    """What recent blocks cost; rows oldest first."""

    base_fees: tuple[int, ...]
    """One more than there are rows: the last is the next block's."""
    used: tuple[float, ...]
    """How full each block was, 0 to 1."""
    rewards: tuple[tuple[int, ...], ...]
    """Tips at each percentile that was asked for."""


@dataclass(frozen=True, slots=True)
class SeenTransaction:
    """A transaction as a node knows it; `block` None while it waits."""

    hash: str
    sender: str
    to: str | None
    nonce: int
    value: int
    data: bytes
    block: int | None
    block_hash: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction."""

    transaction: str
    ok: bool
    block: int
    block_hash: str
    gas_used: int
    gas_price: int
    """Wei per gas that was paid."""
    logs: tuple[Log, ...]
    contract: str | None = None


class ChainClient(Protocol):
    """A chain as this machine reaches it."""

    @property
    def chain_id(self) -> int:
        """The chain that it was checked to be."""
        ...

    @property
    def health(self) -> str:
        """A sentence about the endpoints, without their addresses' secrets."""
        ...

    async def block_number(self) -> int:
        """Return the newest block's number.

        Raises:
            ChainUnavailable: nobody answers. All methods do.
        """
        ...

    async def block(self, tag: BlockTag = "latest") -> BlockHead | None:
        """Return a block's head, None if the chain has no such block."""
        ...

    async def call(self, call: Call, tag: BlockTag = "latest") -> bytes:
        """Return what a contract answers.

        Raises:
            Reverted: it said no.
        """
        ...

    async def read(self, calls: Sequence[Call], tag: BlockTag = "latest") -> list[Outcome]:
        """Return what many contracts answer, in one request and of one block (through the chain's multicall)."""
        ...

    async def balance(self, address: str) -> int:
        """Return how much of the coin an address has, in wei."""
        ...

    async def nonce(self, address: str, *, pending: bool = True) -> int:
        """Return the number of the next transaction of an address."""
        ...

    async def code(self, address: str) -> bytes:
        """Return a contract's code; empty for an account."""
        ...

    async def estimate_gas(self, call: Call) -> int:
        """Return the gas that a transaction would take.

        Raises:
            Reverted: it would fail.
        """
        ...

    async def simulate(self, calls: Sequence[Call]) -> list[Simulated]:
        """Return what calls would do one after the other in the next block, with the logs that they would write.

        Raises:
            NotSimulated: this node cannot.
        """
        ...

    async def fee_history(self, blocks: int, percentiles: Sequence[float]) -> FeeHistory:
        """Return what recent blocks cost."""
        ...

    async def send_raw(self, raw: bytes) -> str:
        """Hand a signed transaction over and return its hash; sending the same again is no mistake.

        Raises:
            NodeRefused: it was understood and refused.
        """
        ...

    async def transaction(self, transaction: str) -> SeenTransaction | None:
        """Return a transaction by hash, None if the node does not know it."""
        ...

    async def receipt(self, transaction: str) -> Receipt | None:
        """Return what became of a transaction, None while it is in no block."""
        ...

    async def logs(
        self, addresses: Sequence[str], topics: Sequence[bytes | Sequence[bytes] | None], first: int, last: BlockTag
    ) -> list[Log]:
        """Return the lines that contracts wrote in a span of blocks, in order; long spans are asked for in pieces."""
        ...

    async def close(self) -> None:
        """Let go of connections; safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class UnsignedTransaction:
    """What would be signed, to the last field: an EIP-1559 transaction."""

    chain_id: int
    sender: str
    nonce: int
    to: str | None
    value: int
    data: bytes
    gas: int
    max_fee: int
    """Wei per gas, at most; on a chain without EIP-1559 the gas price."""
    max_priority_fee: int
    is_legacy: bool = False


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """Signed, and not sent: whoever has `raw` can send it."""

    hash: str
    raw: bytes

    def __repr__(self) -> str:
        return f"SignedTransaction({self.hash})"


class KeyRing(Protocol):
    """Who signs. Keys live in a process of their own and leave it only as the words that are shown once."""

    def can_sign(self, address: str) -> bool:
        """Return whether there is a key for an address (locked or not)."""
        ...

    @property
    def is_locked(self) -> bool:
        """Whether a password is wanted before anything is signed."""
        ...

    async def sign(self, transaction: UnsignedTransaction) -> SignedTransaction:
        """Sign; called by the send pipeline and by nobody else.

        Raises:
            KeysLocked: unlock first.
            WatchOnly: there is no key for the sender.
        """
        ...
