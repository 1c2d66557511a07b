"""Agents that trade in the practice chain's pools: arbitrage with the simulated market, and a crowd that just trades.

Prices are dollars. Ether and bitcoin have the market's; a stable coin is worth one; all others keep their price in
ether. A pool is worth a trade when its price is off by more than its fee and a margin. What is traded are transactions
like any other's; they are in the next block. Nothing here reads the chain by calls: reserves and prices are storage
slots, which costs a tenth of a millisecond instead of ten.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from eth.abc import StateAPI
from eth_typing import Address

from engine.adapters.practice.catalogue import COINS, TAXED, WETH
from engine.adapters.practice.manifest import Deployed, Exchange, PoolMade

STABLE = ("USDT", "USDC", "DAI")
MARGIN = Fraction(5, 10_000)
"""Above the fee, before a trade is worth its gas."""
MOST_DOLLARS = 250_000
"""One trade of the arbitrage; a jump is traded away over several blocks."""
NOISE_CHANCE = 0.5
"""That the crowd trades in a block."""
NOISE_DOLLARS, NOISE_SPREAD = 1_500.0, 1.1
"""Median of a trade and the spread of its logarithm."""
RESERVES_SLOT, SLOT0 = 8, 0
Q96 = 1 << 96
ROOT_LIMITS = (4_295_128_740, 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341)
"""The lowest and highest square root of a price that a V3 swap may ask for."""


@dataclass(frozen=True, slots=True)
class Trade:
    """A swap that an agent wants."""

    pool: PoolMade
    given: str
    """Symbol of what is given."""
    wanted: str
    amount: int
    """Of `given`, smallest unit; V3: at most."""
    root_limit: int = 0
    """V3: where to stop, as the square root of the price times 2**96; 0: nowhere."""
    worth: Fraction = Fraction(0)
    """By how much the pool is off, above fee and margin."""


class Agents:
    """Decides what to trade; who signs and sends is somebody else's matter."""

    def __init__(self, deployed: Deployed, seed: int = 1) -> None:
        self._deployed = deployed
        self._random = random.Random(seed)  # noqa: S311 - a crowd, not a secret
        self._pools = [each for each in deployed.pools if TAXED.symbol not in (each.first, each.second)]
        self._exchanges: dict[str, Exchange] = {each.name: each for each in deployed.exchanges}

    def arbitrage(self, state: StateAPI, prices: Mapping[str, Fraction]) -> Trade | None:
        """Return the trade that is worth most, None if every pool agrees with the market."""
        found = [trade for pool in self._pools for trade in self._off(state, pool, prices)]
        return max(found, key=lambda each: each.worth, default=None)

    def noise(self, prices: Mapping[str, Fraction]) -> Trade | None:
        """Return what somebody of the crowd trades in this block, if anybody does."""
        if self._random.random() >= NOISE_CHANCE:
            return None
        pool = self._random.choice(self._pools)
        given, wanted = self._random.sample((pool.first, pool.second), 2)
        dollars = self._random.lognormvariate(0, NOISE_SPREAD) * NOISE_DOLLARS
        return Trade(pool, given, wanted, units(given, Fraction(int(dollars * 100), 100), prices))

    def _off(self, state: StateAPI, pool: PoolMade, prices: Mapping[str, Fraction]) -> Iterator[Trade]:
        low, high = sorted((pool.first, pool.second), key=lambda symbol: int(self._deployed.token(symbol), 16))
        right = unit_price(low, prices) / unit_price(high, prices)
        address, dex = Address(bytes.fromhex(pool.address[2:])), self._exchanges[pool.dex]
        if dex.kind == "v2":
            word = state.get_storage(address, RESERVES_SLOT)
            reserves = (word & (1 << 112) - 1, word >> 112 & (1 << 112) - 1)
            keep = Fraction(*dex.fee)
            yield from _pair_trades(pool, (low, high), reserves, right, keep, prices)
        else:
            root = state.get_storage(address, SLOT0) & (1 << 160) - 1
            keep = 1 - Fraction(pool.fee, 1_000_000)
            yield from _range_trades(pool, (low, high), root, right, keep, prices)


def dollars_of(symbol: str, prices: Mapping[str, Fraction]) -> Fraction:
    """Return what a whole token costs when ether and bitcoin cost `prices`."""
    if symbol in STABLE:
        return Fraction(1)
    if symbol == "WBTC":
        return prices.get("BTC", COINS[symbol].dollars)
    ether: Fraction = prices.get("ETH", WETH.dollars)
    share: Fraction = COINS[symbol].dollars / WETH.dollars
    return ether * share


def unit_price(symbol: str, prices: Mapping[str, Fraction]) -> Fraction:
    """Return what the smallest unit costs."""
    return dollars_of(symbol, prices) / Fraction(10 ** COINS[symbol].decimals)


def units(symbol: str, dollars: Fraction, prices: Mapping[str, Fraction]) -> int:
    """Return so many dollars' worth in the smallest unit, at least one."""
    return max(1, int(dollars / unit_price(symbol, prices)))


def best_input(reserve_in: int, reserve_out: int, right: Fraction, keep: Fraction) -> int:
    """Return the input to a V2 pair that earns most where one unit of output is worth `right` of input; 0 if none does.

    With y(x) = Ro·k·x / (Ri + k·x), the gain right·y(x) - x is largest at x = (sqrt(k·Ri·Ro·right) - Ri) / k.
    """
    product = keep * right * reserve_in * reserve_out
    root = isqrt(int(product))
    return max(0, int((root - reserve_in) / keep))


def _pair_trades(
    pool: PoolMade,
    symbols: tuple[str, str],
    reserves: tuple[int, int],
    right: Fraction,
    keep: Fraction,
    prices: Mapping[str, Fraction],
) -> Iterator[Trade]:
    """Yield the trade that brings a pair to the market's price, if it is worth it; `right` is high per low."""
    is_now = Fraction(reserves[1], reserves[0])
    for given, wanted, (inside, outside), worth, off in (
        (symbols[0], symbols[1], reserves, 1 / right, is_now / right),
        (symbols[1], symbols[0], reserves[::-1], right, right / is_now),
    ):
        gain = off * keep - 1 - MARGIN
        if gain > 0:
            amount = min(best_input(inside, outside, worth, keep), units(given, Fraction(MOST_DOLLARS), prices))
            yield Trade(pool, given, wanted, amount, worth=gain)


def _range_trades(
    pool: PoolMade,
    symbols: tuple[str, str],
    root: int,
    right: Fraction,
    keep: Fraction,
    prices: Mapping[str, Fraction],
) -> Iterator[Trade]:
    """Yield the trade that brings a V3 pool to where its fee eats what is left of the gain."""
    is_now = Fraction(root * root, Q96 * Q96)
    for given, wanted, off, stop in (
        (symbols[0], symbols[1], is_now / right, right / keep),
        (symbols[1], symbols[0], right / is_now, right * keep),
    ):
        gain = off * keep - 1 - MARGIN
        if gain > 0:
            limit = isqrt(int(stop * Q96 * Q96))
            limit = min(max(limit, ROOT_LIMITS[0]), ROOT_LIMITS[1])
            yield Trade(pool, given, wanted, units(given, Fraction(MOST_DOLLARS), prices), limit, worth=gain)
