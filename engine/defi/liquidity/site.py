"""Where liquidity is given and by whom, and what every act there has in common."""

from __future__ import annotations

from dataclasses import dataclass

from engine.defi.chain import ChainSpec, DexSpec
from engine.defi.token import Token
from engine.errors import InvalidInput

BPS = 10_000


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


def least_of(units: int, slippage_bps: int) -> int:
    """Return what of an amount must be left after the slippage that is allowed, rounded down.

    Raises:
        InvalidInput: the slippage is no part of the whole.
    """
    if not 0 <= slippage_bps < BPS:
        raise InvalidInput(f"A slippage of {slippage_bps / 100:g} % makes no sense: 0 to 99.99 % are possible.")
    return units * (BPS - slippage_bps) // BPS


def share_token(chain_id: int, pair: str, first: Token, second: Token) -> Token:
    """Return the token that a V2 pair gives for liquidity; all pairs count it with 18 decimals."""
    symbol = f"{first.symbol[:8]}-{second.symbol[:8]} LP"
    return Token(chain_id, pair, symbol, 18, f"Share of the pool {symbol.removesuffix(' LP')}")
