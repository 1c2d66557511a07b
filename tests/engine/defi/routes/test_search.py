"""The search against one that tries every path."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cli.bench.route_twin import brute_in, brute_out
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.refusal import WouldRevert
from engine.defi.routes.gas import GasPrice
from engine.defi.routes.graph import Market, PoolGraph
from engine.defi.routes.path import walked, walked_back
from engine.defi.routes.search import best_in, best_out
from tests.engine.defi.routes.graphs import TOKENS, address, graphs

amounts = st.integers(0, 13).flatmap(lambda power: st.integers(10**power, 10 ** (power + 1)))
gas_prices = st.sampled_from([GasPrice(), GasPrice(Fraction(1, 1000)), GasPrice(Fraction(1)), GasPrice(Fraction(50))])
SEARCHES = settings(max_examples=80, deadline=None)


@SEARCHES
@given(graphs(), amounts, gas_prices, st.integers(1, 4))
def test_no_path_brings_more_than_the_one_that_is_found(
    graph: PoolGraph, amount: int, gas: GasPrice, hops: int
) -> None:
    found = best_in(graph, TOKENS[0], TOKENS[1], amount, hops=hops, gas=gas)

    best = brute_in(graph, TOKENS[0], TOKENS[1], amount, hops, gas)
    assert (found.path is None) == (best is None)
    if found.path is not None and best is not None:
        net = found.path.amount_out - gas.cost(found.path.gas)
        assert net == best.amount_out - gas.cost(best.gas)
        assert found.path == walked(found.path.edges, amount)
    assert found.is_proved


@SEARCHES
@given(graphs(), amounts, gas_prices, st.integers(1, 4))
def test_no_path_wants_less_than_the_one_that_is_found(graph: PoolGraph, amount: int, gas: GasPrice, hops: int) -> None:
    found = best_out(graph, TOKENS[0], TOKENS[1], amount, hops=hops, gas=gas)

    best = brute_out(graph, TOKENS[0], TOKENS[1], amount, hops, gas)
    assert (found.path is None) == (best is None)
    if found.path is not None and best is not None:
        cost = found.path.amount_in + gas.cost(found.path.gas)
        assert cost == best.amount_in + gas.cost(best.gas)
        assert found.path == walked_back(found.path.edges, amount)
    assert found.is_proved


@settings(max_examples=40, deadline=None)
@given(graphs(), amounts, st.integers(1, 4))
def test_a_path_is_joined_and_passes_no_token_twice(graph: PoolGraph, amount: int, hops: int) -> None:
    path = best_in(graph, TOKENS[0], TOKENS[1], amount, hops=hops).path

    if path is not None:
        assert (path.tokens[0], path.tokens[-1]) == (TOKENS[0], TOKENS[1])
        assert len(set(path.tokens)) == len(path.tokens) <= hops + 1
        assert len(set(path.pools)) == len(path.pools)
        assert all(before.token_out == after.token_in for before, after in pairwise(path.edges))


@settings(max_examples=40, deadline=None)
@given(graphs(), amounts)
def test_no_pool_gives_more_or_wants_less_than_its_bound(graph: PoolGraph, amount: int) -> None:
    for edges in graph.edges.values():
        for edge in edges:
            try:
                out = edge.market.pool.quote_out(edge.token_in, amount)
                assert out <= edge.most_out(float(amount)) * (1 + 1e-9)
                wanted = edge.market.pool.quote_in(edge.token_in, out) if out else 0
                assert wanted >= edge.least_in(float(out)) * (1 - 1e-9)
            except WouldRevert:
                continue


def test_a_worse_first_hop_is_kept_where_the_better_one_stands_in_the_way() -> None:
    """By B more reaches C than by X, but the best way on leads through B: then C has to be reached by X."""
    start, goal, b, c, x = TOKENS[:5]
    rates = [(start, b, 100), (b, c, 200), (start, x, 100), (x, c, 150), (c, b, 100), (b, goal, 100)]
    graph = PoolGraph(_at_rate(number, *each) for number, each in enumerate(rates))

    path = best_in(graph, start, goal, 10**6, hops=4).path

    best = brute_in(graph, start, goal, 10**6, 4)
    assert path is not None
    assert path == best
    assert path.tokens == (start, x, c, b, goal)


def _at_rate(number: int, token_in: str, token_out: str, percent: int) -> Market:
    """Return a deep pair at a rate."""
    reserves = {token_in: 10**15, token_out: 10**13 * percent}
    low, high = sorted(reserves)
    return Market(V2Pool(address(number), low, high, reserves[low], reserves[high]), "sushiswap", 1)


def test_pools_that_are_not_read_far_enough_are_named() -> None:
    pool = V3Pool.checked(TOKENS[5], (TOKENS[0], TOKENS[1]), 3000, 60, (2**96, 0), 10**9, {-60: 10**9}, known=(-60, 60))
    graph = PoolGraph([Market(pool, "uniswap-v3", 1)])

    found = best_in(graph, TOKENS[0], TOKENS[1], 10**12)

    assert (found.path, found.unknown, found.is_proved) == (None, (TOKENS[5],), False)
