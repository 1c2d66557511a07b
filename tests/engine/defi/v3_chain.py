"""Real V3 pools in the bare EVM, and our values of them, moved side by side.

The two tokens are eleven instructions that say of every balance that it has grown, and yes to every transfer, so a
pool is always paid and a position of any size can be minted; a pool's arithmetic never looks at them otherwise.
"""

from __future__ import annotations

from random import Random

from eth_utils.crypto import keccak

from engine.defi.pools.v3 import V3Pool
from engine.defi.pools.v3position import Growth, V3Position
from engine.defi.v3math.tick import MAX_TICK, MIN_TICK, sqrt_price_at
from tests.engine.defi.anvil_evm import AnvilEvm
from tests.engine.defi.contracts import creation_code
from tests.engine.defi.evm import Evm

GROWING_TOKEN = bytes.fromhex("5a650100000000000360c81b5f5260205ff3")
"""Returns (2^40 - gas left) << 200."""
SILENT = b"\0"
"""Takes every callback and does nothing."""
SLOT0 = "uint160,int24,uint16,uint16,uint16,uint8,bool"
TICK = "uint128,int128,uint256,uint256,int56,uint160,uint32,bool"
QUOTED = "uint256,uint160,uint32,uint256"
SPACINGS = {100: 1, 500: 10, 3000: 60, 10_000: 200}


class RealV3:
    """Factory and quoter."""

    def __init__(self, evm: Evm | AnvilEvm | None = None) -> None:
        self.evm = evm or Evm()
        tokens = [self.evm.place(GROWING_TOKEN, name) for name in ("one", "other")]
        self.token0, self.token1 = sorted(tokens, key=str.lower)
        self.owner = self.evm.place(SILENT, "owner")
        self.factory = self.evm.deploy(creation_code("uniswap_v3/UniswapV3Factory"))
        self.quoter = self.evm.deploy(
            creation_code("uniswap_v3/QuoterV2"), ("address", self.factory), ("address", self.token0)
        )
        self.evm.call(self.factory, "enableFeeAmount(uint24,int24)", 100, SPACINGS[100], out="")
        self._before = self.evm.snapshot()

    def pool(self, fee: int, sqrt_price: int) -> RealPool:
        """Make a pool with this price; the one made before is forgotten."""
        self.evm.back(self._before)
        self._before = self.evm.snapshot()
        create = "createPool(address,address,uint24)"
        address = str(self.evm.call(self.factory, create, self.token0, self.token1, fee, out="address")[0])
        self.evm.call(address, "initialize(uint160)", sqrt_price, out="")
        return RealPool(self, address, fee)


