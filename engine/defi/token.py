"""Tokens of a chain, and amounts of them: whole numbers of the smallest unit, exact text at the edges."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from engine.errors import InvalidInput

NATIVE = "native"
"""Stands for an address where the coin of the chain itself is meant (ether, and its like elsewhere)."""
MOST_DECIMALS = 77
"""More digits than 2**256 has: a token that claims them is not believed."""
MOST_UNITS = 2**256 - 1
SYMBOL_SHOWN = 20
"""Letters of a token's symbol that are shown: it is a text of strangers."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, or the coin of a chain; two are the same if chain and address are."""

    chain_id: int
    address: str
    """EIP-55 text, or `NATIVE`."""
    symbol: str
    decimals: int
    name: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= MOST_DECIMALS:
            raise InvalidInput(
                f"{self.symbol or self.address} says it has {self.decimals} decimals; 0 to 77 are possible."
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> tuple[int, str]:
        """What makes it the token that it is."""
        return self.chain_id, self.address

    @property
    def is_native(self) -> bool:
        """Whether it is the coin that pays for gas: no contract, no allowance."""
        return self.address == NATIVE

    def of(self, text: str | Decimal | int) -> TokenAmount:
        """Return an amount given in whole tokens ("1.5").

        Raises:
            InvalidInput: no number, negative, too fine for the token, or more than a contract can hold.
        """
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise InvalidInput(f"{text!r} is no amount of {self.symbol}: a number like 1.5 is wanted.") from None
        if not value.is_finite() or value < 0:
            raise InvalidInput(f"{text} is no amount of {self.symbol}: it must be a number, 0 or more.")
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int) or value.adjusted() + self.decimals > MOST_DECIMALS:
            raise InvalidInput(f"{text} {self.symbol} is more than a contract can hold.")
        whole = int("".join(map(str, digits)) or "0")
        shift = exponent + self.decimals
        units, rest = (whole * 10**shift, 0) if shift >= 0 else divmod(whole, 10**-shift)
        if rest:
            raise InvalidInput(f"{text} is too fine: {self.symbol} has {self.decimals} decimals.")
        if units > MOST_UNITS:
            raise InvalidInput(f"{text} {self.symbol} is more than a contract can hold.")
        return TokenAmount(self, units)

    def units(self, units: int) -> TokenAmount:
        """Return an amount given in the smallest unit."""
        return TokenAmount(self, units)


@dataclass(frozen=True, slots=True)
class TokenAmount:
    """So much of a token; `units` may be negative where it is a change."""

    token: Token
    units: int

    @property
    def exact(self) -> Decimal:
        """In whole tokens, exactly, whatever the context's precision."""
        digits = tuple(map(int, str(abs(self.units))))
        return Decimal((int(self.units < 0), digits, -self.token.decimals))

    @property
    def text(self) -> str:
        """In whole tokens, without an exponent and without trailing zeros: "1.5"."""
        text = format(self.exact, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def __str__(self) -> str:
        return f"{self.text} {self.token.symbol[:SYMBOL_SHOWN]}"
