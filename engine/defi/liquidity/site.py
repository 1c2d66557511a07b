"""Where liquidity is given and by whom, and what every act there has in common."""

from __future__ import annotations

from dataclasses import dataclass

from engine.defi.chain import ChainSpec, DexSpec
from engine.defi.token import Token
from engine.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Site:
    """An exchange on a chain, and the account that acts there."""

    chain: ChainSpec
    dex: DexSpec
    account: str

    def pooled(self, token: Token) -> Token:
        """Return what the pool holds in place of a token: the wrapped coin for the coin itself.

        Raises:
            InvalidInput: the token is one of another chain.
        """
        if token.chain_id != self.chain.chain_id:
            raise InvalidInput(f"{token.symbol} is a token of another chain than {self.chain.title}.")
        return self.chain.wrapped if token.is_native else token


def share_token(chain_id: int, pair: str, first: Token, second: Token) -> Token:
    """Return the token that a V2 pair gives for liquidity; all pairs count it with 18 decimals."""
    symbol = f"{first.symbol[:8]}-{second.symbol[:8]} LP"
    return Token(chain_id, pair, symbol, 18, f"Share of the pool {symbol.removesuffix(' LP')}")
