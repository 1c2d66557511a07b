"""A made-up market of 1,000 pools between 200 tokens, and swaps to look for in it; the same for the same seed.

A few tokens are in most pools, as on a chain. Pools hold 10 thousand to 100 million dollars and are off the common
price by a third of a percent, so that ways around pay now and then.
"""

from __future__ import annotations

import random
from math import isqrt
from typing import NamedTuple

from engine.defi.chain import DexKind
from engine.defi.pools.pool import Pool
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.routes.gas import HOP_GAS
from engine.defi.routes.graph import Market
from engine.defi.v3math.tick import tick_at

TOKENS, POOLS = 200, 1_000
KNOWN = 60
"""Swaps are between the tokens that are in most pools."""
PAIRS = ("uniswap-v2", "sushiswap", "pancakeswap")
RANGED = "uniswap-v3"
TIERS = ((500, 10), (3000, 60), (10000, 200))
SEED = 1


class Swap(NamedTuple):
    """What is looked for."""

    token_in: str
    token_out: str
    amount: int


def token(number: int) -> str:
    """Return a token's address; the first ones are in most pools."""
    return f"0x{number + 1:040x}"


def markets(ranged: float, pools: int = POOLS) -> list[Market]:
    """Return pools, of which a part (0 to 1) are of concentrated liquidity."""
    chance = random.Random(SEED)  # noqa: S311 - made up, not secret
    dollars = _dollars()
    weights = [1 / (each + 1) for each in range(TOKENS)]
    found: list[Market] = []
    while len(found) < pools:
        low, high = sorted(chance.choices(range(TOKENS), weights, k=2))
        if low == high:
            continue
        worth = 10 ** chance.uniform(4, 8)
        reserves = int(worth / dollars[low]), int(worth / dollars[high] * (1 + chance.gauss(0, 0.003)))
        address, ends = f"0x{10**6 + len(found):040x}", (token(low), token(high))
        if chance.random() < ranged:
            fee, spacing = chance.choice(TIERS)
            pool: Pool = _ranged(address, ends, (fee, spacing), reserves)
            found.append(Market(pool, RANGED, HOP_GAS[DexKind.V3]))
        else:
            pool = V2Pool(address, *ends, *reserves)
            found.append(Market(pool, chance.choice(PAIRS), HOP_GAS[DexKind.V2]))
    return found


def swaps(dollars: float, count: int = 20) -> list[Swap]:
    """Return swaps of so many dollars' worth."""
    chance, prices = random.Random(SEED + 4), _dollars()  # noqa: S311
    ends = [chance.sample(range(KNOWN), 2) for _ in range(count)]
    return [Swap(token(first), token(second), int(dollars / prices[first])) for first, second in ends]


def unit_gas() -> float:
    """Return dollars for one gas: 2 gwei at 3,000 dollars for the coin."""
    return 2e-9 * 3_000


def dollars_of(address: str) -> float:
    """Return what a token's smallest unit is worth."""
    return _dollars()[int(address, 16) - 1]


def _dollars() -> list[float]:
    chance = random.Random(SEED + 1)  # noqa: S311
    return [10 ** chance.uniform(-3, 4) / 1e18 for _ in range(TOKENS)]


def _ranged(address: str, ends: tuple[str, str], kind: tuple[int, int], reserves: tuple[int, int]) -> V3Pool:
    """Return a pool with eight ranges around its price, each twice as wide as the one before."""
    fee, spacing = kind
    root, liquidity = isqrt((reserves[1] << 192) // reserves[0]), isqrt(reserves[0] * reserves[1])
    tick = tick_at(root)
    base, nets = tick // spacing * spacing, dict[int, int]()
    for power in range(8):
        for edge, net in ((base - spacing * 2**power, liquidity), (base + spacing * (1 + 2**power), -liquidity)):
            nets[edge] = nets.get(edge, 0) + net
    return V3Pool.checked(address, ends, fee, spacing, (root, tick), 8 * liquidity, nets)
