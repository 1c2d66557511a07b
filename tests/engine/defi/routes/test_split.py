"""Splits against trying all divisions in pieces, and their laws."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cli.bench.route_twin import all_paths, brute_split
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.routes.gas import TRANSACTION_GAS, GasPrice
from engine.defi.routes.graph import Market, PoolGraph
from engine.defi.routes.path import Path, State, carried_out
from engine.defi.routes.search import best_in
from engine.defi.routes.shares import whole
from engine.defi.routes.split import Split, batched, best_split
from tests.engine.defi.routes.graphs import TOKENS, address, graphs

START, GOAL, MIDDLE = TOKENS[:3]
reserves = st.tuples(st.integers(10**20, 10**22), st.integers(10**20, 10**22))
large = st.integers(10**17, 10**21)


def pair(number: int, first: str, second: str, amounts: tuple[int, int], dex: str = "sushiswap") -> Market:
    """Return a pair with a reserve of each token."""
    held = dict(zip((first, second), amounts, strict=True))
    low, high = sorted(held)
    return Market(V2Pool(address(number), low, high, held[low], held[high]), dex, 60_000)


def replayed(split: Split) -> tuple[int, list[Path]]:
    """Return what the parts give when they are carried out in order on the pools as they were."""
    state: State = {}
    paths = [carried_out(each.edges, each.amount_in, state) for each in split.paths]
    return sum(each.amount_out for each in paths), paths


@settings(max_examples=30, deadline=None)
@given(st.lists(reserves, min_size=2, max_size=3), large)
def test_no_division_in_pieces_over_parallel_pools_brings_more(pools: list[tuple[int, int]], amount: int) -> None:
    graph = PoolGraph(pair(number, START, GOAL, each) for number, each in enumerate(pools))

    split = best_split([graph], START, GOAL, amount)

    best, _ = brute_split(list(all_paths(graph, START, GOAL, 1)), amount, 24)
    assert split is not None
    assert split.amount_out >= best * (1 - Fraction(1, 10**9))


@settings(max_examples=20, deadline=None)
@given(reserves, reserves, reserves, large)
def test_no_division_in_pieces_brings_more_where_routes_share_a_pool(
    first: tuple[int, int], second: tuple[int, int], shared: tuple[int, int], amount: int
) -> None:
    graph = PoolGraph([pair(1, START, MIDDLE, first), pair(2, START, MIDDLE, second), pair(3, MIDDLE, GOAL, shared)])

    split = best_split([graph], START, GOAL, amount)

    best, _ = brute_split(list(all_paths(graph, START, GOAL, 2)), amount, 24)
    assert split is not None
    assert split.amount_out >= best * (1 - Fraction(1, 10**5))


@settings(max_examples=40, deadline=None)
@given(graphs(), st.integers(1, 10**12), st.sampled_from([0, 1, 1000]))
def test_parts_have_the_sum_and_give_what_they_say(graph: PoolGraph, amount: int, price: int) -> None:
    gas = GasPrice(Fraction(price, 1000))

    split = best_split([graph], START, GOAL, amount, gas=gas)

    if split is not None:
        out, paths = replayed(split)
        assert split.amount_in == amount
        assert (split.amount_out, split.paths) == (out, tuple(paths))
        assert split.gas == split.transactions * TRANSACTION_GAS + sum(each.gas for each in split.paths)
        assert split.net == out - gas.cost(split.gas)


@settings(max_examples=40, deadline=None)
@given(graphs(), st.integers(1, 10**12), st.sampled_from([0, 1, 1000]))
def test_a_split_is_never_worse_than_the_best_path(graph: PoolGraph, amount: int, price: int) -> None:
    gas = GasPrice(Fraction(price, 1000))

    split = best_split([graph], START, GOAL, amount, gas=gas)

    path = best_in(graph, START, GOAL, amount, gas=gas).path
    if path is not None:
        assert split is not None
        assert split.net >= path.amount_out - gas.cost(path.gas + TRANSACTION_GAS)


def test_a_split_that_does_not_pay_for_its_gas_is_not_made() -> None:
    graph = PoolGraph(pair(number, START, GOAL, (10**21, 10**21)) for number in range(2))
    amount = 10**18

    free = best_split([graph], START, GOAL, amount)
    dear = best_split([graph], START, GOAL, amount, gas=GasPrice(Fraction(10**12)))

    assert free is not None
    assert dear is not None
    assert [round(2 * each.amount_in / amount, 6) for each in free.paths] == [1, 1]
    assert len(dear.paths) == 1


def test_exchanges_that_take_routes_together_need_one_transaction() -> None:
    count = batched(frozenset({"uniswap-v3"}))
    routes = [
        next(all_paths(PoolGraph([pair(number, START, GOAL, (10, 10), dex)]), START, GOAL, 1))
        for number, dex in enumerate(("sushiswap", "sushiswap", "uniswap-v3", "uniswap-v3"))
    ]

    assert count(routes) == 3


def test_what_no_single_pool_takes_is_divided() -> None:
    def small(number: int) -> Market:
        nets = {-60: 10**12, 60: -(10**12)}
        pool = V3Pool.checked(address(number), (START, GOAL), 3000, 60, (2**96, 0), 10**12, nets)
        return Market(pool, "uniswap-v3", 1)

    graph = PoolGraph([small(1), small(2)])
    most = small(1).pool.quote_in(START, 10**9 * 29 // 10)

    split = best_split([graph], START, GOAL, most + most // 2)

    assert best_in(graph, START, GOAL, most + most // 2).path is None
    assert split is not None
    assert split.amount_in == most + most // 2
    assert len(split.paths) == 2


@given(st.lists(st.floats(0, 1e30), min_size=1, max_size=6).filter(any), st.integers(1, 10**30))
def test_whole_shares_have_exactly_the_sum(wanted: list[float], amount: int) -> None:
    shares = whole(wanted, amount)

    assert sum(shares) == amount
    assert min(shares) >= 0
