"""Pools as they are at one block, through the chain's multicall: one request where the pools were read before.

A V2 pair is its reserves. Of a V3 pool the price is not known beforehand, nor which ticks are set: what was there the
last time is asked along with the price, and only what turns out to be missing is asked for afterwards, of the same
block. So the first look takes up to three requests, and each further one takes one as long as prices stay near.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from engine.defi.chain import ChainSpec, DexKind
from engine.defi.pools.pool import Pool
from engine.defi.pools.v2 import V2Pool
from engine.ports.chain import Call, ChainClient, Outcome
from engine.services.dex.plainwords import numbers, plain_call, signed
from engine.services.dex.pools.known import KnownPool
from engine.services.dex.pools.ticks import Reach, Scan

MASK112 = 2**112 - 1
HEAD = ("slot0()", "liquidity()", "feeGrowthGlobal0X128()", "feeGrowthGlobal1X128()")
MOST_ROUNDS = 4

Write = Callable[[Outcome], None]
"""Puts an answer where it belongs."""


@dataclass(frozen=True, slots=True)
class Read:
    """What pools are at a block."""

    block: int
    pools: dict[str, Pool]
    """By address; without those that are empty or did not answer."""
    growth: dict[str, tuple[int, int]]
    """V3, by address: fees of one unit of liquidity so far, of each token, 128 binary places."""


class PoolReader:
    """Reads pools, and remembers where their ticks were."""

    def __init__(self, chain: ChainClient, spec: ChainSpec) -> None:
        self._chain, self._spec = chain, spec
        self._before: dict[str, Scan] = {}
        self._reach: dict[str, Reach] = {}

    def widen(self, addresses: Iterable[str]) -> None:
        """Read these pools further from now on."""
        for address in addresses:
            before = self._before.get(address)
            if before is not None:
                self._reach[address] = before.reach.wider

    async def read(self, pools: Sequence[KnownPool], block: int) -> Read:
        """Return the pools as they are at a block.

        Raises:
            ChainUnavailable: nobody answers.
        """
        pairs: dict[str, tuple[int, int]] = {}
        scans: list[Scan] = []
        questions: list[tuple[Call, Write]] = []
        for pool in pools:
            dex = self._spec.dex(pool.dex)
            if dex is not None and dex.kind is DexKind.V2:
                questions.append((plain_call(pool.address, "getReserves()"), _into(pairs, pool.address)))
            elif dex is not None:
                scan = Scan(pool, self._reach.get(pool.address) or Reach.first(pool.spacing))
                scans.append(scan)
                questions += _head(scan) + _body(scan, self._before.get(pool.address))
        await self._ask(questions, block)
        for _ in range(MOST_ROUNDS):
            questions = [each for scan in scans if scan.root for each in _rest(scan)]
            if not questions:
                break
            await self._ask(questions, block)
        return self._gathered(pools, pairs, scans, block)

    def _gathered(
        self, pools: Sequence[KnownPool], pairs: dict[str, tuple[int, int]], scans: list[Scan], block: int
    ) -> Read:
        found: dict[str, Pool] = {}
        for scan in scans:
            if not scan.root or scan.missing_words() or scan.missing_ticks():
                continue
            value = scan.value()
            if value is not None:
                found[scan.pool.address] = value
                self._before[scan.pool.address] = scan
        for pool in pools:
            reserves, dex = pairs.get(pool.address), self._spec.dex(pool.dex)
            if reserves is not None and dex is not None and all(reserves):
                found[pool.address] = V2Pool(pool.address, pool.token0, pool.token1, *reserves, *dex.fee)
        return Read(block, found, {each.pool.address: each.growth for each in scans if each.root})

    async def _ask(self, questions: Sequence[tuple[Call, Write]], block: int) -> None:
        if questions:
            outcomes = await self._chain.read([call for call, _ in questions], block)
            for (_, write), outcome in zip(questions, outcomes, strict=True):
                write(outcome)


def _into(pairs: dict[str, tuple[int, int]], address: str) -> Write:
    def write(outcome: Outcome) -> None:
        found = numbers(outcome, 2)
        if found is not None:
            pairs[address] = found[0] & MASK112, found[1] & MASK112

    return write


def _head(scan: Scan) -> list[tuple[Call, Write]]:
    def slot(outcome: Outcome) -> None:
        found = numbers(outcome, 2)
        if found is not None:
            scan.root, scan.tick = found[0], signed(found[1])

    def liquidity(outcome: Outcome) -> None:
        scan.liquidity = (numbers(outcome, 1) or (0,))[0]

    def growth0(outcome: Outcome) -> None:
        scan.growth = (numbers(outcome, 1) or (0,))[0], scan.growth[1]

    def growth1(outcome: Outcome) -> None:
        scan.growth = scan.growth[0], (numbers(outcome, 1) or (0,))[0]

    address = scan.pool.address
    writes = (slot, liquidity, growth0, growth1)
    return [(plain_call(address, name), write) for name, write in zip(HEAD, writes, strict=True)]


def _body(scan: Scan, before: Scan | None) -> list[tuple[Call, Write]]:
    """Ask for what was there the last time."""
    if before is None:
        return []
    return [_word(scan, each) for each in before.words] + [_tick(scan, each) for each in before.nets]


def _rest(scan: Scan) -> list[tuple[Call, Write]]:
    """Ask for what is still missing: words first, for they say which ticks there are."""
    words = scan.missing_words()
    if words:
        return [_word(scan, each) for each in words]
    return [_tick(scan, each) for each in scan.missing_ticks()]


def _word(scan: Scan, word: int) -> tuple[Call, Write]:
    def write(outcome: Outcome) -> None:
        found = numbers(outcome, 1)
        if found is not None:
            scan.words[word] = found[0]

    return plain_call(scan.pool.address, "tickBitmap(int16)", word), write


def _tick(scan: Scan, tick: int) -> tuple[Call, Write]:
    def write(outcome: Outcome) -> None:
        found = numbers(outcome, 2)
        if found is not None:
            scan.nets[tick] = signed(found[1])

    return plain_call(scan.pool.address, "ticks(int24)", tick), write
