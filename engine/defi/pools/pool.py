"""What every pool can do, whatever its formula: the little that a search for routes needs.

Tokens are their EIP-55 addresses (`str`), always in the same spelling; amounts are `int` in a token's smallest unit.
A pool is a frozen value: `after` returns another one, so that a route that uses a pool twice, or a split order, is
worked out on what the first part leaves behind.
"""

from __future__ import annotations

from typing import Protocol


class Pool(Protocol):
    """Two tokens that can be swapped for each other at a price that moves with every swap."""

    @property
    def address(self) -> str:
        """The contract's address."""
        ...

    @property
    def token0(self) -> str:
        """The token with the lower address."""
        ...

    @property
    def token1(self) -> str:
        """The token with the higher address."""
        ...

    def other(self, token: str) -> str:
        """Return the token on the other side.

        Raises:
            WrongToken: the pool does not hold it.
        """
        ...

    def quote_out(self, token_in: str, amount_in: int) -> int:
        """Return how much of the other token exactly `amount_in` buys: to the unit what the contract would send.

        Raises:
            WouldRevert: the contract would refuse, or could not take all of it.
            WrongToken: the pool does not hold `token_in`.
        """
        ...

    def quote_in(self, token_in: str, amount_out: int) -> int:
        """Return how much of `token_in` the contract wants for exactly `amount_out` of the other token.

        Raises:
            WouldRevert: the pool cannot give that much.
            WrongToken: the pool does not hold `token_in`.
        """
        ...

    def after(self, token_in: str, amount_in: int) -> Pool:
        """Return the pool as the swap of `quote_out` leaves it.

        Raises:
            WouldRevert, WrongToken: as `quote_out`.
        """
        ...

    def spot_price(self, token_in: str) -> float:
        """Return units of the other token for one unit of `token_in`, fee included, for a swap of nearly nothing.

        An estimate (float64), to compare and to draw; smallest units, so decimals still have to be applied.
        """
        ...
