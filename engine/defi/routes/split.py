"""The best division of a swap over several routes, which must pay for the gas of the transactions that it adds.

Routes are found where they are wanted: after the amount was divided over those that are known, the best route for a
little more is searched in the pools as they would then be. If it beats what the last unit brings now, it joins and the
amount is divided anew. In the end, routes that do not pay for their gas are let go. For pools without gas this finds
the best division over paths of so many hops; with gas it is a search that no proof goes with, so its distance to trying
everything is measured (docs/explanation/routing.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.defi.pools.pool import Pool
from engine.defi.routes.gas import FREE, TRANSACTION_GAS, GasPrice
from engine.defi.routes.graph import PoolGraph
from engine.defi.routes.path import Path
from engine.defi.routes.search import MOST_HOPS, best_in
from engine.defi.routes.shares import BlockedError, Route, Shared, brings, equalised

MOST_ROUTES = 5
LITTLE = 6
"""A new route is searched for the amount by 2 to the power of this."""
WORTH = 1e-5
"""By what part a route must beat the last unit's rate to be tried."""

Transactions = Callable[[Sequence[Route]], int]
"""How many transactions routes take together."""


@dataclass(frozen=True, slots=True)
class Split:
    """An amount over one route or several; they are carried out in this order."""

    paths: tuple[Path, ...]
    gas: int
    transactions: int
    cost: int
    """Of the gas, in the token that comes out."""
    unknown: tuple[str, ...] = ()
    """Pools of which more has to be read before a larger part can go there."""

    @property
    def amount_in(self) -> int:
        """What goes in altogether."""
        return sum(each.amount_in for each in self.paths)

    @property
    def amount_out(self) -> int:
        """What comes out altogether."""
        return sum(each.amount_out for each in self.paths)

    @property
    def net(self) -> int:
        """What comes out less the gas."""
        return self.amount_out - self.cost


def one_each(routes: Sequence[Route]) -> int:
    """Return how many transactions routes take where each needs its own."""
    return len(routes)


def batched(dexes: frozenset[str]) -> Transactions:
    """Return a count for exchanges of which some take all of their routes in one transaction."""

    def count(routes: Sequence[Route]) -> int:
        alone = sum(1 for route in routes if route[0].market.dex not in dexes)
        return alone + len({route[0].market.dex for route in routes if route[0].market.dex in dexes})

    return count


def best_split(
    graphs: Sequence[PoolGraph],
    token_in: str,
    token_out: str,
    amount_in: int,
    *,
    hops: int = MOST_HOPS,
    gas: GasPrice = FREE,
    transactions: Transactions = one_each,
    transaction_gas: int = TRANSACTION_GAS,
    most: int = MOST_ROUTES,
) -> Split | None:
    """Return the division that brings most less its gas, which may be a single route; None if nothing leads there.

    Args:
        graphs: a route stays within one of them (one per exchange: what one router can carry out).
        token_in: what goes in.
        token_out: what comes out.
        amount_in: smallest units, > 0; the parts have exactly this sum.
        hops: pools on a route at most.
        gas: priced in `token_out`.
        transactions: how many transactions routes take.
        transaction_gas: what each of them takes besides its hops.
        most: routes at most.
    """
    work = _Work(graphs, (token_in, token_out), amount_in, hops, _Costs(gas, transactions, transaction_gas))
    if not work.begin():
        return None
    while len(work.routes) < most and work.widen():
        pass
    return work.thinned()


class _Costs(NamedTuple):
    """What transactions cost."""

    gas: GasPrice
    transactions: Transactions
    each: int


