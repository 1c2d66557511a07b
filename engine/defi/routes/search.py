"""The best single path, exact-in or exact-out, net of gas: best first, with pools quoted only when it is their turn.

No path passes a token twice, so none passes a pool twice. The bound of what is not yet looked at is its amount so far
times the best rates that the rest of the way could have. A pool never gives more than its rate for nearly nothing, so
the bound holds, and the first complete path that no bound exceeds is the best there is.

Of two ways to the same token the one that brings more for less gas wins, whatever comes after, as long as the rest of
the way is open to both (a token on the better way may be needed by the worse: then both are kept) and as long as no
pool further on refuses the larger amount. Where one did, the search is made again without that rule.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Set
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from engine.defi.refusal import TicksUnknown, WouldRevert
from engine.defi.routes.gas import FREE, GasPrice
from engine.defi.routes.graph import Edge, PoolGraph
from engine.defi.routes.path import Path

MOST_HOPS = 3
MOST_QUOTES = 2_000
"""Pools quoted for one search; beyond, the best so far is returned as what it is."""
NOTHING_OUT = "INSUFFICIENT_OUTPUT_AMOUNT"
"""Refused for being too little, so that less would be refused as well."""
SLACK = 1e-9
"""By what part bounds are widened, so that rounding of floats never hides a path."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    path: Path | None
    is_proved: bool
    """Whether no other path is better; False after `MOST_QUOTES`, or where pools are not known far enough."""
    quotes: int
    """How many pools were asked."""
    unknown: tuple[str, ...] = ()
    """Addresses of pools of which more has to be read before they can be judged."""
    refusal: WouldRevert | None = None
    """The last pool that refused, where there is no path."""


class Way(NamedTuple):
    """A path from where the search began, complete or not."""

    token: str
    amount: int
    gas: int
    tokens: tuple[str, ...]
    edges: tuple[Edge, ...]
    amounts: tuple[int, ...]


class Side(NamedTuple):
    """What is different between searching from what goes in and from what comes out."""

    sign: int
    """+1: more is better; -1: less is."""
    neighbours: dict[str, list[Edge]]
    reach: list[dict[str, float]]
    quote: Callable[[Edge, int], int]
    bound: Callable[[Edge, float], float]
    ahead: Callable[[Edge], str]


def best_in(
    graph: PoolGraph,
    token_in: str,
    token_out: str,
    amount_in: int,
    *,
    hops: int = MOST_HOPS,
    gas: GasPrice = FREE,
    skip: Set[str] = frozenset(),
) -> Found:
    """Return the path that brings most for exactly `amount_in`, less its gas.

    Args:
        graph: pools of one block.
        token_in: what goes in.
        token_out: what comes out, another token.
        amount_in: smallest units, > 0.
        hops: pools on the way at most, 1 to 4.
        gas: priced in `token_out`.
        skip: addresses of pools that are not to be used.
    """
    side = Side(
        1,
        graph.edges,
        graph.reach(token_out, hops - 1),
        lambda edge, amount: edge.market.pool.quote_out(edge.token_in, amount),
        Edge.most_out,
        lambda edge: edge.token_out,
    )
    return _exact(side, token_in, token_out, amount_in, hops, gas, skip)


def best_out(
    graph: PoolGraph,
    token_in: str,
    token_out: str,
    amount_out: int,
    *,
    hops: int = MOST_HOPS,
    gas: GasPrice = FREE,
    skip: Set[str] = frozenset(),
) -> Found:
    """Return the path that wants least for exactly `amount_out`, its gas counted; `gas` is priced in `token_in`."""
    side = Side(
        -1,
        graph.into,
        graph.reach(token_in, hops - 1, backwards=True),
        lambda edge, amount: edge.market.pool.quote_in(edge.token_in, amount),
        Edge.least_in,
        lambda edge: edge.token_in,
    )
    return _exact(side, token_out, token_in, amount_out, hops, gas, skip)


def _exact(side: Side, start: str, goal: str, amount: int, hops: int, gas: GasPrice, skip: Set[str]) -> Found:
    too_much: dict[tuple[str, str], int] = {}
    search = _Search(side, goal, hops, gas, skip, too_much, prefers=True)
    found = search.run(start, amount)
    if not search.was_too_strict:
        return found
    return _Search(side, goal, hops, gas, skip, too_much, prefers=False).run(start, amount)


