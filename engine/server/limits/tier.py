"""What is limited together, and how far."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Rate(NamedTuple):
    """So many within a period."""

    requests: int
    period_s: int


class Tier(StrEnum):
    """A group of routes that share a limit."""

    LOGIN = "login"
    """By address and by e-mail, before any hashing; registration and codes too."""
    ORDERS = "orders"
    MARKET = "market"
    AI = "ai"

    __hash__ = str.__hash__  # Enum's own is a function of Python, and this is looked up with every request

    @property
    def rates(self) -> tuple[Rate, ...]:
        """All of them hold."""
        return _RATES[self]


_RATES = {
    Tier.LOGIN: (Rate(10, 60), Rate(50, 3_600)),
    Tier.ORDERS: (Rate(100, 60), Rate(1_000, 3_600)),
    Tier.MARKET: (Rate(1_000, 60),),
    Tier.AI: (Rate(50, 3_600),),
}


class Verdict(NamedTuple):
    """Whether a request may pass, and what the headers say."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: float
    """Until the whole allowance is back."""
    retry_after_s: float = 0.0
    """Until the same request would pass."""
