"""The numbers of transactions: one after the other, for each account, whoever asks at the same time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from engine.ports.chain import ChainClient
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.sent import SendState, SentTransaction


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account's numbers stand."""

    mined: int
    """The first number that is in no block."""
    next: int
    """The first that nobody has: not the chain, not its waiting ones, not what was signed here."""
    waiting: tuple[SentTransaction, ...]
    """Ours that wait, by number."""

    def before(self, nonce: int) -> tuple[SentTransaction, ...]:
        """Return ours that come before a number."""
        return tuple(each for each in self.waiting if self.mined <= each.nonce < nonce)

    def lost_before(self, nonce: int) -> int:
        """Return how many of them no node knows any more."""
        return sum(each.state is SendState.DROPPED for each in self.before(nonce))


class Nonces:
    """Numbers of all accounts on one chain."""

    def __init__(self, chain: ChainClient, ledger: Ledger) -> None:
        self._chain = chain
        self._ledger = ledger
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def lock(self, sender: str) -> asyncio.Lock:
        """Return the lock of an account: who holds it alone signs for it."""
        return self._locks[sender]

    async def standing(self, sender: str) -> Standing:
        """Ask chain and ledger where an account stands."""
        mined, pending, alive = await asyncio.gather(
            self._chain.nonce(sender, pending=False),
            self._chain.nonce(sender),
            self._ledger.alive(self._chain.chain_id, sender),
        )
        waiting = tuple(each for each in alive if each.nonce >= mined)
        return Standing(mined, max(mined, pending, *following(waiting)), waiting)


def following(waiting: Sequence[SentTransaction]) -> tuple[int, ...]:
    """Return the number after the last that was signed here, if there is one."""
    return (max(each.nonce for each in waiting) + 1,) if waiting else (0,)
