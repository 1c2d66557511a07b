"""Pools as a graph: tokens are its knots, and every pool is two edges, one for each direction.

Each edge knows the best rate that it can ever give, which is the one for nearly nothing (a swap moves the price
against itself). From these rates follow bounds on what any path can still bring, so that a search need not look at
most of them; see `search`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from engine.defi.pools.pool import Pool
from engine.defi.routes.depth import UNKNOWN, Depth, depth_of

CLOSE = 1e-12
"""How near to its end a pool is not told from empty: floats of 53 bits cannot."""


@dataclass(frozen=True, slots=True)
class Market:
    """A pool together with the exchange whose router reaches it."""

    pool: Pool
    dex: str
    """The exchange's name, as in `DexSpec`."""
    gas: int
    """What a hop through it takes."""
    label: str = ""
    """What tells it from others of the exchange ("0.05 %")."""


class Edge(NamedTuple):
    """A market in one direction."""

    market: Market
    token_in: str
    token_out: str
    rate: float
    """Units out for one unit in, fee included, at the best that there is: for nearly nothing."""
    depth: Depth = UNKNOWN

    def most_out(self, amount_in: float) -> float:
        """Return more than any swap of so much can give."""
        most = amount_in * self.rate
        return most / (1.0 + amount_in / self.depth.depth) if amount_in <= self.depth.known_to else most

    def least_in(self, amount_out: float) -> float:
        """Return less than any swap can want for so much; endless where the pool does not have it."""
        least = amount_out / self.rate
        depth, known_to = self.depth
        if amount_out > self.most_out(known_to) < inf:
            return least
        left = 1.0 - least / depth + CLOSE
        return least / left if left > 0.0 else inf


class PoolGraph:
    """Tokens and the markets between them, as they are at one block; never changed, see `moved`."""

    __slots__ = ("_reach", "edges", "into", "markets")

    def __init__(self, markets: Iterable[Market]) -> None:
        self.markets = {each.pool.address: each for each in markets}
        self.edges: dict[str, list[Edge]] = {}
        """By the token that goes in."""
        self.into: dict[str, list[Edge]] = {}
        """By the token that comes out."""
        for market in self.markets.values():
            self._add(market, None)
        self._reach: dict[tuple[str, int, bool], list[dict[str, float]]] = {}

    def moved(self, pools: Mapping[str, tuple[Pool, str]]) -> PoolGraph:
        """Return the graph with some pools changed, which from then on are open in one direction only.

        Args:
            pools: by address: the pool as it is now, and the token that goes into it.
        """
        other = PoolGraph(())
        known = {address: each for address, each in pools.items() if address in self.markets}
        touched = {token for pool, _ in known.values() for token in (pool.token0, pool.token1)}
        other.markets = dict(self.markets)
        other.edges, other.into = dict(self.edges), dict(self.into)
        for token in touched:
            other.edges[token] = [each for each in self.edges.get(token, ()) if each.market.pool.address not in known]
            other.into[token] = [each for each in self.into.get(token, ()) if each.market.pool.address not in known]
        for address, (pool, token_in) in known.items():
            before = self.markets[address]
            market = Market(pool, before.dex, before.gas, before.label)
            other.markets[address] = market
            other._add(market, token_in)
        return other

    def only(self, wanted: Callable[[Market], bool]) -> PoolGraph:
        """Return the graph of some of its markets."""
        return PoolGraph(each for each in self.markets.values() if wanted(each))

    def reach(self, goal: str, hops: int, *, backwards: bool = False) -> list[dict[str, float]]:
        """Return for 0, 1 … `hops` hops the best factor between each token and the goal; tokens out of reach have none.

        Args:
            goal: the token that a path ends with; `backwards`, the one that it begins with.
            hops: how many at most.
            backwards: factors are units of the goal needed for one unit of the token, and the least is the best.
        """
        key = goal, hops, backwards
        found = self._reach.get(key)
        if found is None:
            found = self._reach[key] = self._least(goal, hops) if backwards else self._most(goal, hops)
        return found

    def _most(self, goal: str, hops: int) -> list[dict[str, float]]:
        layers = [{goal: 1.0}]
        for _ in range(hops):
            before = layers[-1]
            now = dict(before)
            for token, factor in before.items():
                for edge in self.into.get(token, ()):
                    value = edge.rate * factor
                    if value > now.get(edge.token_in, 0.0):
                        now[edge.token_in] = value
            now[goal] = 1.0  # a path is over when it arrives
            layers.append(now)
        return layers

    def _least(self, goal: str, hops: int) -> list[dict[str, float]]:
        layers = [{goal: 1.0}]
        for _ in range(hops):
            before = layers[-1]
            now = dict(before)
            for token, factor in before.items():
                for edge in self.edges.get(token, ()):
                    if factor / edge.rate < now.get(edge.token_out, inf):
                        now[edge.token_out] = factor / edge.rate
            now[goal] = 1.0  # a path is over when it arrives
            layers.append(now)
        return layers

    def _add(self, market: Market, only_in: str | None) -> None:
        pool = market.pool
        for token_in, token_out in ((pool.token0, pool.token1), (pool.token1, pool.token0)):
            if only_in not in (None, token_in):
                continue
            rate = pool.spot_price(token_in)
            if 0.0 < rate < inf:
                edge = Edge(market, token_in, token_out, rate, depth_of(pool, token_in))
                self.edges.setdefault(token_in, []).append(edge)
                self.into.setdefault(token_out, []).append(edge)
