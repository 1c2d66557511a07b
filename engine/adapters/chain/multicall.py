"""Many reads of one block in one call, through the chain's Multicall contract; without it, in one batch.

Source: mds1/multicall3, `tryAggregate`, which Multicall2 has as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from engine.adapters.chain import aggregate
from engine.errors import InvalidInput, NodeRefused, Reverted
from engine.ports.chain import BlockTag, Call, Outcome

MOST_CALLS, MOST_DATA = 400, 96 * 1024
"""In one call: nodes bound the gas of a call, and the length of a request."""


class Reads(Protocol):
    """What is needed of a chain."""

    async def block_number(self) -> int:
        """Return the newest block's number."""
        ...

    async def call(self, call: Call, tag: BlockTag = "latest") -> bytes:
        """Return what a contract answers."""
        ...


async def read(chain: Reads, multicall: str, calls: Sequence[Call], tag: BlockTag) -> list[Outcome]:
    """Return what many contracts answer, all of one block.

    Args:
        chain: who is asked.
        multicall: the contract's address; empty: there is none.
        calls: to contracts; one with a sender or a value goes by itself.
        tag: of which block; more than one request of the newest block is pinned to its number.
    """
    pieces = _pieces([at for at, each in enumerate(calls) if multicall and _is_plain(each)], calls)
    alone = [at for at, each in enumerate(calls) if not (multicall and _is_plain(each))]
    if len(pieces) + len(alone) > 1 and tag == "latest":
        tag = await chain.block_number()
    found: list[Outcome] = [Outcome(False, b"")] * len(calls)
    together = [_together(chain, multicall, [calls[at] for at in piece], tag) for piece in pieces]
    singly = [_alone(chain, calls[at], tag) for at in alone]
    answers = await asyncio.gather(*together, asyncio.gather(*singly))
    *of_pieces, of_alone = answers
    for places, outcomes in zip([*pieces, alone], [*of_pieces, of_alone], strict=True):
        for at, outcome in zip(places, outcomes, strict=True):
            found[at] = outcome
    return found


def _is_plain(call: Call) -> bool:
    return call.to is not None and not call.value and call.sender is None and call.gas is None


def _pieces(places: Sequence[int], calls: Sequence[Call]) -> list[list[int]]:
    """Return which calls go together: not too many, not too long."""
    pieces, size = list[list[int]](), MOST_DATA + 1
    for at in places:
        length = len(calls[at].data) + 160
        if size + length > MOST_DATA or len(pieces[-1]) >= MOST_CALLS:
            pieces.append([])
            size = 0
        pieces[-1].append(at)
        size += length
    return pieces


async def _together(chain: Reads, multicall: str, calls: Sequence[Call], tag: BlockTag) -> list[Outcome]:
    """Ask in one call; where all of it fails (one that burns all gas), in halves."""
    try:
        answer = await chain.call(Call(multicall, aggregate.question(calls)), tag)
        rows = aggregate.answers(answer) if answer else []  # nothing answers where no contract is
    except (Reverted, InvalidInput):
        if len(calls) == 1:
            return [await _alone(chain, calls[0], tag)]
        half = len(calls) // 2
        halves = await asyncio.gather(
            _together(chain, multicall, calls[:half], tag), _together(chain, multicall, calls[half:], tag)
        )
        return [*halves[0], *halves[1]]
    if len(rows) != len(calls):
        return list(await asyncio.gather(*(_alone(chain, each, tag) for each in calls)))
    return rows


async def _alone(chain: Reads, call: Call, tag: BlockTag) -> Outcome:
    try:
        return Outcome(True, await chain.call(call, tag))
    except Reverted as error:
        return Outcome(False, error.data)
    except NodeRefused:  # its sender does not have what it sends along
        return Outcome(False, b"")