class _Search:
    """One search; see the module."""

    def __init__(
        self,
        side: Side,
        goal: str,
        hops: int,
        gas: GasPrice,
        skip: Set[str],
        too_much: dict[tuple[str, str], int],
        *,
        prefers: bool,
    ) -> None:
        self._side, self._goal, self._hops, self._gas, self._skip = side, goal, hops, gas, skip
        self._per_gas = float(gas.per_gas)
        self._too_much = too_much
        """By pool and token: the least amount that was refused for being too much."""
        self._prefers = prefers
        self._heap: list[tuple[float, int, Way, Edge | None]] = []
        self._serial = 0
        self._settled: dict[str, list[Way]] = {}
        self._best: Way | None = None
        self._best_value = -inf
        self._best_exact = 0
        self._unknown: list[str] = []
        self._last: WouldRevert | None = None
        self._open = -inf
        self._refused = -inf
        self._preferred = False
        self.quotes = 0

    @property
    def was_too_strict(self) -> bool:
        """Whether a way that was dropped for a better one may have gone where that one was refused."""
        return self._preferred and self._refused > self._best_value

    def run(self, start: str, amount: int) -> Found:
        self._expand(Way(start, amount, 0, (start,), (), (amount,)))
        while self._heap:
            bound, _, way, edge = heapq.heappop(self._heap)
            if -bound <= self._best_value:
                break
            if self.quotes >= MOST_QUOTES:
                self._open = max(self._open, -bound)
                break
            if edge is not None:
                self._follow(way, edge, -bound)
            elif not self._is_worse(way):
                self._settled.setdefault(way.token, []).append(way)
                self._expand(way)
        return Found(self._path(), self._open <= self._best_value, self.quotes, tuple(self._unknown), self._last)

    def _expand(self, way: Way) -> None:
        """Put every edge from here on the heap that may still lead to something better."""
        side, skip, tokens, floor, per_gas = self._side, self._skip, way.tokens, self._best_value, self._per_gas
        reach = side.reach[self._hops - len(way.edges) - 1]
        amount, sign, limit, ahead = float(way.amount), side.sign, side.bound, side.ahead
        for edge in side.neighbours.get(way.token, ()):
            token = ahead(edge)
            rest = reach.get(token)
            if rest is None or token in tokens or edge.market.pool.address in skip:
                continue
            most = sign * limit(edge, amount) * rest
            bound = most + abs(most) * SLACK - per_gas * (way.gas + edge.market.gas)
            if bound > floor:
                self._serial += 1
                heapq.heappush(self._heap, (-bound, self._serial, way, edge))

    def _follow(self, way: Way, edge: Edge, bound: float) -> None:
        """Ask a pool, and keep where that leads."""
        if way.amount >= self._too_much.get((edge.market.pool.address, edge.token_in), inf):
            self._refused = max(self._refused, bound)
            return
        self.quotes += 1
        try:
            amount = self._side.quote(edge, way.amount)
        except WouldRevert as refusal:
            self._refuse(way, edge, bound, refusal)
            return
        except TicksUnknown:
            self._unknown.append(edge.market.pool.address)
            self._open = max(self._open, bound)
            return
        if amount <= 0:
            return
        token = self._side.ahead(edge)
        gas = way.gas + edge.market.gas
        there = Way(token, amount, gas, (*way.tokens, token), (*way.edges, edge), (*way.amounts, amount))
        if token == self._goal:
            self._arrive(there)
            return
        rest = self._side.reach[self._hops - len(there.edges)][token]
        most = self._side.sign * float(amount) * rest
        bound = most + abs(most) * SLACK - self._per_gas * gas
        if bound > self._best_value:
            self._serial += 1
            heapq.heappush(self._heap, (-bound, self._serial, there, None))

    def _refuse(self, way: Way, edge: Edge, bound: float, refusal: WouldRevert) -> None:
        """Remember what a pool does not take; more would not be taken either."""
        self._last = refusal
        if refusal.word == NOTHING_OUT:
            return
        self._too_much[edge.market.pool.address, edge.token_in] = way.amount
        if self._side.sign > 0:
            self._refused = max(self._refused, bound)

    def _arrive(self, way: Way) -> None:
        exact = self._side.sign * way.amount - self._gas.cost(way.gas)
        if self._best is None or exact > self._best_exact:
            self._best, self._best_exact = way, exact
            self._best_value = float(exact) - abs(float(exact)) * SLACK

    def _is_worse(self, way: Way) -> bool:
        """Return whether ways that are known are at least as good here, however it goes on."""
        if not self._prefers:
            return False
        sign, used = self._side.sign, len(way.edges)
        between = self._hops - used - 1
        """Tokens between here and the goal, at most."""
        common: frozenset[str] | None = None
        for other in self._settled.get(way.token, ()):
            if sign * (other.amount - way.amount) < 0 or other.gas > way.gas or len(other.edges) > used:
                continue
            only_there = frozenset(other.tokens).difference(way.tokens)
            common = only_there if common is None else common & only_there
            if between == 0 or not only_there or (between == 1 and not common):
                self._preferred = True
                return True
        return False

    def _path(self) -> Path | None:
        if self._best is None:
            return None
        edges, amounts = self._best.edges, self._best.amounts
        return Path(edges, amounts) if self._side.sign > 0 else Path(edges[::-1], amounts[::-1])
