"""What orders need of the quotes: the best route of the moment, and the intents that take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.defi.intent import Intent
from engine.defi.token import Token


@dataclass(frozen=True, slots=True)
class Offer:
    """The best route of the moment for an amount."""

    sell: Token
    buy: Token
    amount: int
    bought: int
    """Units of `buy` that should arrive."""
    net: int
    """The same, less what the gas would cost in `buy`; below 0 if the gas costs more than arrives."""
    title: str
    """The route in words."""
    quote: object = None
    """Of whoever made it."""


class Market(Protocol):
    """Where orders look for their price."""

    async def offer(self, sell: Token, buy: Token, amount: int) -> Offer:
        """Return the best route for selling an amount.

        Raises:
            InvalidInput: there is no route, or the amount is too large for the pools.
            ChainUnavailable: nobody answers.
        """
        ...

    async def intents(self, offer: Offer, account: str, slippage_bps: int, least: int) -> list[Intent]:
        """Return what is to be signed to take an offer: an exact approval first if it is missing, then the swap.

        Args:
            offer: as it was made.
            account: who swaps.
            slippage_bps: how much less than expected is still taken.
            least: what must arrive in any case; the higher of both counts.
        """
        ...
