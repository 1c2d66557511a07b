"""From intents to what can be shown: built, simulated, and held against every rule. Nothing is signed here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.defi.callwords import call_words
from engine.defi.chain import ChainSpec
from engine.defi.confirmation import Readable, digest, lines
from engine.defi.fees import bumped, of_preset
from engine.defi.intent import Intent
from engine.defi.policy import DEFAULT_LIMITS, Facts, Limits, remarks
from engine.defi.prepared import FeeChoice, FeePreset, Prepared
from engine.errors import InvalidInput, NodeRefused, Reverted
from engine.ports.chain import Call, ChainClient, UnsignedTransaction
from engine.ports.clock import Clock
from engine.services.wallet.gas import gas_limit
from engine.services.wallet.known import KnownAddresses
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.nonces import Nonces
from engine.services.wallet.rollup import base_fees
from engine.services.wallet.sent import SendState, SentTransaction
from engine.services.wallet.simulation import Seen, Simulator
from engine.services.wallet.situation import Situation, look, payee_of
from engine.services.wallet.strangers import imitated, known_tokens, warning_of
from engine.services.wallet.tokennames import TokenNames

Fee = FeePreset | FeeChoice


@dataclass(frozen=True, slots=True)
class Wish:
    """How a transaction was asked for, to ask for it again."""

    fee: Fee
    allow_unlimited: bool
    before: tuple[Intent, ...] = ()
    """What was prepared with it and comes first."""


class Preparer:
    """Prepares the transactions of one chain."""

    def __init__(
        self,
        chain: ChainClient,
        spec: ChainSpec,
        ledger: Ledger,
        nonces: Nonces,
        book: KnownAddresses,
        clock: Clock,
        names: TokenNames,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.spec = spec
        self._chain = chain
        self._ledger = ledger
        self._nonces = nonces
        self._book = book
        self._clock = clock
        self._names = names
        self._limits = limits
        self._simulator = Simulator(chain, spec, names)

    async def prepare(self, intents: Sequence[Intent], wish: Wish) -> tuple[Prepared, ...]:
        """Return each intent as it would be signed, seen after those before it.

        Raises:
            InvalidInput: no intent, several senders, or something to replace that does not wait any more.
            ChainUnavailable: nobody answers.
        """
        sender = _only_sender(intents)
        situation = await look(self._chain, self.spec, self._clock, self._nonces, sender, intents)
        old = await self._replaced(intents)
        perhaps = await self._perhaps_sent(sender, situation.standing.mined - 1)
        first = situation.standing.next if old is None else old.nonce
        before = [each.transaction for each in situation.standing.before(first)]
        seen, estimated, besides = await asyncio.gather(
            self._simulator.run(intents, before, situation.head.number),
            self._estimated(intents[0], bool(before)),
            base_fees(self._chain, self.spec, intents),
        )
        reserved = sum(each.value + each.gas * each.max_fee for each in before)
        found: list[Prepared] = []
        for index, (intent, one) in enumerate(zip(intents, seen, strict=True)):
            made = self._built(intent, one, situation, wish, old, first + index, estimated if index == 0 else None)
            facts = self._facts(intent, made, one, situation, reserved)
            facts = replace(
                facts,
                allow_unlimited=wish.allow_unlimited,
                replaced=None if old is None else old.transaction,
                base_fee=besides[index],
                perhaps_sent=perhaps,
            )
            found.append(self._shown(facts))
            reserved += made[0].gas * made[0].max_fee + besides[index] + _net_coin(one, intent)
        return tuple(found)

    async def _replaced(self, intents: Sequence[Intent]) -> SentTransaction | None:
        wanted = intents[0].replaces
        if wanted is None:
            return None
        if len(intents) > 1:
            raise InvalidInput("Only one transaction can take the place of one that waits.")
        old = await self._ledger.find(self.spec.chain_id, wanted)
        if old is None or not old.is_alive or old.sender != intents[0].sender:
            raise InvalidInput("The transaction to replace does not wait any more: look at what became of it.")
        return old

    async def _perhaps_sent(self, sender: str, number: int) -> str:
        """What was refused with the last number that is used up, if nothing else from here used it; empty: nothing."""
        rows = await self._ledger.of_nonce(self.spec.chain_id, sender, number) if number >= 0 else []
        return "" if any(each.state is not SendState.REFUSED for each in rows) or not rows else rows[-1].title[:80]

    async def _estimated(self, intent: Intent, is_behind: bool) -> int | None:
        """The node's own figure; None where it stands on what is not in a block yet, or would fail."""
        if is_behind:
            return None
        try:
            return await self._chain.estimate_gas(Call(intent.to, intent.data, intent.value, intent.sender))
        except (Reverted, NodeRefused):
            return None

    def _built(
        self,
        intent: Intent,
        seen: Seen,
        situation: Situation,
        wish: Wish,
        old: SentTransaction | None,
        nonce: int,
        estimated: int | None,
    ) -> tuple[UnsignedTransaction, FeeChoice]:
        fee = of_preset(situation.fees, wish.fee) if isinstance(wish.fee, FeePreset) else wish.fee
        if old is not None and isinstance(wish.fee, FeePreset):
            fee = bumped(old.transaction.max_fee, old.transaction.max_priority_fee, fee)
        gas = gas_limit(
            intent,
            simulated=seen.simulation.gas_used,
            estimated=estimated,
            pools=seen.pools,
            block_limit=situation.head.gas_limit,
        )
        return UnsignedTransaction(
            intent.chain_id,
            intent.sender,
            nonce,
            intent.to,
            intent.value,
            intent.data,
            gas,
            fee.max_fee,
            fee.max_priority_fee,
            not self.spec.has_fee_market,
        ), fee

    def _facts(
        self,
        intent: Intent,
        made: tuple[UnsignedTransaction, FeeChoice],
        seen: Seen,
        situation: Situation,
        reserved: int,
    ) -> Facts:
        transaction, fee = made
        facts = Facts(
            intent, transaction, fee, situation.fees, seen.simulation, self.spec, self._chain.chain_id, situation.now_s,
            situation.balance - reserved, seen.held, call=call_words(intent.data), stray_moves=seen.stray,
            to_has_code=intent.to in situation.contracts,
            waits_behind=situation.standing.lost_before(transaction.nonce), imitations=imitations(intent, self.spec),
        )  # fmt: skip
        payee = payee_of(intent)
        if not payee:
            return facts
        return replace(
            facts, payee=payee, payee_has_code=payee in situation.contracts,
            payee_title=self._book.title(payee, self.spec.chain_id), payee_is_known=self._book.is_known(payee),
            look_alike=self._book.mistaken_for(payee), payee_is_token=self._token_at(payee, intent),
        )  # fmt: skip

    def _token_at(self, payee: str, intent: Intent) -> str:
        """The symbol of the token whose contract a payee is: a known one, or the one that is sent."""
        moved = [each.token for each in intent.leaves]
        tokens = (*self.spec.tokens, self.spec.wrapped, *moved)
        return next((each.symbol for each in tokens if each.address == payee), "")

    def _shown(self, facts: Facts) -> Prepared:
        found = remarks(facts, self._limits)
        readable = Readable(
            facts.intent, facts.transaction, facts.fee, facts.simulation, facts.chain, found, facts.payee,
            facts.payee_title, "" if facts.call is None else facts.call.text, facts.base_fee,
        )  # fmt: skip
        prepared = Prepared(
            facts.intent, facts.transaction, facts.fee, facts.fees, facts.simulation, found, lines(readable),
            self._clock.monotonic(),
        )  # fmt: skip
        return replace(prepared, digest=fingerprint(prepared))


def imitations(intent: Intent, spec: ChainSpec) -> tuple[str, ...]:
    """Return a sentence for each token of an intent that is called as a known one is and is another contract."""
    known = known_tokens(spec)
    approved = () if intent.approval is None else (intent.approval.token,)
    tokens = dict.fromkeys((*(each.token for each in (*intent.leaves, *intent.arrives)), *approved))
    return tuple(warning_of(each, known) for each in tokens if imitated(each, known) is not None)


def fingerprint(prepared: Prepared) -> str:
    """Return what a confirmation is given for: every field that is signed, and every word that was shown."""
    return digest(prepared.transaction, prepared.intent, prepared.remarks, prepared.lines)


def _only_sender(intents: Sequence[Intent]) -> str:
    senders = {each.sender for each in intents}
    if len(senders) != 1:
        raise InvalidInput("Transactions that are prepared together must be of one account.")
    return senders.pop()


def _net_coin(seen: Seen, intent: Intent) -> int:
    """What of the coin a transaction takes or brings, gas apart, for those after it."""
    if not (seen.simulation.ok and seen.simulation.is_complete):
        return intent.value
    changes = seen.simulation.changes
    return -sum(each.amount.units for each in changes if each.account == intent.sender and each.amount.token.is_native)
