"""Asking many contracts at once, in words: what is asked and what kind of answer is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.defi import abi
from engine.errors import InvalidInput
from engine.ports.chain import BlockTag, Call, ChainClient

MOST = 400
"""Questions in one request; more are asked in several."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to a contract."""

    to: str
    function: str
    """"balanceOf(address)"."""
    answer: str
    """"(uint256)"."""
    args: tuple[Any, ...] = ()


async def answers(chain: ChainClient, asks: Sequence[Ask], tag: BlockTag = "latest") -> list[tuple[Any, ...] | None]:
    """Return what contracts answer, each as a tuple; None where there is no answer, or not of that kind.

    Raises:
        ChainUnavailable: nobody answers.
    """
    found: list[tuple[Any, ...] | None] = []
    for start in range(0, len(asks), MOST):
        part = asks[start : start + MOST]
        outcomes = await chain.read([Call(each.to, abi.encode(each.function, *each.args)) for each in part], tag)
        found += [
            _decoded(each.answer, outcome.data) if outcome.ok else None
            for each, outcome in zip(part, outcomes, strict=True)
        ]
    return found


def known(answer: tuple[Any, ...] | None, what: str) -> tuple[Any, ...]:
    """Return an answer that must be there.

    Raises:
        InvalidInput: it is not, so the contract is not what it was taken for.
    """
    if answer is None:
        raise InvalidInput(f"{what} does not answer as such a contract does.")
    return answer


def _decoded(types: str, data: bytes) -> tuple[Any, ...] | None:
    try:
        return abi.decode(types, data)
    except InvalidInput:
        return None
