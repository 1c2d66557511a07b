"""Until when a trade may be carried out."""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import InvalidInput
from engine.ports.chain import ChainClient


async def deadline_in(chain: ChainClient, now: Callable[[], int], seconds: int) -> int:
    """Return the instant (seconds since 1970) so long from now, by the chain's clock or this machine's: the later.

    Raises:
        InvalidInput: it is not ahead.
        ChainUnavailable: nobody answers.
    """
    if seconds <= 0:
        raise InvalidInput("A trade needs a deadline in the future.")
    head = await chain.block()
    return max(now(), head.at if head is not None else 0) + seconds
