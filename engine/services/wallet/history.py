"""What went through an account: sent from here, with what it did, and what others sent, found by logs.

The coin itself leaves no logs: what others sent of it shows in the balance and not here, as with every wallet that has
no indexer behind it. Found transfers are kept; a look begins where the last one ended, less what may be taken back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from engine.bus import Bus
from engine.defi.chain import ChainSpec
from engine.defi.effects import TRANSFER, event, moves
from engine.defi.token import TokenAmount
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.chain import ChainClient, Log
from engine.ports.wallet_store import StoredTransfer
from engine.services.offload import offload
from engine.services.wallet.events import HistoryChanged
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.sent import SentTransaction
from engine.services.wallet.tokennames import TokenNames

MOST_HEADS = 200
"""Blocks whose time is asked for in one look."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Something that came or went, by a log."""

    amount: TokenAmount
    """Negative: it left."""
    counterparty: str
    transaction: str
    block: int
    at: int
    """Seconds since 1970, 0: not known."""
    is_ours: bool
    """Whether a transaction from here did it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    at: int
    """Seconds since 1970."""
    sent: SentTransaction | None
    """What was signed here; None: somebody else's doing."""
    transfers: tuple[Transfer, ...]
    """What moved by it, as far as looked."""

    @property
    def hash(self) -> str:
        """The transaction's hash."""
        return self.sent.hash if self.sent is not None else self.transfers[0].transaction


class History:
    """What went through the accounts on one chain."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, ledger: Ledger, names: TokenNames, bus: Bus) -> None:
        self._chain = chain
        self._spec = spec
        self._ledger = ledger
        self._names = names
        self._bus = bus
        self._locks: dict[str, asyncio.Lock] = {}

    async def look(self, account: str, *, first_block: int | None = None, span: int = 50_000) -> int:
        """Look for transfers that are new, keep them, and return how many were found.

        Args:
            account: whose.
            first_block: where to begin, if this account was never looked at; None: `span` blocks back.
            span: see there.

        Raises:
            ChainUnavailable: nobody answers.
        """
        async with self._locks.setdefault(account, asyncio.Lock()):
            newest = await self._chain.block_number()
            known = await offload(self._ledger.store.scanned_to, self._spec.chain_id, account)
            start = first_block if first_block is not None else max(newest - span, 0)
            if known is not None:
                start = max(known + 1 - self._spec.confirmations, 0)
            found = await self._found(account, start, newest)
            await offload(self._ledger.store.add_transfers, found, self._spec.chain_id, account, start, newest)
        self._bus.publish(HistoryChanged(self._spec.chain_id, account))
        return len(found)

    async def page(self, account: str, *, limit: int = 100) -> tuple[Line, ...]:
        """Return the newest lines, newest first: what was sent, and what others brought."""
        sent = await self._ledger.page(self._spec.chain_id, account, limit=limit)
        rows = await offload(self._ledger.store.transfers, self._spec.chain_id, account, limit=4 * limit)
        tokens = await self._names.named([each.token for each in rows])
        ours = {each.hash for each in sent}
        moved: dict[str, list[Transfer]] = {}
        for row in rows:
            transfer = Transfer(
                tokens[row.token].units(row.units),
                row.counterparty,
                row.transaction,
                row.block,
                row.at,
                row.transaction in ours,
            )
            moved.setdefault(row.transaction, []).append(transfer)
        lines = [Line(each.kept_ns // NANOS_PER_SECOND, each, tuple(moved.pop(each.hash, ()))) for each in sent]
        lines += [Line(each[0].at, None, tuple(each)) for each in moved.values()]
        return tuple(sorted(lines, key=lambda each: each.at, reverse=True)[:limit])

    async def _found(self, account: str, first: int, last: int) -> Sequence[StoredTransfer]:
        if first > last:
            return []
        word = bytes(12) + bytes.fromhex(account[2:])
        out, come = await asyncio.gather(
            self._chain.logs((), (event(TRANSFER), word), first, last),
            self._chain.logs((), (event(TRANSFER), None, word), first, last),
        )
        logs = {(each.block, each.index): each for each in (*out, *come)}
        times = await self._times({block for block, _ in logs})
        return [row for log in logs.values() for row in self._rows(log, account, times.get(log.block, 0))]

    def _rows(self, log: Log, account: str, at: int) -> list[StoredTransfer]:
        rows = []
        for move in moves([log], self._spec.wrapped.address):
            if account not in (move.source, move.target):
                continue
            is_coming = move.target == account
            units = 0 if move.source == move.target else move.units if is_coming else -move.units
            other = move.source if is_coming else move.target
            rows.append(
                StoredTransfer(
                    self._spec.chain_id, account, move.token, other, units, log.transaction, log.index, log.block, at
                )
            )
        return rows

    async def _times(self, blocks: set[int]) -> dict[int, int]:
        newest = sorted(blocks, reverse=True)[:MOST_HEADS]
        heads = await asyncio.gather(*(self._chain.block(each) for each in newest))
        return {each.number: each.at for each in heads if each is not None}
