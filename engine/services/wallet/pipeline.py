"""The one way to a signature: prepared, shown, confirmed, kept, sent. There is no other.

    prepare  →  Prepared    built, simulated, judged; nothing is signed
    confirm  →  Confirmed   a person (or a policy that a person set) says yes to exactly what was shown
    send     →  SentTransaction   signed, written to the disk, then handed to a node

A `Confirmed` cannot be made elsewhere, serves once, and only in the pipeline that gave it. What is signed is what was
prepared, to the last field: its fingerprint is worked out again before the keys are asked.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import replace

from engine.defi.chain import ChainSpec
from engine.defi.confirmation import act_of
from engine.defi.intent import Intent, IntentKind
from engine.defi.policy import DEFAULT_LIMITS, Limits
from engine.defi.prepared import FeePreset, Prepared
from engine.errors import ChainUnavailable, InvalidInput, NodeRefused, NotShown, NotSigned
from engine.observe.failpoint import reached
from engine.ports.chain import ChainClient, KeyRing
from engine.ports.clock import Clock
from engine.services.wallet.known import KnownAddresses
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.nonces import Nonces
from engine.services.wallet.preparing import Fee, Preparer, Wish, fingerprint
from engine.services.wallet.sent import SendState, SentTransaction
from engine.services.wallet.situation import payee_of
from engine.services.wallet.tokennames import Lookup, TokenNames

log = logging.getLogger(__name__)

FRESH_BLOCKS = 3
"""So many blocks may pass between what was shown and the signature …"""
FRESH_NS = 30 * 10**9
"""… and so much time, on chains with slow blocks …"""
READ_S = 12
"""… but as many blocks as that at least, on chains with fast ones: somebody has to read it."""

GOOD_NS = 5 * 60 * 10**9
"""How long a confirmation may wait for the wallet to be unlocked; what it was given for is another thing by then."""

MOST_WISHES = 512
"""Prepared transactions that can still be confirmed; a desk that stays open prepares one with every block."""

_SEAL = object()


class Confirmed:
    """Leave to sign one prepared transaction, once. Only `SendPipeline.confirm` gives it."""

    __slots__ = ("_prepared",)

    def __init__(self, seal: object, prepared: Prepared) -> None:
        if seal is not _SEAL:
            raise TypeError("A confirmation is given by the send pipeline and by nobody else.")
        self._prepared = prepared

    @property
    def prepared(self) -> Prepared:
        """What may be signed."""
        return self._prepared


class SendPipeline:
    """All that is sent on one chain."""

    def __init__(
        self,
        chain: ChainClient,
        spec: ChainSpec,
        keys: KeyRing,
        ledger: Ledger,
        book: KnownAddresses,
        clock: Clock,
        *,
        limits: Limits = DEFAULT_LIMITS,
        tokens: Lookup = lambda _address: None,
    ) -> None:
        self.spec = spec
        self.ledger = ledger
        self.names = TokenNames(chain, spec, tokens)
        self._chain = chain
        self._keys = keys
        self._book = book
        self._clock = clock
        self._nonces = Nonces(chain, ledger)
        self._preparer = Preparer(chain, spec, ledger, self._nonces, book, clock, self.names, limits)
        self._wishes: dict[str, Wish] = {}
        self._given: dict[Confirmed, tuple[str, int]] = {}
        """What each confirmation was given for, and when."""

    async def prepare(self, intent: Intent, fee: Fee = FeePreset.NORMAL, *, allow_unlimited: bool = False) -> Prepared:
        """Return what an intent would do, cost, and what speaks against it.

        Raises:
            InvalidInput: what it should replace does not wait any more.
            ChainUnavailable: nobody answers.
        """
        return (await self.prepare_all([intent], fee, allow_unlimited=allow_unlimited))[0]

    async def prepare_all(
        self, intents: Sequence[Intent], fee: Fee = FeePreset.NORMAL, *, allow_unlimited: bool = False
    ) -> tuple[Prepared, ...]:
        """Prepare intents that follow each other, an approval and its swap, each seen after those before it."""
        found = await self._preparer.prepare(intents, Wish(fee, allow_unlimited))
        for index, each in enumerate(found):
            self._wishes[each.digest] = Wish(fee, allow_unlimited, tuple(intents[:index]))
        while len(self._wishes) > MOST_WISHES:  # the oldest was looked at and left
            self._wishes.pop(next(iter(self._wishes)))
        return found

    async def refresh(self, prepared: Prepared) -> Prepared:
        """Return the same wish as it looks now, at the fee that was chosen; after what comes first, if that waits."""
        wish = self._wishes.pop(prepared.digest, Wish(prepared.fee, allow_unlimited=False))
        unsent: Sequence[Intent] = ()
        if wish.before:
            standing = await self._nonces.standing(prepared.transaction.sender)
            missing = min(max(prepared.transaction.nonce - standing.next, 0), len(wish.before))
            unsent = wish.before[len(wish.before) - missing :]
        found = await self.prepare_all([*unsent, prepared.intent], prepared.fee, allow_unlimited=wish.allow_unlimited)
        return found[-1]

    def forget(self, prepared: Prepared) -> None:
        """Drop what was prepared and is not wanted any more."""
        self._wishes.pop(prepared.digest, None)

    async def confirm(self, prepared: Prepared, acknowledged: frozenset[str] = frozenset()) -> Confirmed:
        """Say yes to what was shown.

        Args:
            prepared: as it was shown.
            acknowledged: the codes of the warnings that were accepted, each by itself.

        Raises:
            NotSigned: something forbids it, or a warning was not acknowledged.
            NotShown: it is not what would be signed now (`fresh` has what would): show that.
        """
        if prepared.digest not in self._wishes or fingerprint(prepared) != prepared.digest:
            raise NotShown("This was not prepared here, or was changed since: prepare it anew.")
        _check(prepared, acknowledged)
        if await self._is_old(prepared):
            fresh = await self.refresh(prepared)
            if fresh.digest != prepared.digest:
                raise NotShown("It would do something else now than what was shown. Look at it once more.", fresh)
            _check(fresh, acknowledged)
            prepared = fresh
        confirmed = Confirmed(_SEAL, prepared)
        self._given = {each: told for each, told in self._given.items() if self._is_good(told[1])}
        self._given[confirmed] = prepared.digest, self._clock.monotonic()
        return confirmed

    async def send(self, confirmed: Confirmed) -> SentTransaction:
        """Sign what was confirmed, keep it, hand it to a node.

        Returns:
            The transaction as it is kept: pending; or still only kept, where no node answered: it is sent again.

        Raises:
            NotSigned: this confirmation was used, or was given elsewhere.
            NotShown: its number was taken meanwhile, or it was confirmed long ago; `fresh` has what
                would be signed now.
            KeysLocked: unlock first. The confirmation stays good for some minutes.
            WatchOnly: there is no key.
            NodeRefused: the node said no; it is on its way nowhere.
        """
        if not isinstance(confirmed, Confirmed) or confirmed not in self._given:
            raise NotSigned("This confirmation was used already, or was given elsewhere. Prepare it anew.")
        prepared, (digest, since) = confirmed.prepared, self._given[confirmed]
        if not fingerprint(prepared) == prepared.digest == digest or not prepared.can_sign:
            raise NotSigned("What was confirmed was changed since. It is not signed.")
        if not self._is_good(since):
            del self._given[confirmed]
            raise NotShown("It was confirmed too long ago. Look at it once more.", await self.refresh(prepared))
        async with self._nonces.lock(prepared.transaction.sender):
            if confirmed not in self._given:
                raise NotSigned("This confirmation was used already.")
            await self._check_number(prepared)
            signed = await self._keys.sign(prepared.transaction)
            del self._given[confirmed]
            self._wishes.pop(prepared.digest, None)
            kept = await self.ledger.keep(self._sent(prepared, signed.hash, signed.raw))
        reached("wallet.kept")
        payee = payee_of(prepared.intent)
        if payee:
            self._book.remember(payee)
        return await self.broadcast(kept)

    async def broadcast(self, sent: SentTransaction) -> SentTransaction:
        """Hand a kept transaction to a node, once more if need be: it is the same one, so it cannot count twice.

        Raises:
            NodeRefused: the node said no, and does not know it either.
        """
        try:
            await self._chain.send_raw(sent.raw)
        except ChainUnavailable:
            log.warning("transaction kept, no node answers", extra={"hash": sent.hash})
            return sent
        except NodeRefused as error:
            if await self._is_known(sent):
                return await self.ledger.change(sent, state=SendState.PENDING)
            if sent.state is SendState.KEPT:
                await self.ledger.change(sent, state=SendState.REFUSED, reason=str(error))
            raise
        return await self.ledger.change(sent, state=SendState.PENDING)

    async def resume(self) -> list[SentTransaction]:
        """Hand in again what was kept and is not known to a node; for after a start. What is refused stays told."""
        found: list[SentTransaction] = []
        try:
            if await self.ledger.forget_if_anew(self._chain, self.spec):
                log.info("practice chain began anew", extra={"chain": self.spec.name})
        except ChainUnavailable:
            return found
        for sent in await self.ledger.unsettled(self.spec.chain_id):
            if not sent.is_alive or await self._is_known(sent):
                continue
            try:
                found.append(await self.broadcast(sent))
            except NodeRefused as error:
                log.info("kept transaction refused", extra={"hash": sent.hash, "reason": str(error)})
        return found

    async def is_taken_elsewhere(self, sent: SentTransaction) -> bool:
        """Return whether a number is used up, and by nothing that was sent from here and is in a block.

        Raises:
            ChainUnavailable: nobody answers.
        """
        rows = await self.ledger.of_nonce(sent.chain_id, sent.sender, sent.nonce)
        is_ours = any(each.block is not None for each in rows)
        return not is_ours and (await self._nonces.standing(sent.sender)).mined > sent.nonce

    def speed_up(self, sent: SentTransaction) -> Intent:
        """Return the same wish with the same number; prepared, it pays a tenth more at least.

        Raises:
            InvalidInput: it does not wait any more.
        """
        _check_waiting(sent)
        return replace(sent.intent, replaces=sent.hash)

    def cancel(self, sent: SentTransaction) -> Intent:
        """Return the wish for nothing, with the number of one that waits; raises as `speed_up`."""
        _check_waiting(sent)
        return Intent(
            IntentKind.CANCEL,
            sent.chain_id,
            sent.sender,
            sent.sender,
            "yourself: an empty transaction",
            replaces=sent.hash,
        )

    def _is_good(self, since: int) -> bool:
        return self._clock.monotonic() - since <= GOOD_NS

    async def _is_old(self, prepared: Prepared) -> bool:
        if self._clock.monotonic() - prepared.prepared_ns > FRESH_NS:
            return True
        most = max(FRESH_BLOCKS, math.ceil(READ_S / self.spec.block_s))
        return await self._chain.block_number() - prepared.simulation.block > most

    async def _check_number(self, prepared: Prepared) -> None:
        """Under the account's lock: the number must still be free, or still be that of what is replaced."""
        standing, number = await self._nonces.standing(prepared.transaction.sender), prepared.transaction.nonce
        if prepared.intent.replaces is not None:
            old = await self.ledger.find(self.spec.chain_id, prepared.intent.replaces)
            if old is None or not old.is_alive or standing.mined > number:
                raise NotShown("What it should replace is in a block already. Nothing was signed.")
        elif number != standing.next:
            fresh = await self.refresh(prepared)
            raise NotShown("Another transaction took its number meanwhile. Look at it once more.", fresh)

    async def _is_known(self, sent: SentTransaction) -> bool:
        try:
            return await self._chain.transaction(sent.hash) is not None
        except (ChainUnavailable, NodeRefused):
            return False

    def _sent(self, prepared: Prepared, hash: str, raw: bytes) -> SentTransaction:
        now = self._clock.wall()
        call = next((each.text for each in prepared.lines if each.title == "Call"), "")
        return SentTransaction(
            hash,
            prepared.transaction,
            prepared.intent,
            act_of(prepared.intent),
            call,
            SendState.KEPT,
            now,
            now,
            raw,
            replaces=prepared.intent.replaces,
        )


def _check(prepared: Prepared, acknowledged: frozenset[str]) -> None:
    if prepared.refusals:
        raise NotSigned(" ".join(each.text for each in prepared.refusals))
    missing = [each for each in prepared.warnings if each.code not in acknowledged]
    if missing:
        raise NotSigned("Not acknowledged: " + " ".join(each.text for each in missing))


def _check_waiting(sent: SentTransaction) -> None:
    if not sent.is_alive:
        raise InvalidInput("It does not wait any more: nothing can take its place.")
