"""Route searches as anybody would write them first: the peers, and the independent references, of `engine.defi.routes`.

Nothing is bounded or pruned here. Pools are asked through the same protocol, so that answers can be equal to the unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.defi.pools.pool import Pool
from engine.defi.refusal import WouldRevert
from engine.defi.routes.gas import FREE, GasPrice
from engine.defi.routes.graph import Edge, PoolGraph
from engine.defi.routes.path import Path, State, carried_out, walked, walked_back


def all_paths(graph: PoolGraph, token_in: str, token_out: str, hops: int) -> Iterator[tuple[Edge, ...]]:
    """Return every path that passes no token twice."""

    def further(edges: tuple[Edge, ...], tokens: tuple[str, ...]) -> Iterator[tuple[Edge, ...]]:
        for edge in graph.edges.get(tokens[-1], ()):
            if edge.token_out == token_out:
                yield (*edges, edge)
            elif len(edges) + 1 < hops and edge.token_out not in tokens:
                yield from further((*edges, edge), (*tokens, edge.token_out))

    return further((), (token_in,))


def brute_in(
    graph: PoolGraph, token_in: str, token_out: str, amount: int, hops: int, gas: GasPrice = FREE
) -> Path | None:
    """Return the best path for an amount in, by trying all."""
    best: Path | None = None
    for edges in all_paths(graph, token_in, token_out, hops):
        try:
            path = walked(edges, amount)
        except WouldRevert:
            continue
        if path.amount_out and (best is None or _net(path, gas) > _net(best, gas)):
            best = path
    return best


def brute_out(
    graph: PoolGraph, token_in: str, token_out: str, amount: int, hops: int, gas: GasPrice = FREE
) -> Path | None:
    """Return the best path for an amount out, by trying all."""
    best: Path | None = None
    for edges in all_paths(graph, token_in, token_out, hops):
        try:
            path = walked_back(edges, amount)
        except WouldRevert:
            continue
        if best is None or _cost(path, gas) < _cost(best, gas):
            best = path
    return best


def layered_in(graph: PoolGraph, token_in: str, token_out: str, amount: int, hops: int) -> Path | None:
    """Return the best path that one best state per token and layer finds: the usual dynamic programme."""
    layer: dict[str, tuple[int, tuple[Edge, ...]]] = {token_in: (amount, ())}
    best: tuple[int, tuple[Edge, ...]] | None = None
    for _ in range(hops):
        following: dict[str, tuple[int, tuple[Edge, ...]]] = {}
        for token, (have, edges) in layer.items():
            passed = {token_in, *(each.token_out for each in edges)}
            for edge in graph.edges.get(token, ()):
                if edge.token_out in passed:
                    continue
                try:
                    out = edge.market.pool.quote_out(token, have)
                except WouldRevert:
                    continue
                if out > following.get(edge.token_out, (0,))[0]:
                    following[edge.token_out] = out, (*edges, edge)
        arrived = following.pop(token_out, None)
        if arrived is not None and (best is None or arrived[0] > best[0]):
            best = arrived
        layer = following
    return walked(best[1], amount) if best is not None else None


def brute_split(routes: Sequence[Sequence[Edge]], amount: int, pieces: int) -> tuple[int, tuple[int, ...]]:
    """Return the most that a division into whole pieces over the routes brings, and that division, by trying all."""
    best: tuple[int, tuple[int, ...]] = (0, ())
    for counts in _compositions(pieces, len(routes)):
        marks = [0]
        for each in counts:
            marks.append(marks[-1] + each)
        shares = [amount * high // pieces - amount * low // pieces for low, high in pairwise(marks)]
        try:
            out = _sequential(routes, shares)
        except WouldRevert:
            continue
        best = max(best, (out, tuple(shares)))
    return best


def greedy_split(graph: PoolGraph, token_in: str, token_out: str, amount: int, pieces: int) -> int:
    """Return what comes out when an amount is given away in pieces, each to the path that is best by then."""
    state: State = {}
    moved: dict[str, tuple[Pool, str]] = {}
    now, out = graph, 0
    for piece in range(pieces):
        share = amount * (piece + 1) // pieces - amount * piece // pieces
        path = layered_in(now, token_in, token_out, share, 3)
        if path is None:
            return 0
        out += carried_out(path.edges, share, state).amount_out
        moved |= {each.market.pool.address: (state[each.market.pool.address], each.token_in) for each in path.edges}
        now = graph.moved(moved)
    return out


def _sequential(routes: Sequence[Sequence[Edge]], shares: Sequence[int]) -> int:
    state: State = {}
    out = 0
    for edges, share in zip(routes, shares, strict=True):
        if share:
            out += carried_out(edges, share, state).amount_out
    return out


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _net(path: Path, gas: GasPrice) -> int:
    return path.amount_out - gas.cost(path.gas)


def _cost(path: Path, gas: GasPrice) -> int:
    return path.amount_in + gas.cost(path.gas)
