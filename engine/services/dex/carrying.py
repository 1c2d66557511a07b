"""Sending what was not asked for at this moment: an order that fell due, a step of a compounding.

There is no second way to a signature here: everything goes through the send pipeline. What is added is who agrees (a
person who is asked, or limits that a person set), and that the transaction is written down by whoever wants it before
it is signed, so that its fate can be found after a crash.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from engine.defi.address import keccak
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.orders.limits import Limits, exceeded
from engine.defi.orders.order import Attempt
from engine.defi.prepared import Prepared
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import CrsError, InvalidInput, NotShown, NotSigned
from engine.observe.failpoint import reached
from engine.ports.chain import KeyRing
from engine.ports.clock import Clock
from engine.services.wallet.pipeline import Confirmed, SendPipeline
from engine.services.wallet.sent import SendState, SentTransaction

TRIES = 3
"""Times that something is prepared anew because it changed before it was signed."""


class NotCarried(InvalidInput):
    """It was not sent; the message says why. Nothing was signed."""


class Declined(NotCarried):
    """A person looked at it and said no."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked before something is signed."""

    title: str
    """Which order or plan, in words."""
    why: str
    """What made it due."""
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person said."""

    agrees: bool
    acknowledged: frozenset[str] = frozenset()
    """Codes of the warnings that were accepted, each by itself."""
    looked_at: Prepared | None = None
    """What was looked at, if it was simulated again while the person thought; None: what was asked about."""


Ask = Callable[[Question], Awaitable[Answer]]
Note = Callable[[Attempt], Awaitable[None]]


class Fate(StrEnum):
    """What became of a transaction that was written down."""

    NEVER_SENT = "never-sent"
    WAITING = "waiting"
    MINED = "mined"
    """Carried out, in a block that may still be taken back."""
    DONE = "done"
    FAILED = "failed"
    """In a block, too deep to be taken back, and the contract said no."""
    LOST = "lost"
    """Another transaction took its number."""


@dataclass(frozen=True, slots=True)
class Found:
    """A fate, and the transaction that it is about, if there is one."""

    fate: Fate
    sent: SentTransaction | None = None


def fingerprint(to: str, value: int, data: bytes) -> str:
    """Return what tells a call apart from every other with the same number: a speed-up keeps it, a cancel does not."""
    return keccak(bytes.fromhex(to[2:]) + value.to_bytes(32, "big") + data).hex()


class Carrier:
    """Carries intents of orders and plans through the pipeline of one chain."""

    def __init__(self, pipeline: SendPipeline, spec: ChainSpec, keys: KeyRing, clock: Clock) -> None:
        self._pipeline, self._spec, self._keys, self._clock = pipeline, spec, keys, clock
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.ask: Ask | None = None
        """Set by whoever can show a question to a person."""

    def now(self) -> int:
        """Return this machine's clock in seconds since 1970."""
        return self._clock.wall() // NANOS_PER_SECOND

    async def carry(
        self, intent: Intent, limits: Limits, times_today: int, title: str, why: str, slot: int, step: str, note: Note
    ) -> SentTransaction:
        """Prepare, have agreed to, write down and send.

        Args:
            intent: what is wanted.
            limits: what was agreed on before.
            times_today: how often it was done in 24 hours.
            title: of the order, for a person.
            why: what made it due, for a person.
            slot: the purchase it belongs to.
            step: what it is of it.
            note: writes the attempt down; it is on the disk when this returns.

        Raises:
            NotCarried: it may not be sent, or not now; nothing was signed. What was noted is to be forgotten.
            NodeRefused: signed, and no node took it; `fate` says so too.
            ChainUnavailable: nobody answers.
        """
        self._check_keys(intent.sender, limits)
        prepared = await self._pipeline.prepare(intent)
        for _ in range(TRIES):
            prepared, acknowledged = await self._agreed(prepared, limits, times_today, title, why)
            async with self._locks[intent.sender]:
                try:
                    confirmed = await self._pipeline.confirm(prepared, acknowledged)
                    return await self._sent(confirmed, slot, step, note)
                except NotShown as error:
                    fresh = error.fresh if isinstance(error.fresh, Prepared) else None
                except NotSigned as error:
                    raise NotCarried(str(error)) from error
            prepared = fresh or await self._pipeline.prepare(intent)
        raise NotCarried("It changed each time before it could be signed; it is tried again later.")

    async def fate(self, attempt: Attempt) -> Found:
        """Return what became of a transaction that was noted, as far as the ledger knows."""
        rows = await self._pipeline.ledger.of_nonce(self._spec.chain_id, attempt.sender, attempt.nonce)
        ours = [each for each in rows if _print(each) == attempt.digest]
        states = {each.state: each for each in ours}
        for state, fate in (
            (SendState.FINAL, Fate.DONE),
            (SendState.FINAL_FAILED, Fate.FAILED),
            (SendState.CONFIRMED, Fate.MINED),
        ):
            if state in states:
                return Found(fate, states[state])
        alive = [each for each in ours if each.is_alive or each.state in (SendState.REPLACED, SendState.FAILED)]
        if alive:
            return Found(Fate.WAITING, alive[-1])
        if SendState.FINAL_REPLACED in states:
            return Found(Fate.LOST, states[SendState.FINAL_REPLACED])
        refused = ours[-1] if ours else None
        if refused is not None and await self._pipeline.is_taken_elsewhere(refused):
            return Found(Fate.LOST, refused)  # by whom is not known: perhaps the node carried out what it refused
        return Found(Fate.NEVER_SENT, refused)

    def _check_keys(self, sender: str, limits: Limits) -> None:
        if not self._keys.can_sign(sender):
            raise NotCarried("There is no key for this account here: it can only be watched.")
        if self._keys.is_locked and not limits.asks:
            raise NotCarried("The wallet is locked. It goes on when the wallet is unlocked.")

    async def _agreed(
        self, prepared: Prepared, limits: Limits, times_today: int, title: str, why: str
    ) -> tuple[Prepared, frozenset[str]]:
        """Return what was agreed to, and the warnings accepted; without a person there is none that could be."""
        if prepared.refusals:
            self._pipeline.forget(prepared)
            raise NotCarried(" ".join(each.text for each in prepared.refusals))
        transaction = prepared.transaction
        cost = transaction.gas * transaction.max_fee
        broken = exceeded(limits, gas_cost=cost, slippage_bps=prepared.intent.slippage_bps, times_today=times_today)
        if broken:
            self._pipeline.forget(prepared)
            raise NotCarried(broken)
        if not limits.asks:
            if prepared.warnings:
                self._pipeline.forget(prepared)
                raise NotCarried("A person has to look at it: " + " ".join(each.text for each in prepared.warnings))
            return prepared, frozenset()
        if self.ask is None:
            raise NotCarried("It has to be confirmed, and there is nobody to ask.")
        answer = await self.ask(Question(title, why, prepared))
        if not answer.agrees:
            self._pipeline.forget(prepared)
            raise Declined("You declined it.")
        if answer.looked_at is None or answer.looked_at.digest == prepared.digest:
            return answer.looked_at or prepared, answer.acknowledged
        self._pipeline.forget(prepared)
        return answer.looked_at, answer.acknowledged

    async def _sent(self, confirmed: Confirmed, slot: int, step: str, note: Note) -> SentTransaction:
        transaction = confirmed.prepared.transaction
        taken = await self._pipeline.ledger.of_nonce(self._spec.chain_id, transaction.sender, transaction.nonce)
        if any(each.is_alive or each.block is not None for each in taken):
            raise NotShown("Another transaction took its number meanwhile.")
        least = confirmed.prepared.intent.arrives
        await note(
            Attempt(
                slot,
                step,
                transaction.sender,
                transaction.nonce,
                fingerprint(transaction.to or "0x", transaction.value, transaction.data),
                self.now(),
                least[0].units if least else 0,
            )
        )
        reached("order.noted")
        try:
            sent = await self._pipeline.send(confirmed)
        except (NotSigned, NotShown):
            raise
        except CrsError as error:
            raise NotCarried(str(error)) from error
        reached("order.sent")
        return sent


def _print(sent: SentTransaction) -> str:
    transaction = sent.transaction
    return fingerprint(transaction.to or "0x", transaction.value, transaction.data)
