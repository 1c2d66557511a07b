"""A chain that has nothing but factories and pools, answering plain calls as the contracts do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from engine.defi import abi
from engine.defi.chain import ChainSpec, DexKind, DexSpec
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.token import NATIVE, Token
from engine.errors import NotSimulated, Reverted
from engine.ports.chain import BlockHead, BlockTag, Call, ChainClient, FeeHistory, Outcome, Simulated

FACTORY2, FACTORY3 = "0x" + "f2" * 20, "0x" + "f3" * 20
TOKENS = tuple(f"0x{number:040x}" for number in (1, 2, 3))

V2_DEX = DexSpec("sushiswap", "SushiSwap", DexKind.V2, FACTORY2, "0x" + "e2" * 20, "tests")
V3_DEX = DexSpec("uniswap-v3", "Uniswap V3", DexKind.V3, FACTORY3, "0x" + "e3" * 20, "tests", fee_tiers=(500, 3000))


def spec(*dexes: DexSpec) -> ChainSpec:
    """Return a chain with these exchanges."""
    tokens = tuple(Token(9, each, f"T{place}", 18) for place, each in enumerate(TOKENS))
    native = Token(9, NATIVE, "COIN", 18)
    return ChainSpec(9, "tests", "Test chain", native, tokens[0], 12, 1, "", "tests", dexes=dexes, tokens=tokens)


class PoolChain:
    """Answers for pools; `asked` has what was asked in each request."""

    def __init__(self, pools: Sequence[V2Pool | V3Pool]) -> None:
        self.pools: dict[str, V2Pool | V3Pool] = {each.address: each for each in pools}
        self.number = 100
        self.asked: list[int] = []
        self.broken: set[str] = set()
        """Addresses that do not answer."""
        self.factories: dict[str, set[str]] = {}
        """Which pools each factory of V2's kind made; empty: `FACTORY2` made all of them."""
        self.allowance = 0
        self.is_stubborn = False
        """Whether tokens refuse to change an allowance that is not 0, as USDT does on Ethereum."""
        self.simulations = 0

    def client(self) -> ChainClient:
        """Return it as what services want."""
        return cast(ChainClient, self)

    async def block_number(self) -> int:
        return self.number

    async def read(self, calls: Sequence[Call], tag: BlockTag = "latest") -> list[Outcome]:
        self.asked.append(len(calls))
        return [self._answer(each) for each in calls]

    async def block(self, tag: BlockTag = "latest") -> BlockHead:
        return BlockHead(self.number, "", "", 1_000_000, 10**9, 30_000_000, 0)

    async def fee_history(self, blocks: int, percentiles: Sequence[float]) -> FeeHistory:
        return FeeHistory((10**9,) * (blocks + 1), (0.5,) * blocks, ((10**8,) * 3,) * blocks)

    async def simulate(self, calls: Sequence[Call]) -> list[Simulated]:
        self.simulations += 1
        raise NotSimulated("This node cannot say what a transaction would change.")

    async def call(self, call: Call, tag: BlockTag = "latest") -> bytes:
        if self.is_stubborn and self.allowance:
            raise Reverted("it reverted")
        return b"\x01".rjust(32, b"\0")

    def _answer(self, call: Call) -> Outcome:
        assert call.to is not None
        if call.to in self.broken:
            return Outcome(False, b"")
        words = [int.from_bytes(call.data[at : at + 32], "big") for at in range(4, len(call.data), 32)]
        if call.to in TOKENS:
            found = [self.allowance if call.data.startswith(abi.selector("allowance(address,address)")) else 10**24]
            return Outcome(True, found[0].to_bytes(32, "big"))
        is_factory = call.to not in self.pools
        found = self._factory(call.to, words) if is_factory else self._pool(call, words)
        return Outcome(True, b"".join((each % 2**256).to_bytes(32, "big") for each in found))

    def _factory(self, factory: str, words: list[int]) -> list[int]:
        for pool in self.pools.values():
            ends = [int(pool.token0, 16), int(pool.token1, 16)]
            fee = [pool.fee] if isinstance(pool, V3Pool) else []
            made = self.factories.get(factory, self.pools if factory in (FACTORY2, FACTORY3) else ())
            if (factory == FACTORY3) == isinstance(pool, V3Pool) and ends + fee == words and pool.address in made:
                return [int(pool.address, 16)]
        return [0]

    def _pool(self, call: Call, words: list[int]) -> list[int]:
        pool: Any = self.pools[call.to or ""]
        answers: dict[str, Callable[[], list[int]]] = {
            "getReserves()": lambda: [pool.reserve0, pool.reserve1, 0],
            "fee()": lambda: [pool.fee],
            "tickSpacing()": lambda: [pool.tick_spacing],
            "slot0()": lambda: [pool.sqrt_price, pool.tick, 0, 0, 0, 0, 1],
            "liquidity()": lambda: [pool.liquidity],
            "feeGrowthGlobal0X128()": lambda: [7],
            "feeGrowthGlobal1X128()": lambda: [8],
            "tickBitmap(int16)": lambda: [_bits(pool, _signed(words[0]))],
            "ticks(int24)": lambda: [1, _net(pool, _signed(words[0])), 0, 0, 0, 0, 0, 1],
        }
        return next(make for name, make in answers.items() if call.data.startswith(abi.selector(name)))()


def _signed(word: int) -> int:
    return word - 2**256 if word >> 255 else word


def _bits(pool: V3Pool, word: int) -> int:
    places = [each // pool.tick_spacing for each in pool.ticks]
    return sum(1 << each % 256 for each in places if each // 256 == word)


def _net(pool: V3Pool, tick: int) -> int:
    return pool.nets[pool.ticks.index(tick)]
