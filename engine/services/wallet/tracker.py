"""Follows what was sent until its block is too deep to be taken back, or nothing can become of it any more.

One poll asks for everything of all waiting transactions at once. A block is believed as long as its hash is that of
the chain: if it is not, the transaction waits again. Being replaced or dropped is believed only when two polls in a
row say so, since nodes behind one address do not all know the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from engine.defi.chain import ChainSpec
from engine.errors import ChainUnavailable, CrsError, NodeRefused
from engine.ports.chain import BlockHead, ChainClient, Receipt, SeenTransaction
from engine.ports.clock import Clock
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.sent import ALIVE, IN_BLOCK, SendState, SentTransaction

log = logging.getLogger(__name__)

DOUBTS = 2
"""Polls in a row that must miss a transaction before that is believed."""
FASTEST_S, SLOWEST_S = 1.0, 15.0
IDLE_S = 30.0
"""Between looks into the ledger while nothing waits."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """What one poll brought of one transaction."""

    receipt: Receipt | None
    seen: SeenTransaction | None
    mined: int
    """The first number of its sender that is in no block."""
    block: BlockHead | None
    """The chain's block at the height where its own was."""


class TransactionTracker:
    """Follows the transactions of one chain."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, ledger: Ledger, clock: Clock) -> None:
        self._chain = chain
        self._spec = spec
        self._ledger = ledger
        self._clock = clock
        self._missed: dict[str, int] = {}
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look soon: something was sent."""
        self._woken.set()

    @property
    def pace_s(self) -> float:
        """Seconds between polls while something waits: half a block."""
        return min(max(self._spec.block_s / 2, FASTEST_S), SLOWEST_S)

    async def run(self) -> None:
        """Poll until cancelled; whoever starts this owns it."""
        while True:
            waits = False
            try:
                waits = bool(await self.poll())
            except CrsError as error:  # nobody answers, somebody answers nonsense, the disk refuses: it may pass
                log.info("transactions not followed", extra={"chain": self._spec.name, "reason": str(error)})
                waits = True
            await self._rest(waits)

    async def _rest(self, waits: bool) -> None:
        """Wait for the next look; while nothing waits, for something that is sent."""
        if waits:
            await asyncio.sleep(self.pace_s)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_S):
                await self._woken.wait()
        self._woken.clear()
        await asyncio.sleep(FASTEST_S / 2)

    async def poll(self) -> list[SentTransaction]:
        """Look once; return what something may still become of.

        Raises:
            ChainUnavailable: nobody answers.
        """
        waiting = await self._ledger.unsettled(self._spec.chain_id)
        if not waiting:
            self._missed.clear()
            return []
        newest, answers = await self._asked(waiting)
        found = [await self._judged(sent, newest, told) for sent, told in zip(waiting, answers, strict=True)]
        left = [each for each in found if not each.is_settled]
        self._missed = {each.hash: self._missed[each.hash] for each in left if each.hash in self._missed}
        return left

    async def _asked(self, waiting: Sequence[SentTransaction]) -> tuple[int, list[_Answers]]:
        """All questions of a poll in one turn of the loop, so that they are one request."""
        senders = list(dict.fromkeys(each.sender for each in waiting))
        heights = list(dict.fromkeys(each.block for each in waiting if each.block is not None))
        newest, receipts, seen, mined, blocks = await asyncio.gather(
            self._chain.block_number(),
            asyncio.gather(*(self._chain.receipt(each.hash) for each in waiting)),
            asyncio.gather(*(self._chain.transaction(each.hash) for each in waiting)),
            asyncio.gather(*(self._chain.nonce(each, pending=False) for each in senders)),
            asyncio.gather(*(self._chain.block(each) for each in heights)),
        )
        numbers, heads = dict(zip(senders, mined, strict=True)), dict(zip(heights, blocks, strict=True))
        return newest, [
            _Answers(receipt, known, numbers[sent.sender], heads.get(sent.block) if sent.block is not None else None)
            for sent, receipt, known in zip(waiting, receipts, seen, strict=True)
        ]

    async def _judged(self, sent: SentTransaction, newest: int, told: _Answers) -> SentTransaction:
        if told.receipt is not None and not _is_contradicted(sent, told):
            self._missed.pop(sent.hash, None)
            return await self._in_block(sent, newest, told.receipt)
        if sent.state in IN_BLOCK:
            log.info("block taken back", extra={"hash": sent.hash})
            return await self._ledger.change(
                sent,
                state=SendState.PENDING,
                block=None,
                block_hash=None,
                depth=0,
                gas_used=None,
                gas_price=None,
                reason="",
                reorgs=sent.reorgs + 1,
            )
        if told.mined > sent.nonce:
            return await self._overtaken(sent, newest)
        if sent.state is SendState.REPLACED:  # what took its number was taken back itself
            return await self._ledger.change(
                sent, state=SendState.PENDING, replaced_by=None, block=None, depth=0, reorgs=sent.reorgs + 1
            )
        return await self._waiting(sent, is_known=told.seen is not None)

    async def _in_block(self, sent: SentTransaction, newest: int, receipt: Receipt) -> SentTransaction:
        depth = max(newest - receipt.block + 1, 1)
        is_deep = depth >= self._spec.confirmations
        if receipt.ok:
            state, reason = SendState.FINAL if is_deep else SendState.CONFIRMED, ""
        else:
            state = SendState.FINAL_FAILED if is_deep else SendState.FAILED
            reason = sent.reason or "The contract said no when it was carried out; only the fee was taken."
            if receipt.gas_used >= sent.transaction.gas:
                reason = "It ran out of gas; only the fee was taken."
        if is_deep and sent.block_hash != receipt.block_hash:
            state = SendState.CONFIRMED if receipt.ok else SendState.FAILED  # its block is checked by the next poll
        return await self._ledger.change(
            sent,
            state=state,
            block=receipt.block,
            block_hash=receipt.block_hash,
            depth=depth,
            gas_used=receipt.gas_used,
            gas_price=receipt.gas_price,
            reason=reason,
            replaced_by=None,
        )

    async def _overtaken(self, sent: SentTransaction, newest: int) -> SentTransaction:
        """Its number is used, and not by it."""
        if self._doubted(sent):
            return sent
        first = sent.block if sent.state is SendState.REPLACED and sent.block is not None else newest
        depth = newest - first + 1
        is_deep = depth >= self._spec.confirmations
        others = [
            each
            for each in await self._ledger.of_nonce(sent.chain_id, sent.sender, sent.nonce)
            if each.hash != sent.hash
        ]
        ours = next((each for each in others if each.state in IN_BLOCK), None)
        return await self._ledger.change(
            sent,
            state=SendState.FINAL_REPLACED if is_deep else SendState.REPLACED,
            replaced_by=None if ours is None else ours.hash,
            block=first,
            depth=depth,
            reason="" if ours is not None else "A transaction that was not sent from here took its number.",
        )

    async def _waiting(self, sent: SentTransaction, *, is_known: bool) -> SentTransaction:
        if is_known:
            self._missed.pop(sent.hash, None)
            return await self._ledger.change(sent, state=SendState.PENDING)
        if sent.state is SendState.KEPT:
            return await self._handed_in(sent)
        if self._doubted(sent):
            return sent
        return await self._ledger.change(sent, state=SendState.DROPPED)

    async def _handed_in(self, sent: SentTransaction) -> SentTransaction:
        """It was signed and never reached a node: the same bytes again."""
        try:
            await self._chain.send_raw(sent.raw)
        except ChainUnavailable:
            return sent
        except NodeRefused as error:
            return await self._ledger.change(sent, state=SendState.REFUSED, reason=str(error))
        return await self._ledger.change(sent, state=SendState.PENDING)

    def _doubted(self, sent: SentTransaction) -> bool:
        """Count a poll that missed it; whether that is still too few to be believed."""
        self._missed[sent.hash] = self._missed.get(sent.hash, 0) + 1
        return self._missed[sent.hash] < DOUBTS and sent.state in ALIVE


def _is_contradicted(sent: SentTransaction, told: _Answers) -> bool:
    """Whether the chain has another block where the receipt says it was."""
    receipt, block = told.receipt, told.block
    if receipt is None or block is None or block.number != receipt.block:
        return False
    return block.hash != receipt.block_hash
