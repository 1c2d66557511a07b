"""What was sent from here, and what became of it; durable before it is told to anybody.

Reads and writes go to the disk on a thread; what changed is told through the bus when it is on the disk.
"""

from __future__ import annotations

from dataclasses import replace

from engine.bus import Bus
from engine.defi.chain import ChainSpec
from engine.ports.chain import ChainClient
from engine.ports.clock import Clock
from engine.ports.wallet_store import WalletStore
from engine.services.offload import offload
from engine.services.wallet.events import TransactionChanged
from engine.services.wallet.sent import IN_BLOCK, SETTLED, SendState, SentTransaction, restored, stored

ENOUGH = 100
"""Transactions among which one that was in a block is looked for."""
SETTLED_WORDS = tuple(each.value for each in SETTLED)


class Ledger:
    """The transactions of all accounts."""

    def __init__(self, store: WalletStore, clock: Clock, bus: Bus) -> None:
        self.store = store
        self._clock = clock
        self._bus = bus

    async def keep(self, sent: SentTransaction) -> SentTransaction:
        """Write a new transaction down, before it is broadcast."""
        await offload(self.store.keep, stored(sent))
        self._tell(sent, "")
        return sent

    async def change(self, sent: SentTransaction, **changes: object) -> SentTransaction:
        """Write what became of a transaction and return it as it is now; nothing is written if nothing is new."""
        state = SendState(str(changes.get("state", sent.state)))
        new = replace(sent, **changes | {"state": state})  # type: ignore[arg-type]  # the fields' own names
        if new == sent:
            return sent
        new = replace(new, changed_ns=self._clock.wall())
        await offload(self.store.change, stored(new))
        self._tell(new, sent.state.value)
        return new

    async def find(self, chain_id: int, transaction: str) -> SentTransaction | None:
        """Return one by its hash."""
        row = await offload(self.store.transaction, chain_id, transaction)
        return None if row is None else restored(row)

    async def unsettled(self, chain_id: int) -> list[SentTransaction]:
        """Return all of which something may still become, oldest first."""
        return [restored(each) for each in await offload(self.store.unsettled, chain_id, SETTLED_WORDS)]

    async def alive(self, chain_id: int, sender: str) -> list[SentTransaction]:
        """Return what a sender has on its way and in no block, by number; of several with one, the last."""
        found = [each for each in await self.unsettled(chain_id) if each.sender == sender and each.is_alive]
        return sorted({each.nonce: each for each in found}.values(), key=lambda each: each.nonce)

    async def of_nonce(self, chain_id: int, sender: str, nonce: int) -> list[SentTransaction]:
        """Return all that carry a number, oldest first."""
        return [restored(each) for each in await offload(self.store.of_nonce, chain_id, sender, nonce)]

    async def page(
        self, chain_id: int | None, sender: str | None, *, below_ns: int | None = None, limit: int = 100
    ) -> list[SentTransaction]:
        """Return a page, newest first."""
        rows = await offload(self.store.transactions, chain_id, sender, below_ns=below_ns, limit=limit)
        return [restored(each) for each in rows]

    async def forget_if_anew(self, chain: ChainClient, spec: ChainSpec) -> bool:
        """Drop all that is known of a practice chain that began anew, and say whether it did.

        It did if the newest of ours that was in a block is not there any more. Its numbers would be counted on
        otherwise, and whatever is sent would wait for ever behind transactions of a chain that is gone.

        Raises:
            ChainUnavailable: nobody answers.
        """
        if not spec.is_practice:
            return False
        newest = await self.page(spec.chain_id, None, limit=ENOUGH)
        last = next((each for each in newest if each.state in IN_BLOCK), None)
        if last is None or last.block is None:
            return False
        head = await chain.block(last.block)
        if head is not None and head.hash == last.block_hash:
            return False
        await offload(self.store.forget_chain, spec.chain_id)
        return True

    def _tell(self, sent: SentTransaction, was: str) -> None:
        kind = sent.intent.kind.value
        self._bus.publish(TransactionChanged(sent.chain_id, sent.hash, sent.sender, sent.state.value, was, kind))
