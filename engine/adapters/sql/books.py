"""What follows from a record: changed balances and positions, and the postings of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

from engine.adapters.sql.codec import FACTS
from engine.domain.command import ListPair, SetFees
from engine.portfolio.fold import Fold
from engine.portfolio.ledger import LedgerRecord

FOLDED = (*FACTS, ListPair, SetFees)
"""Kinds of record from which the accounts follow; the other kinds only tell what was asked for."""

_FOLDED = frozenset(FOLDED)
"""Found at once, where each of a dozen classes would be asked."""


class Keeper(Protocol):
    """What keeps pace with the journal's writer, on its thread."""

    folded: int
    """Records taken since its last snapshot."""

    @property
    def fold(self) -> Fold:
        """The accounts."""
        ...

    def take(self, seq: int, at: int, record: Any) -> Sequence[object]:  # noqa: ANN401 - any kind of record
        """Fold record `seq` of the venue's instant `at` and return what the projections must know besides."""
        ...

    def snapshot(self, last_hash: str) -> bytes | None:
        """Return all that was folded, the last record having this hash; None if it keeps no snapshots."""
        ...

    def equals(self, data: bytes, last_hash: str) -> bool:
        """Whether a snapshot holds what was folded, the last record having this hash."""
        ...


class Books:
    """A fold that keeps pace with the writer, ahead of what is published. It keeps no snapshots."""

    def __init__(self, fold: Fold | None = None) -> None:
        self.fold = fold or Fold()
        self.folded = 0

    def take(self, seq: int, at: int, record: Any) -> Sequence[object]:  # noqa: ANN401 - any kind of record
        """Fold one record and return what the projections must know besides."""
        return self.apply(record)

    def snapshot(self, last_hash: str) -> None:
        """Return nothing."""

    def equals(self, data: bytes, last_hash: str) -> bool:
        """Return True: it does not look into snapshots."""
        return True

    def apply(self, record: object) -> Sequence[object]:
        """Fold one record and return what the projections must know besides."""
        if type(record) not in _FOLDED:
            return ()
        changes = self.fold.apply(cast(LedgerRecord, record))
        transaction = self.fold.transaction
        return (*changes, *transaction.postings) if transaction is not None else changes
