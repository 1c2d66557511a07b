"""What it costs to find a route among 1,000 pools, and how far the answers are from the best that there is.

Before anything is timed, each path must be the one that trying all paths finds, to the unit; the usual dynamic
programme with one best state per token is timed beside it, and its answers are looked at as well. A split has no exact
peer: it is held against 200 parts given away one after the other, each to the route that is best then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from engine.cli.bench.rounds import Bar, Plan, Spread, WrongAnswerError
from engine.cli.bench.route_market import POOLS, RANGED, Swap, dollars_of, markets, swaps, unit_gas
from engine.cli.bench.route_twin import brute_in, brute_out, greedy_split, layered_in
from engine.defi.routes.gas import GasPrice
from engine.defi.routes.graph import Market, PoolGraph
from engine.defi.routes.search import best_in, best_out
from engine.defi.routes.split import batched, best_split

PATH_MS, SPLIT_MS = 5.0, 50.0
"""What a path of three hops and a split may cost (issue 7)."""
SMALL, LARGE = 1_000.0, 1_000_000.0
"""Dollars."""
MIDDLE = 100_000.0
PIECES = 200
ROUTES = (3, 5, 20)
"""In how many routes, at most, splits are made that are held against it; the desk takes 3."""


class Size(NamedTuple):
    """How much is looked at."""

    pools: int = POOLS
    swaps: int = 20
    proved: int = 8
    """Swaps for which all paths are tried where pools are slow to ask."""
    greedy: int = 12
    """Swaps that are held against the greedy peer, which takes a second each."""


SHORT = Size(200, 3, 2, 3)
"""For a run of fewer than `FULL` events, which measures nothing that could be compared."""
FULL = 500

Work = Callable[[PoolGraph, Swap], object]


def route_bars(plan: Plan) -> list[Bar]:
    """Return what paths and splits cost, and the distance of the splits to their peer.

    Raises:
        WrongAnswerError: a path is not the best there is, or a split does not have the sum.
    """
    size = Size() if plan.events >= FULL else SHORT
    pairs, both = markets(0.0, size.pools), markets(0.5, size.pools)
    small, large, middle = (swaps(each, size.swaps) for each in (SMALL, LARGE, MIDDLE))
    prove_paths(pairs, small + large)
    prove_paths(both, small[: size.proved])
    build = Spread.of(_ms(lambda: PoolGraph(both)) for _ in range(plan.rounds))
    bars = [Bar(f"a graph of {size.pools:,} pools", build, unit="ms")]
    for name, pools in ((f"{size.pools:,} V2 pools", pairs), (f"{size.pools:,} pools, half V3", both)):
        bars += _paths(name, pools, (small, large), plan.rounds)
        bars += _splits(name, pools, (middle, large), plan.rounds)
    bars += _peers(pairs, small, plan.rounds)
    return bars + [
        Bar(f"split in {most}, short of {PIECES} greedy parts", Spread.of(short), unit="bps")
        for most, short in short_of_greedy(pairs, middle[: size.greedy]).items()
        if short
    ]


def prove_paths(pools: Sequence[Market], asked: Sequence[Swap]) -> None:
    """Check paths in and out against trying all of them.

    Raises:
        WrongAnswerError: one of them is not the best.
    """
    graph = PoolGraph(pools)
    for swap in asked:
        found, best = best_in(graph, *swap), brute_in(graph, *swap, 3)
        mine, theirs = (each.amount_out if each is not None else 0 for each in (found.path, best))
        _must_be_equal("in", swap, mine, theirs)
        if found.path is None:
            continue
        ends = swap.token_in, swap.token_out, mine
        cheapest, least = best_out(graph, *ends).path, brute_out(graph, *ends, 3)
        mine, theirs = (each.amount_in if each is not None else 0 for each in (cheapest, least))
        _must_be_equal("out", swap, mine, theirs)


def short_of_greedy(pools: Sequence[Market], asked: Sequence[Swap]) -> dict[int, list[float]]:
    """Return by how many basis points splits bring less than greedy parts over any number of routes, by `ROUTES`.

    Raises:
        WrongAnswerError: the parts of a split do not have the sum.
    """
    graph = PoolGraph(pools)
    found: dict[int, list[float]] = {most: [] for most in ROUTES}
    for swap in asked:
        peer = greedy_split(graph, *swap, PIECES)
        for most in ROUTES:
            split = best_split([graph], *swap, most=most)
            if split is None or not peer:
                continue
            if split.amount_in != swap.amount:
                raise WrongAnswerError(f"The parts of a split add up to {split.amount_in}, not to {swap.amount}.")
            found[most].append(10_000 * (1 - split.amount_out / peer))
    return found


def _paths(name: str, pools: Sequence[Market], asked: tuple[list[Swap], list[Swap]], rounds: int) -> list[Bar]:
    def three(graph: PoolGraph, swap: Swap) -> object:
        return best_in(graph, *swap)

    def four(graph: PoolGraph, swap: Swap) -> object:
        return best_in(graph, *swap, hops=4)

    small, large = asked
    return [
        Bar(f"best path of 3 hops, {name}, $1,000", _each(three, pools, small, rounds), PATH_MS, False, "ms"),
        Bar(f"best path of 3 hops, {name}, $1 million", _each(three, pools, large, rounds), PATH_MS, False, "ms"),
        Bar(f"best path of 4 hops, {name}, $1,000", _each(four, pools, small, rounds), None, False, "ms"),
    ]


def _peers(pools: Sequence[Market], asked: Sequence[Swap], rounds: int) -> list[Bar]:
    mine: list[float] = []
    layered: list[float] = []
    brute: list[float] = []
    for _ in range(rounds):
        graph = PoolGraph(pools)
        mine.append(_ms(lambda: [best_in(graph, *each) for each in asked]))  # noqa: B023 - called at once
        layered.append(_ms(lambda: [layered_in(graph, *each, 3) for each in asked]))  # noqa: B023
        brute.append(_ms(lambda: [brute_in(graph, *each, 3) for each in asked]))  # noqa: B023
    ratios = [Spread.of(a / b for a, b in zip(mine, other, strict=True)) for other in (layered, brute)]
    return [
        Bar("path of 3 hops, ours / one best state per token", ratios[0], 1.0, False, "x"),
        Bar("path of 3 hops, ours / trying all paths", ratios[1], 1.0, False, "x"),
    ]


def _splits(name: str, pools: Sequence[Market], asked: tuple[list[Swap], list[Swap]], rounds: int) -> list[Bar]:
    groups: dict[str, list[Market]] = {}
    for each in pools:
        groups.setdefault(each.dex, []).append(each)

    def split(wanted: Sequence[Swap]) -> float:
        graphs = [PoolGraph(each) for each in groups.values()]
        prices = [GasPrice(Fraction(unit_gas() / dollars_of(each.token_out))) for each in wanted]
        together = batched(frozenset({RANGED}))
        begun = time.process_time()
        for each, gas in zip(wanted, prices, strict=True):
            best_split(graphs, *each, gas=gas, transactions=together)
        return (time.process_time() - begun) / len(wanted) * 1e3

    return [
        Bar(
            f"split, {name} of {len(groups)} exchanges, {title}",
            Spread.of(split(wanted) for _ in range(rounds)),
            SPLIT_MS,
            False,
            "ms",
        )
        for title, wanted in zip(("$100,000", "$1 million"), asked, strict=True)
    ]


def _each(work: Work, pools: Sequence[Market], asked: Sequence[Swap], rounds: int) -> Spread:
    """Return what one answer takes in ms, with bounds worked out anew in each round."""
    found = []
    for _ in range(rounds):
        graph = PoolGraph(pools)
        begun = time.process_time()
        for swap in asked:
            work(graph, swap)
        found.append((time.process_time() - begun) / len(asked) * 1e3)
    return Spread.of(found)


def _ms(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1e3


def _must_be_equal(way: str, swap: Swap, mine: int, theirs: int) -> None:
    if mine != theirs:
        raise WrongAnswerError(
            f"Exact {way}, {swap.amount} of {swap.token_in}: {mine} on our side, {theirs} by trying all paths; "
            "the speed of wrong answers is not measured."
        )
