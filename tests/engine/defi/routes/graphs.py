"""Random graphs of pools: small ones that can be searched by trying everything."""

from __future__ import annotations

from math import isqrt

from hypothesis import strategies as st

from engine.defi.chain import DexKind
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.routes.gas import HOP_GAS
from engine.defi.routes.graph import Market, PoolGraph
from engine.defi.v3math.tick import tick_at

TOKENS = tuple(f"0x{number:040x}" for number in range(1, 7))
UNIT = 10**6


def address(number: int) -> str:
    """Return the address of the pool with a number."""
    return f"0x{10**9 + number:040x}"


@st.composite
def v2_markets(draw: st.DrawFn, number: int, tokens: int) -> Market:
    """Return a pair of two of the tokens."""
    low, high = draw(st.lists(st.integers(0, tokens - 1), min_size=2, max_size=2, unique=True).map(sorted))
    reserves = draw(st.tuples(st.integers(1, 10**12), st.integers(1, 10**12)))
    fee = draw(st.sampled_from([(997, 1000), (9975, 10000), (1, 1)]))
    pool = V2Pool(address(number), TOKENS[low], TOKENS[high], *reserves, *fee)
    return Market(pool, draw(st.sampled_from(["uniswap-v2", "sushiswap"])), HOP_GAS[DexKind.V2])


@st.composite
def v3_markets(draw: st.DrawFn, number: int, tokens: int) -> Market:
    """Return a pool of concentrated liquidity in up to four ranges around its price."""
    low, high = draw(st.lists(st.integers(0, tokens - 1), min_size=2, max_size=2, unique=True).map(sorted))
    fee, spacing = draw(st.sampled_from([(500, 10), (3000, 60), (10000, 200)]))
    price = draw(st.integers(isqrt(2**192 // 1000), isqrt(2**192 * 1000)))
    tick = tick_at(price)
    base, nets, inside = tick // spacing * spacing, dict[int, int](), 0
    for _ in range(draw(st.integers(1, 4))):
        first = base + spacing * draw(st.integers(-60, 30))
        last = first + spacing * draw(st.integers(1, 60))
        liquidity = draw(st.integers(1, 10**12))
        nets[first] = nets.get(first, 0) + liquidity
        nets[last] = nets.get(last, 0) - liquidity
        inside += liquidity if first <= tick < last else 0
    pool = V3Pool.checked(address(number), (TOKENS[low], TOKENS[high]), fee, spacing, (price, tick), inside, nets)
    return Market(pool, "uniswap-v3", HOP_GAS[DexKind.V3], f"{fee / 10_000:g} %")


@st.composite
def graphs(draw: st.DrawFn, most: int = 12) -> PoolGraph:
    """Return up to `most` pools of both kinds between 3 to 6 tokens."""
    tokens = draw(st.integers(3, len(TOKENS)))
    kinds = draw(st.lists(st.booleans(), min_size=2, max_size=most))
    make = {True: v3_markets, False: v2_markets}
    return PoolGraph(draw(make[kind](number, tokens)) for number, kind in enumerate(kinds))