class _Work:
    """The routes so far and how the amount is divided over them."""

    def __init__(
        self, graphs: Sequence[PoolGraph], ends: tuple[str, str], amount: int, hops: int, costs: _Costs
    ) -> None:
        self._graphs, self._ends, self._amount, self._hops = graphs, ends, amount, hops
        self._costs, self._gas = costs, costs.gas
        self._unknown: list[str] = []
        self._options: list[Split] = []
        self.routes: list[Route] = []
        self._now: Shared | None = None

    def begin(self) -> bool:
        """Take the best single route; return whether there is any."""
        for graph in self._graphs:
            found = best_in(graph, *self._ends, self._amount, hops=self._hops, gas=self._gas)
            self._unknown += found.unknown
            if found.path is not None:
                self._keep([found.path.edges], brings([found.path.edges], [self._amount]))
        if self._options:
            best = max(self._options, key=lambda each: each.net)
            self.routes = [best.paths[0].edges]
            self._now = brings(self.routes, [self._amount])
            return True
        return self._begin_apart()

    def _begin_apart(self) -> bool:
        """Begin with two routes where none takes everything."""
        half = self._amount // 2
        first = self._search(half, None) if half else None
        if first is None:
            return False
        self.routes = [first]
        begun = brings([first], [half])
        second = self._search(self._amount - half, begun)
        if second is None:
            return False
        self.routes.append(second)
        try:
            self._divide(brings(self.routes, [half, self._amount - half]))
        except BlockedError:
            return False
        return True

    def widen(self) -> bool:
        """Look for another route and divide anew; return whether one joined."""
        now = self._now
        little = self._amount >> LITTLE
        if now is None or not little:
            return False
        route = self._search(little, now)
        if route is None or route in self.routes:
            return False
        self.routes.append(route)
        wider = brings(self.routes, (*now.shares, 0))
        if wider.rates[-1] <= min(wider.rates[:-1]) * (1.0 + WORTH):
            self.routes.pop()
            return False
        self._divide(wider)
        return True

    def thinned(self) -> Split | None:
        """Let go of routes as long as that brings more, and return the best division of all that were seen."""
        while len(self.routes) > 1 and self._now is not None:
            order = sorted(range(len(self.routes)), key=lambda place: self._now.shares[place] if self._now else 0)
            if not any(self._without(place) for place in order[:2]):
                break
        return max(self._options, key=lambda each: (each.net, -each.transactions), default=None)

    def _without(self, place: int) -> bool:
        """Let a route go if the others bring more without it."""
        now = self._now
        if now is None:
            return False
        fewer = [*self.routes[:place], *self.routes[place + 1 :]]
        shares = [*now.shares[:place], *now.shares[place + 1 :]]
        shares[max(range(len(shares)), key=lambda each: shares[each])] += now.shares[place]
        try:
            divided = equalised(fewer, self._amount, brings(fewer, shares))
        except BlockedError:
            return False
        before = max(each.net for each in self._options)
        if self._keep(fewer, divided).net < before:
            return False
        self.routes, self._now = fewer, divided
        return True

    def _divide(self, begin: Shared) -> None:
        self._now = equalised(self.routes, self._amount, begin)
        self._keep(self.routes, self._now)

    def _search(self, amount: int, after: Shared | None) -> Route | None:
        """Return the best route for so much in the pools as they are after what is divided already."""
        moved = {} if after is None else _moved(after)
        best: Path | None = None
        for graph in self._graphs:
            found = best_in(graph.moved(moved) if moved else graph, *self._ends, amount, hops=self._hops)
            self._unknown += found.unknown
            if found.path is not None and (best is None or found.path.amount_out > best.amount_out):
                best = found.path
        return None if best is None else self._original(best)

    def _original(self, path: Path) -> Route:
        """Return a path's edges as the graphs have them before anything moved."""
        return tuple(
            next(
                own
                for graph in self._graphs
                for own in graph.edges.get(edge.token_in, ())
                if own.market.pool.address == edge.market.pool.address
            )
            for edge in path.edges
        )

    def _keep(self, routes: Sequence[Route], shared: Shared) -> Split:
        used = [route for route, share in zip(routes, shared.shares, strict=True) if share]
        count = self._costs.transactions(used)
        gas = count * self._costs.each + sum(each.gas for each in shared.paths)
        split = Split(shared.paths, gas, count, self._gas.cost(gas), tuple(dict.fromkeys(self._unknown)))
        self._options.append(split)
        return split


def _moved(shared: Shared) -> dict[str, tuple[Pool, str]]:
    return {
        edge.market.pool.address: (shared.state[edge.market.pool.address], edge.token_in)
        for path in shared.paths
        for edge in path.edges
    }
