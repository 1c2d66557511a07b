"""Transactions that wait for a block.

One for each sender and nonce; another one takes its place if it offers a tenth more, both as tip and in all (geth's
rule). What can be mined now is what follows on the sender's nonce without a gap and pays the base fee.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eth.abc import SignedTransactionAPI
from eth_typing import Address

from engine.adapters.practice.refusal import Refusal

MOST, MOST_OF_ONE = 1_024, 64
BUMP = 110
"""Per cent of what the one in place offers."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A transaction that was taken and is in no block."""

    transaction: SignedTransactionAPI
    raw: bytes
    sender: Address
    hash: bytes

    @property
    def nonce(self) -> int:
        """Its number among its sender's."""
        return int(self.transaction.nonce)

    def tip(self, base_fee: int) -> int:
        """Return what it gives above the base fee, wei per gas; negative: it cannot be mined."""
        return min(self.transaction.max_priority_fee_per_gas, self.transaction.max_fee_per_gas - base_fee)


class Pool:
    """The waiting transactions of all senders."""

    def __init__(self) -> None:
        self._by_sender: dict[Address, dict[int, Waiting]] = {}

    def __len__(self) -> int:
        return sum(len(each) for each in self._by_sender.values())

    def __iter__(self) -> Iterator[Waiting]:
        for each in self._by_sender.values():
            yield from each.values()

    def find(self, hash_: bytes) -> Waiting | None:
        """Return a waiting transaction by its hash."""
        return next((each for each in self if each.hash == hash_), None)

    def add(self, waiting: Waiting) -> None:
        """Take a transaction in.

        Raises:
            Refusal: it is there, offers too little to replace another, or there is no room.
        """
        own = self._by_sender.setdefault(waiting.sender, {})
        old = own.get(waiting.nonce)
        if old is None and (len(self) >= MOST or len(own) >= MOST_OF_ONE):
            raise Refusal("txpool is full")
        if old is not None and old.hash == waiting.hash:
            raise Refusal("already known")
        if old is not None and not _outbids(waiting, old):
            raise Refusal("replacement transaction underpriced")
        own[waiting.nonce] = waiting

    def remove(self, waiting: Waiting) -> None:
        """Drop a transaction, if it is still there."""
        own = self._by_sender.get(waiting.sender, {})
        if own.get(waiting.nonce) is waiting:
            del own[waiting.nonce]

    def drop(self, hash_: bytes) -> bool:
        """Forget a transaction as a node does that is short of room; whether it was there."""
        found = self.find(hash_)
        if found is not None:
            self.remove(found)
        return found is not None

    def clear(self) -> None:
        """Forget all."""
        self._by_sender.clear()

    def next_nonce(self, sender: Address, nonce: int) -> int:
        """Return the first nonce from `nonce` on that no waiting transaction has."""
        own = self._by_sender.get(sender, {})
        while nonce in own:
            nonce += 1
        return nonce

    def forget_below(self, sender: Address, nonce: int) -> None:
        """Drop what can never be mined any more."""
        own = self._by_sender.get(sender, {})
        for each in [number for number in own if number < nonce]:
            del own[each]

    def ready(self, base_fee: int, nonce_of: Callable[[Address], int]) -> Iterator[Waiting]:
        """Yield what can be mined, the best tip first, each sender's in order of nonce.

        `nonce_of` gives an account's next nonce.
        """
        heads = {sender: nonce_of(sender) for sender, own in self._by_sender.items() if own}
        while True:
            front = [self._by_sender[s][n] for s, n in heads.items() if n in self._by_sender[s]]
            payable = [each for each in front if each.tip(base_fee) >= 0]
            if not payable:
                return
            best = max(payable, key=lambda each: each.tip(base_fee))
            heads[best.sender] += 1
            yield best


def _outbids(new: Waiting, old: Waiting) -> bool:
    offers = ("max_fee_per_gas", "max_priority_fee_per_gas")
    return all(
        getattr(new.transaction, each) * 100 >= getattr(old.transaction, each) * BUMP for each in offers
    ) and any(getattr(new.transaction, each) > getattr(old.transaction, each) for each in offers)
