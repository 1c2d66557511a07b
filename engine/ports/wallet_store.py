"""The door to what a wallet remembers: sent transactions, what came in, how far was looked, orders that wait.

Rows are plain values; what they mean is said in `services.wallet.ledger`. Every method blocks for the disk, and what
returned is durable: a row that was kept is there after the machine lost power.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredTransaction:
    """One transaction that was signed here."""

    chain_id: int
    hash: str
    sender: str
    nonce: int
    raw: bytes
    """As it is handed to a node, again if need be."""
    unsigned: str
    """JSON: every field that was signed."""
    intent: str
    """JSON: what it was for."""
    title: str
    call: str
    state: str
    kept_ns: int
    changed_ns: int
    block: int | None = None
    block_hash: str | None = None
    depth: int = 0
    gas_used: int | None = None
    gas_price: int | None = None
    reason: str = ""
    replaces: str | None = None
    replaced_by: str | None = None
    reorgs: int = 0


@dataclass(frozen=True, slots=True)
class StoredTransfer:
    """Something that came to an account or left it, as a log told."""

    chain_id: int
    account: str
    token: str
    counterparty: str
    units: int
    """Negative: it left."""
    transaction: str
    log_index: int
    block: int
    at: int
    """Seconds since 1970, 0: not known."""


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order that the program carries out while it runs; `body` is JSON of whoever wrote it."""

    id: str
    kind: str
    chain_id: int
    account: str
    state: str
    body: str
    created_ns: int
    changed_ns: int


class WalletStore(Protocol):
    """What outlives the program.

    Raises:
        StorageUnavailable: the disk refuses; nothing was changed. All methods do.
    """

    def keep(self, row: StoredTransaction) -> None:
        """Write a new transaction; done before it is broadcast."""
        ...

    def change(self, row: StoredTransaction) -> None:
        """Write what became of it."""
        ...

    def transaction(self, chain_id: int, transaction: str) -> StoredTransaction | None:
        """Return one by its hash."""
        ...

    def unsettled(self, chain_id: int, settled: Sequence[str]) -> list[StoredTransaction]:
        """Return those whose state is none of these, oldest first."""
        ...

    def transactions(
        self, chain_id: int | None, sender: str | None, *, below_ns: int | None = None, limit: int = 100
    ) -> list[StoredTransaction]:
        """Return a page, newest first."""
        ...

    def of_nonce(self, chain_id: int, sender: str, nonce: int) -> list[StoredTransaction]:
        """Return all that carry a number, oldest first."""
        ...

    def add_transfers(
        self, rows: Sequence[StoredTransfer], chain_id: int, account: str, first: int, scanned_to: int
    ) -> None:
        """Write what was found from a block to another, in place of what was known of these blocks."""
        ...

    def transfers(
        self, chain_id: int, account: str, *, below: int | None = None, limit: int = 100
    ) -> list[StoredTransfer]:
        """Return a page, newest first; those below a block."""
        ...

    def scanned_to(self, chain_id: int, account: str) -> int | None:
        """Return the last block that was looked through."""
        ...

    def forget_chain(self, chain_id: int) -> None:
        """Drop all of a chain: a practice chain that began anew shares nothing with the one before."""
        ...

    def keep_order(self, row: StoredOrder) -> None:
        """Write an order, new or changed."""
        ...

    def orders(self, chain_id: int | None = None, states: Sequence[str] | None = None) -> list[StoredOrder]:
        """Return orders, oldest first."""
        ...

    def remove_order(self, id: str) -> None:
        """Drop an order; one that is not there is no mistake."""
        ...

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        ...
