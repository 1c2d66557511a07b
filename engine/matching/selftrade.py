"""Self-trade prevention: who leaves when an order would meet one of its own account."""

from __future__ import annotations

from typing import NamedTuple

from engine.domain.order import SelfTrade


class Leaves(NamedTuple):
    """Who is cancelled instead of trading; the maker goes first."""

    maker: bool
    taker: bool


LEAVES: dict[SelfTrade, Leaves] = {
    SelfTrade.NONE: Leaves(maker=False, taker=False),
    SelfTrade.CANCEL_TAKER: Leaves(maker=False, taker=True),
    SelfTrade.CANCEL_MAKER: Leaves(maker=True, taker=False),
    SelfTrade.CANCEL_BOTH: Leaves(maker=True, taker=True),
}
"""By the taker's mode, which rules."""
