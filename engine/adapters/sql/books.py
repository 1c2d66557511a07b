"""What follows from a record: changed balances and positions, and the postings of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from engine.adapters.sql.codec import FACTS
from engine.domain.command import ListPair, SetFees
from engine.portfolio.fold import Fold

FOLDED = (*FACTS, ListPair, SetFees)
"""Kinds of record from which the accounts follow; the other kinds only tell what was asked for."""


class Books:
    """A fold that keeps pace with the writer, ahead of what is published."""

    def __init__(self, fold: Fold | None = None) -> None:
        self.fold = fold or Fold()

    def apply(self, record: object) -> Sequence[object]:
        """Fold one record and return what the projections must know besides."""
        if not isinstance(record, FOLDED):
            return ()
        changes = self.fold.apply(record)
        transaction = self.fold.transaction
        return (*changes, *transaction.postings) if transaction is not None else changes
