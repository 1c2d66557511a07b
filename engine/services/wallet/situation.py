"""What a chain and this machine know when a transaction is prepared, asked for all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from engine.defi.chain import ChainSpec
from engine.defi.fees import BLOCKS, PERCENTILES, presets
from engine.defi.intent import Intent, IntentKind
from engine.defi.prepared import FeeChoice
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import ChainUnavailable, NodeRefused
from engine.ports.chain import BlockHead, ChainClient, FeeHistory
from engine.ports.clock import Clock
from engine.services.wallet.nonces import Nonces, Standing

DELEGATED = b"\xef\x01\x00"
"""Code of an account that lets a contract act for it (EIP-7702): still somebody's account."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One moment of a chain, as a sender's transactions need it."""

    head: BlockHead
    now_s: int
    balance: int
    standing: Standing
    fees: tuple[FeeChoice, ...]
    contracts: frozenset[str]
    """Of the addresses that matter, those with code."""


async def look(
    chain: ChainClient, spec: ChainSpec, clock: Clock, nonces: Nonces, sender: str, intents: Sequence[Intent]
) -> Situation:
    """Ask for all that there is to know before transactions are built.

    Raises:
        ChainUnavailable: nobody answers, or the chain has no block.
    """
    addresses = list(dict.fromkeys(each for intent in intents for each in (intent.to, payee_of(intent)) if each))
    (head, balance, standing, history), codes = await asyncio.gather(
        asyncio.gather(chain.block("latest"), chain.balance(sender), nonces.standing(sender), _history(chain)),
        asyncio.gather(*(chain.code(each) for each in addresses)),
    )
    if head is None:
        raise ChainUnavailable("The node says that the chain has no block yet. Try again when it has caught up.")
    contracts = frozenset(
        address for address, code in zip(addresses, codes, strict=True) if code and not code.startswith(DELEGATED)
    )
    fees = presets(history, spec.block_s, has_fee_market=spec.has_fee_market)
    return Situation(head, max(head.at, clock.wall() // NANOS_PER_SECOND), balance, standing, fees, contracts)


def payee_of(intent: Intent) -> str:
    """Return who gets something by an intent, besides its sender: a payee, a spender, another recipient."""
    if intent.kind in (IntentKind.APPROVE, IntentKind.REVOKE) and intent.approval is not None:
        return intent.approval.spender
    if intent.kind is IntentKind.SEND:
        return intent.recipient or intent.to
    return intent.recipient if intent.recipient != intent.sender else ""


async def _history(chain: ChainClient) -> FeeHistory:
    """A node without fee history is no reason to give up: then the fee is the user's to say."""
    try:
        return await chain.fee_history(BLOCKS, PERCENTILES)
    except NodeRefused:
        return FeeHistory((), (), ())
