"""A path through pools, and the exact amounts along it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.defi.pools.pool import Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.routes.graph import Edge


@dataclass(frozen=True, slots=True)
class Path:
    """Edges one after the other, with what is before the first and after each of them."""

    edges: tuple[Edge, ...]
    amounts: tuple[int, ...]
    """One more than there are edges; the first goes in, the last comes out."""

    @property
    def amount_in(self) -> int:
        """What goes in."""
        return self.amounts[0]

    @property
    def amount_out(self) -> int:
        """What comes out."""
        return self.amounts[-1]

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens on the way, both ends included."""
        return self.edges[0].token_in, *(each.token_out for each in self.edges)

    @property
    def pools(self) -> tuple[str, ...]:
        """The pools' addresses in order."""
        return tuple(each.market.pool.address for each in self.edges)

    @property
    def dexes(self) -> tuple[str, ...]:
        """The exchanges in the order in which the path first meets them."""
        return tuple(dict.fromkeys(each.market.dex for each in self.edges))

    @property
    def gas(self) -> int:
        """What its hops take, the transaction itself not counted."""
        return sum(each.market.gas for each in self.edges)


State = dict[str, Pool]
"""By address: pools that are no longer as the graph has them."""


def walked(edges: Sequence[Edge], amount_in: int, state: Mapping[str, Pool] | None = None) -> Path:
    """Return what a path gives for an amount.

    Args:
        edges: one after the other.
        amount_in: of the first edge's token.
        state: pools as earlier parts of the same order left them.

    Raises:
        WouldRevert, TicksUnknown: a pool on the way refuses, or is not known far enough.
    """
    amounts = [amount_in]
    for edge in edges:
        pool = edge.market.pool if not state else state.get(edge.market.pool.address, edge.market.pool)
        amounts.append(pool.quote_out(edge.token_in, amounts[-1]))
    return Path(tuple(edges), tuple(amounts))


def walked_back(edges: Sequence[Edge], amount_out: int, state: Mapping[str, Pool] | None = None) -> Path:
    """Return what a path wants for an amount out.

    Raises:
        WouldRevert, TicksUnknown: as `walked`.
    """
    amounts = [amount_out]
    for edge in reversed(edges):
        pool = edge.market.pool if not state else state.get(edge.market.pool.address, edge.market.pool)
        amounts.append(pool.quote_in(edge.token_in, amounts[-1]))
    return Path(tuple(edges), tuple(reversed(amounts)))


def swapped(pool: Pool, token_in: str, amount_in: int) -> tuple[int, Pool]:
    """Return what a pool gives and the pool that it leaves, for one walk along it.

    Raises:
        WouldRevert, TicksUnknown: as `Pool.quote_out`.
    """
    if isinstance(pool, V3Pool):
        swap = pool.exact_in(token_in, amount_in)
        if swap.amount_in == amount_in:
            return swap.amount_out, pool.moved(swap)
    out = pool.quote_out(token_in, amount_in)
    return out, pool.after(token_in, amount_in)


def carried_out(edges: Sequence[Edge], amount_in: int, state: State) -> Path:
    """Return what a path gives, and write into `state` how it leaves its pools.

    Raises:
        WouldRevert, TicksUnknown: as `walked`; `state` may hold some of its pools then.
    """
    amounts = [amount_in]
    for edge in edges:
        address = edge.market.pool.address
        out, state[address] = swapped(state.get(address, edge.market.pool), edge.token_in, amounts[-1])
        amounts.append(out)
    return Path(tuple(edges), tuple(amounts))


def marginal_rate(edges: Sequence[Edge], state: Mapping[str, Pool]) -> float:
    """Return what nearly nothing more would give along a path, per unit."""
    rate = 1.0
    for edge in edges:
        rate *= state.get(edge.market.pool.address, edge.market.pool).spot_price(edge.token_in)
    return rate
