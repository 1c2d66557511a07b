"""What became of ids that are not open any more, so that a late repeat is recognised.

They are kept in batches, each a dict that only grows, and the oldest batch is let go whole. One dict that
lost its oldest key for every new one would wear its table out and have it made anew, over and over, which
leaves holes in the memory of a long run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.domain.number import Nanos, ceil_div
from engine.domain.order import OrderId, Reason

REMEMBERED = 100_000
"""How many finished ids an account keeps at least."""

BATCHES = 10
"""In how many batches it keeps them; it holds at most one batch more."""


class Outcome(NamedTuple):
    """How the first submit under an id was answered; `reason` None means accepted."""

    digest: str
    number: int
    reason: Reason | None
    text: str
    at: Nanos


class Outcomes:
    """The outcomes of one account, by id."""

    __slots__ = ("_batches", "_bound", "_size")

    def __init__(self) -> None:
        self._bound = REMEMBERED
        self._size = ceil_div(REMEMBERED, BATCHES)
        self._batches: list[dict[OrderId, Outcome]] = [{}]
        """Oldest first; all but the last are full."""

    def add(self, order_id: OrderId, outcome: Outcome) -> None:
        """Keep an outcome, and let go of the oldest batch if there are enough without it."""
        batches, size = self._batches, self._size
        if len(batches[-1]) == size:
            batches.append({})
        batches[-1][order_id] = outcome
        if (len(batches) - 2) * size + len(batches[-1]) >= self._bound:
            del batches[0]

    def get(self, order_id: OrderId) -> Outcome | None:
        """Return how the id was answered, None if it is not known or forgotten."""
        for batch in self._batches:
            if order_id in batch:
                return batch[order_id]
        return None

    def __contains__(self, order_id: OrderId) -> bool:
        return self.get(order_id) is not None

    def __iter__(self) -> Iterator[tuple[OrderId, Outcome]]:
        """Yield ids and outcomes, oldest first; added again in this order they make the same batches."""
        for batch in self._batches:
            yield from batch.items()
