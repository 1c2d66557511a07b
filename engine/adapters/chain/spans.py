"""Logs of long spans of blocks, in pieces as long as the node reads them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from engine.adapters.chain import wire
from engine.adapters.chain.batcher import Batcher
from engine.adapters.chain.node import Answer
from engine.adapters.chain.refusal import Meaning
from engine.errors import InvalidInput
from engine.ports.chain import Log
from engine.services.offload import offload

AT_ONCE = 4
LEAST_TOLD, MOST_TOLD = 10, 5_000_000
RESULTS = re.compile(r"\b(results|logs|size)\b", re.IGNORECASE)
"""It is not the span that is too long, but what is in it."""
NUMBERS = re.compile(r"\d[\d,_]*(?:\s?k\b)?", re.IGNORECASE)


class Spans:
    """Reads logs, and remembers how long a span the chain's nodes take."""

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self.span: int | None = None
        """Blocks at once; None: no node has refused yet."""

    async def read(self, asked: Mapping[str, Any], first: int, last: int) -> list[Log]:
        """Return the logs of the blocks from first to last, both included, in order.

        Raises:
            InvalidInput: there are more than can be taken in.
            ChainUnavailable: as everywhere.
        """
        found: list[Log] = []
        start = first
        while start <= last:
            width = self.span or last - start + 1
            pieces = [
                (at, min(at + width - 1, last))
                for at in range(start, min(last, start + AT_ONCE * width - 1) + 1, width)
            ]
            answers = await asyncio.gather(*(self._ask(asked, *piece) for piece in pieces))
            for piece, answer in zip(pieces, answers, strict=True):
                if answer.meaning is Meaning.TOO_WIDE and piece[0] < piece[1]:
                    self._narrow(answer, piece)
                    break
                if answer.refusal is not None:
                    raise answer.refusal.error()
                found += await offload(_read, answer.result)
                start = piece[1] + 1
                if len(found) > wire.MOST_LOGS:
                    raise InvalidInput(f"There are more than {wire.MOST_LOGS:,} logs in these blocks; ask for fewer.")
        return sorted(found, key=lambda each: (each.block, each.index))

    def _narrow(self, answer: Answer, piece: tuple[int, int]) -> None:
        """Take the length that the node names, if it names one that makes sense; else half of what was asked."""
        width = piece[1] - piece[0] + 1
        text = answer.refusal.text.partition(": ")[2] if answer.refusal else ""
        told = [each for each in map(_number, NUMBERS.findall(text)) if LEAST_TOLD <= each < width]
        is_of_results = RESULTS.search(text) is not None
        self.span = max(1, min(self.span or width, width // 2 if is_of_results or not told else max(told)))

    async def _ask(self, asked: Mapping[str, Any], first: int, last: int) -> Answer:
        return await self._batcher.answer("eth_getLogs", [{**asked, "fromBlock": hex(first), "toBlock": hex(last)}])


def _read(result: Any) -> list[Log]:  # noqa: ANN401 - of JSON
    return [wire.log(each) for each in wire.rows(result) if not wire.fields(each).get("removed")]


def _number(text: str) -> int:
    digits = re.sub(r"\D", "", text)[:9]
    return min(int(digits) * (1000 if text[-1] in "kK" else 1), MOST_TOLD)
