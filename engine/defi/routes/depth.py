"""How deep a pool is at most, as floats: what bounds every swap of it without asking it.

A constant-product pool with reserves x and y gives y·f·a / (x + f·a) for a, which is r·a / (1 + a/d) with the rate
r = f·y/x for nearly nothing and the depth d = x/f. Concentrated liquidity gives no more than a curve with its largest
liquidity everywhere, whose virtual reserves are x = L/√P and y = L·√P, as far as its ticks are known.
"""

from __future__ import annotations

from itertools import accumulate
from math import inf
from typing import NamedTuple

from engine.defi.pools.pool import Pool
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.v3math.swap_step import PIPS
from engine.defi.v3math.tick import MAX_TICK, MIN_TICK, sqrt_price_at


class Depth(NamedTuple):
    """A swap of `a` up to `known_to` gives at most rate·a / (1 + a/depth); a larger one at most rate·a."""

    depth: float = inf
    known_to: float = inf


UNKNOWN = Depth()


def depth_of(pool: Pool, token_in: str) -> Depth:
    """Return the depth of a pool for one of its tokens; without bound for pools of a kind that is not known here."""
    if isinstance(pool, V2Pool):
        reserve_in, _ = pool.reserves(token_in)
        return Depth(reserve_in * pool.fee_denominator / pool.fee_numerator)
    if isinstance(pool, V3Pool):
        return _concentrated(pool, token_in == pool.token0)
    return UNKNOWN


def _concentrated(pool: V3Pool, falling: bool) -> Depth:
    place = sum(1 for each in pool.ticks if each <= pool.tick)
    if falling:
        changes, edge, end = [-each for each in reversed(pool.nets[:place])], pool.known_from, MIN_TICK
    else:
        changes, edge, end = list(pool.nets[place:]), pool.known_to, MAX_TICK
    liquidity = float(max(accumulate(changes, initial=pool.liquidity)))
    root = pool.sqrt_price / 2**96
    part = (PIPS - pool.fee) / PIPS
    if liquidity <= 0:
        return UNKNOWN
    depth = (liquidity / root if falling else liquidity * root) / part
    if edge == end:
        return Depth(depth)
    ratio = root / (sqrt_price_at(edge) / 2**96)
    return Depth(depth, depth * max((ratio if falling else 1.0 / ratio) - 1.0, 0.0))