class RealPool:
    """A pool, with the ticks at which positions begin or end."""

    def __init__(self, chain: RealV3, address: str, fee: int) -> None:
        self.chain, self.evm, self.address, self.fee = chain, chain.evm, address, fee
        self.spacing = SPACINGS[fee]
        self.ticks: set[int] = set()

    def slot0(self) -> tuple[int, int]:
        """Return root price and tick."""
        sqrt_price, tick, *_ = self.evm.ask(self.address, "slot0()", out=SLOT0)
        return sqrt_price, tick

    def value(self) -> V3Pool:
        """Return our value of the pool as it is."""
        described = {each: self.evm.ask(self.address, "ticks(int24)", each, out=TICK) for each in self.ticks}
        nets = {tick: about[1] for tick, about in described.items() if about[7]}
        (liquidity,) = self.evm.ask(self.address, "liquidity()", out="uint128")
        tokens = (self.chain.token0, self.chain.token1)
        return V3Pool.checked(self.address, tokens, self.fee, self.spacing, self.slot0(), liquidity, nets)

    def mint(self, lower: int, upper: int, liquidity: int) -> tuple[int, int]:
        """Mint for the owner; return what the pool took."""
        arguments = (self.chain.owner, lower, upper, liquidity, b"")
        method, owner = "mint(address,int24,int24,uint128,bytes)", self.chain.owner
        took0, took1 = self.evm.call(self.address, method, *arguments, sender=owner, out="uint256,uint256")
        self.ticks |= {lower, upper}
        return took0, took1

    def burn(self, lower: int, upper: int, liquidity: int) -> tuple[int, int]:
        """Burn the owner's liquidity; return what it is owed for that."""
        arguments, owner = (lower, upper, liquidity), self.chain.owner
        method = "burn(int24,int24,uint128)"
        amount0, amount1 = self.evm.call(self.address, method, *arguments, sender=owner, out="uint256,uint256")
        return amount0, amount1

    def swap(self, zero_for_one: bool, amount: int, limit: int) -> tuple[int, int]:
        """Swap for real, as `Curve.walk` reads its arguments; return the changes of the pool's balances."""
        arguments = (self.chain.owner, zero_for_one, amount, limit, b"")
        method, owner = "swap(address,bool,int256,uint160,bytes)", self.chain.owner
        change0, change1 = self.evm.call(self.address, method, *arguments, sender=owner, out="int256,int256")
        return change0, change1

    def quote(self, exact_in: bool, token_in: str, amount: int, limit: int = 0) -> tuple[int, int, int]:
        """Ask QuoterV2 for the other amount, the root price afterwards and the initialised ticks crossed."""
        word = "Input" if exact_in else "Output"
        method = f"quoteExact{word}Single((address,address,uint256,uint24,uint160))"
        token_out = self.chain.token1 if token_in == self.chain.token0 else self.chain.token0
        arguments = (token_in, token_out, amount, self.fee, limit)
        other, sqrt_price, crossed, _ = self.evm.ask(self.chain.quoter, method, arguments, out=QUOTED)
        return other, sqrt_price, crossed

    def position(self, lower: int, upper: int) -> V3Position:
        """Return the owner's position as the pool has it, fees since the last touch not counted."""
        packed = bytes.fromhex(self.chain.owner[2:]) + b"".join(
            each.to_bytes(3, "big", signed=True) for each in (lower, upper)
        )
        out = "uint128,uint256,uint256,uint128,uint128"
        liquidity, growth0, growth1, owed0, owed1 = self.evm.ask(
            self.address, "positions(bytes32)", keccak(packed), out=out
        )
        return V3Position(lower, upper, liquidity, Growth(growth0, growth1), (owed0, owed1))

    def growth(self, tick: int | None = None) -> Growth:
        """Return the fee growth outside of a tick, or everywhere."""
        if tick is not None:
            about = self.evm.ask(self.address, "ticks(int24)", tick, out=TICK)
            return Growth(about[2], about[3])
        both = (self.evm.ask(self.address, f"feeGrowthGlobal{each}X128()")[0] for each in (0, 1))
        return Growth(*both)


def random_pool(chain: RealV3, random: Random, fee: int, positions: int) -> RealPool:
    """Return a pool anywhere in the range of prices with overlapping positions near its price, some far."""
    spacing = SPACINGS[fee]
    middle = random.choice((0, random.randrange(-300_000, 300_000), random.randrange(-800_000, 800_000)))
    sqrt_price = random.randrange(sqrt_price_at(middle), sqrt_price_at(middle + 1))
    pool = chain.pool(fee, sqrt_price)
    for _ in range(positions):
        width = spacing * random.choice((3, 30, 300, 1500))
        ends = sorted(_usable(middle + random.randrange(-width, width + 1), spacing) for _ in range(2))
        lower, upper = ends if ends[0] < ends[1] else (ends[0] - spacing, ends[0])
        if MIN_TICK <= lower < upper <= MAX_TICK:
            pool.mint(lower, upper, random.getrandbits(random.randrange(30, 100)) + 1)
    return pool


def random_limit(random: Random, pool: V3Pool, zero_for_one: bool) -> int:
    """Return a price limit within a word of ticks, often within an eighth of one, often exactly at a usable tick."""
    reach = random.choice((32, 32, 256)) * pool.tick_spacing
    tick = pool.tick - random.randrange(1, reach) if zero_for_one else pool.tick + 1 + random.randrange(1, reach)
    tick = min(max(tick, MIN_TICK + 1), MAX_TICK - 1)
    if random.random() < 0.5:
        usable = _usable(tick, pool.tick_spacing) if zero_for_one else -_usable(-tick, pool.tick_spacing)
        return sqrt_price_at(min(max(usable, MIN_TICK + 1), MAX_TICK - 1))
    return random.randrange(sqrt_price_at(tick), sqrt_price_at(tick + 1))


def _usable(tick: int, spacing: int) -> int:
    return tick // spacing * spacing
