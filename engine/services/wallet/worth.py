"""What tokens are worth: a price, and how much stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from engine.defi.token import Token, TokenAmount


@dataclass(frozen=True, slots=True)
class Worth:
    """A price in the chain's stable coin."""

    price: Decimal
    """Of one whole token."""
    depth: Decimal | None
    """Value in the pool or pools that the price comes from; None: not known."""
    source: str = ""
    at: int = 0
    """Seconds since 1970."""


class Prices(Protocol):
    """Where prices come from."""

    async def worths(self, tokens: Iterable[Token]) -> Mapping[Token, Worth]:
        """Return a price for each token that has one.

        Raises:
            ChainUnavailable: nobody answers.
        """
        ...


def value(amount: TokenAmount, worths: Mapping[Token, Worth]) -> Decimal | None:
    """Return what an amount is worth; None: the token has no price."""
    found = worths.get(amount.token)
    return None if found is None else amount.exact * found.price
