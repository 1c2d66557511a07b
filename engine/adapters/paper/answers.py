"""How the submits of one account were answered, so that a repeat is recognised in a market that was made afresh.

Only digests are kept, of the last 100,000 ids at least, as the exchange does. Full batches are held packed and are
packed once, so that a snapshot of many answers costs little more than copying them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import msgspec

from engine.domain.number import Nanos
from engine.domain.order import OrderId, Reason
from engine.exchange.outcomes import BATCHES, REMEMBERED, Outcome

BATCH = REMEMBERED // BATCHES

PIECE = 1_000
"""Answers turned into text at a time: about a millisecond, so that nothing else waits for it."""

Row = tuple[OrderId, Outcome]


class Answers:
    """The answers of one account, in the order in which they were given."""

    def __init__(self, packed: Sequence[bytes] = ()) -> None:
        """`packed` is what `parts` returned."""
        self._full = list(packed[:-1])
        self._newest: dict[OrderId, Outcome] = dict(_unpacked(packed[-1])) if packed else {}

    def add(self, order_id: OrderId, outcome: Outcome) -> None:
        """Keep the answer of an id; of an id that was answered before the first answer counts."""
        self._newest.setdefault(order_id, outcome)
        if len(self._newest) == BATCH:
            self._full = [*self._full[1 - BATCHES :], _packed(self._newest)]
            self._newest = {}

    def parts(self) -> list[bytes]:
        """Return all of them packed, oldest first."""
        return [*self._full, _packed(self._newest)]

    def __iter__(self) -> Iterator[Row]:
        """Yield ids and answers, oldest first, the first answer of each id only."""
        seen: set[OrderId] = set()
        for order_id, outcome in self._all():
            if order_id not in seen:
                seen.add(order_id)
                yield order_id, outcome

    def _all(self) -> Iterator[Row]:
        for batch in self._full:
            yield from _unpacked(batch)
        yield from self._newest.items()


def _packed(batch: dict[OrderId, Outcome]) -> bytes:
    rows = [(order_id, *outcome) for order_id, outcome in batch.items()]
    packer, parts = zlib.compressobj(1), list[bytes]()
    for begin in range(0, len(rows), PIECE):
        parts.append(packer.compress(msgspec.json.encode(rows[begin : begin + PIECE]) + b"\n"))
    return b"".join((*parts, packer.flush()))


def _unpacked(data: bytes) -> Iterator[Row]:
    for line in zlib.decompress(data).splitlines():
        for order_id, digest, number, reason, text, at in msgspec.json.decode(line):
            known = None if reason is None else Reason(reason)
            yield OrderId(order_id), Outcome(digest, number, known, text, Nanos(at))
