"""Pairs between tokens that keep a part of every transfer, as a route meets them.

A route's first transfer (to the first pair) is taxed before it begins: search with what arrives there. From then on
each hop is one transfer, of what the pair sends out. Only V2's routers sell such tokens, and only exact-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.defi.pools.tax import UNTAXED, TransferTax
from engine.defi.pools.v2 import V2Pool
from engine.defi.refusal import WouldRevert
from engine.defi.routes.graph import Market, PoolGraph


@dataclass(frozen=True, slots=True)
class Tax:
    """What a token keeps when it leaves a pool for somebody, and when it is sent to a pool."""

    leaving: TransferTax = UNTAXED
    entering: TransferTax = UNTAXED
    is_exact: bool = True
    """Whether transfers of different sizes were found to follow it to the unit."""

    @property
    def is_some(self) -> bool:
        """Whether anything is kept."""
        return bool(self.leaving.numerator or self.entering.numerator)


Taxes = Mapping[str, Tax]
"""By the token's address; a token that is not there keeps nothing, as far as is known."""
NO_TAX = Tax()


@dataclass(frozen=True, slots=True)
class TaxedPool:
    """A pair whose tokens, or one of them, arrive with a part missing."""

    pair: V2Pool
    tax0: TransferTax
    """Of token0, when the pair sends it."""
    tax1: TransferTax

    @property
    def address(self) -> str:
        """The contract's address."""
        return self.pair.address

    @property
    def token0(self) -> str:
        """The token with the lower address."""
        return self.pair.token0

    @property
    def token1(self) -> str:
        """The token with the higher address."""
        return self.pair.token1

    def other(self, token: str) -> str:
        """Return the token on the other side."""
        return self.pair.other(token)

    def quote_out(self, token_in: str, amount_in: int) -> int:
        """Return what arrives of what the pair sends for `amount_in` that arrived in it."""
        return self._tax(token_in).arrives(self.pair.quote_out(token_in, amount_in))

    def quote_in(self, token_in: str, amount_out: int) -> int:
        """Refuse: no router buys an exact amount of a token that is less when it arrives."""
        raise WouldRevert(
            "A token that keeps a part of each transfer cannot be bought or sold for an exact amount out."
        )

    def after(self, token_in: str, amount_in: int) -> TaxedPool:
        """Return the pair with the swap's reserves."""
        return TaxedPool(self.pair.after(token_in, amount_in), self.tax0, self.tax1)

    def spot_price(self, token_in: str) -> float:
        """Return the price of nearly nothing, fee and tax included."""
        tax = self._tax(token_in)
        return self.pair.spot_price(token_in) * (1.0 - tax.numerator / tax.denominator)

    def _tax(self, token_in: str) -> TransferTax:
        return self.tax1 if token_in == self.pair.token0 else self.tax0


def taxed_graph(graph: PoolGraph, taxes: Taxes) -> PoolGraph:
    """Return a graph in which taxed tokens are only in pairs of V2, and less of them arrives."""
    taxed = {address for address, tax in taxes.items() if tax.is_some}
    if not any(token in graph.edges for token in taxed):
        return graph
    markets: list[Market] = []
    for market in graph.markets.values():
        pool = market.pool
        if pool.token0 not in taxed and pool.token1 not in taxed:
            markets.append(market)
        elif isinstance(pool, V2Pool):
            tax0, tax1 = (taxes.get(each, NO_TAX).leaving for each in (pool.token0, pool.token1))
            markets.append(Market(TaxedPool(pool, tax0, tax1), market.dex, market.gas, market.label))
    return PoolGraph(markets)
