"""An asset and the door between its engine units and decimal amounts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.number import Units, fixed, scaled_to_int
from engine.errors import InvalidInput

ENGINE_DECIMALS = 18
"""Engine unit unless told otherwise: fine enough that tick x lot is whole for listed pairs."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A currency or token.

    `decimals` is the engine's unit (10 ** -decimals); `shown_decimals` is the coin's own
    precision, to which amounts are rounded, in the open, when they leave the engine for a person.
    """

    code: str
    decimals: int = ENGINE_DECIMALS
    shown_decimals: int = 8

    def units(self, amount: Decimal) -> Units:
        """Return the amount in engine units.

        Raises:
            InvalidInput: the amount is not finite, or finer than one engine unit.
        """
        units = scaled_to_int(amount, self.decimals)
        if units is None:
            raise InvalidInput(f"{amount} {self.code} is finer than the smallest unit, 1e-{self.decimals}.")
        return Units(units)

    def amount(self, units: int) -> Decimal:
        """Return engine units as an exact decimal amount."""
        return Decimal(self.text(units))

    def text(self, units: int) -> str:
        """Return engine units as exact plain text with all engine decimals."""
        return fixed(units, self.decimals)

    def shown(self, units: int) -> str:
        """Return the amount for a person: the coin's own decimals, rounded towards zero."""
        surplus = self.decimals - self.shown_decimals
        if surplus <= 0:
            return self.text(units)
        magnitude = abs(units) // 10**surplus
        return fixed(magnitude if units >= 0 else -magnitude, self.shown_decimals)

    def number(self, units: int) -> float:
        """Return the amount as a float, for charts and models only."""
        return float(units) / float(10**self.decimals)
