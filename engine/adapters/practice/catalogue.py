"""What the practice chain begins with: its tokens, at which prices, and its pools.

Prices are in dollars, those at which the simulated market begins (engine/market/catalogue); sizes are the dollars on
each side of a pool. All of it is seed: the state is prepared anew when something here changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from engine.market.catalogue import spec_of

BITCOIN, ETHER = "BTC/USDT", "ETH/USDT"
TAX_BPS = 200


@dataclass(frozen=True, slots=True)
class Coin:
    """A token to make."""

    symbol: str
    name: str
    decimals: int
    dollars: Fraction
    supply: int
    """Whole tokens that the operator begins with."""

    def units(self, dollars: int) -> int:
        """Return so many dollars' worth in the token's smallest unit."""
        return int(dollars * 10**self.decimals / self.dollars)


def _start(symbol: str) -> Fraction:
    spec = spec_of(symbol)
    assert spec is not None, "the simulated market has it"  # noqa: S101 - a constant of this file
    return Fraction(spec.start_price) * Fraction(spec.pair.tick)


WETH = Coin("WETH", "Wrapped Ether", 18, _start(ETHER), 0)
"""Made by paying coin into it."""
FARM = Coin("FARM", "Practice Farm Token", 18, Fraction(2), 100_000_000)
GIFT = Coin("GIFT", "Practice Reward Token", 18, Fraction(1), 100_000_000)
TAXED = Coin("TAXED", "Practice Token with a Fee on Transfer", 18, Fraction(1, 2), 1_000_000_000)
PLAIN = (
    Coin("USDT", "Tether USD (practice)", 6, Fraction(1), 10_000_000_000),
    Coin("USDC", "USD Coin (practice)", 6, Fraction(1), 10_000_000_000),
    Coin("DAI", "Dai Stablecoin (practice)", 18, Fraction(1), 10_000_000_000),
    Coin("WBTC", "Wrapped BTC (practice)", 8, _start(BITCOIN), 200_000),
    Coin("LINK", "ChainLink Token (practice)", 18, Fraction(1840, 100), 500_000_000),
    Coin("UNI", "Uniswap (practice)", 18, Fraction(920, 100), 500_000_000),
    FARM,
    GIFT,
)
COINS = {each.symbol: each for each in (WETH, *PLAIN, TAXED)}


@dataclass(frozen=True, slots=True)
class PairSeed:
    """A pool of a V2 exchange; dollars on each side."""

    dex: str
    first: str
    second: str
    dollars: int


@dataclass(frozen=True, slots=True)
class RangeSeed:
    """A pool of the V3 exchange: so many dollars over all prices, and again near the price."""

    first: str
    second: str
    fee: int
    dollars: int
    width: int
    """Ticks on each side of the price, for the part near it."""


PAIRS = (
    PairSeed("uniswap-v2", "WETH", "USDT", 4_000_000),
    PairSeed("uniswap-v2", "WETH", "USDC", 3_000_000),
    PairSeed("uniswap-v2", "WBTC", "WETH", 2_500_000),
    PairSeed("uniswap-v2", "WBTC", "USDT", 1_500_000),
    PairSeed("uniswap-v2", "LINK", "WETH", 800_000),
    PairSeed("uniswap-v2", "UNI", "WETH", 700_000),
    PairSeed("uniswap-v2", "DAI", "USDC", 1_000_000),
    PairSeed("uniswap-v2", "TAXED", "WETH", 300_000),
    PairSeed("uniswap-v2", "GIFT", "WETH", 300_000),
    PairSeed("sushiswap", "WETH", "USDT", 2_500_000),
    PairSeed("sushiswap", "WBTC", "WETH", 1_800_000),
    PairSeed("sushiswap", "DAI", "WETH", 900_000),
    PairSeed("sushiswap", "LINK", "WETH", 400_000),
    PairSeed("sushiswap", "FARM", "WETH", 500_000),
    PairSeed("pancakeswap", "WETH", "USDT", 2_000_000),
    PairSeed("pancakeswap", "WBTC", "USDT", 1_600_000),
    PairSeed("pancakeswap", "WETH", "USDC", 1_000_000),
    PairSeed("pancakeswap", "UNI", "USDT", 300_000),
)
RANGES = (
    RangeSeed("WETH", "USDC", 500, 3_000_000, 2_000),
    RangeSeed("WETH", "USDT", 3_000, 3_000_000, 3_000),
    RangeSeed("WBTC", "WETH", 500, 1_200_000, 1_500),
    RangeSeed("WBTC", "WETH", 3_000, 2_000_000, 3_000),
    RangeSeed("DAI", "USDC", 500, 1_500_000, 500),
    RangeSeed("LINK", "WETH", 3_000, 500_000, 4_200),
    RangeSeed("UNI", "WETH", 10_000, 300_000, 6_000),
)
SPACING = {500: 10, 3_000: 60, 10_000: 200}
"""Ticks between those that a V3 position can begin or end at, by fee."""
STAKED = (("uniswap-v2", "WETH", "USDT"), ("", "FARM", ""))
"""What the StakingRewards contracts take: the shares of a pair, or a token."""
STAKING_REWARD, STAKING_DAYS = 1_000_000, 60
CHEF_POOLS = (("sushiswap", "WETH", "USDT", 60), ("sushiswap", "FARM", "WETH", 40))
"""Shares of which pair, and its points."""
CHEF_PER_BLOCK = 10**17
