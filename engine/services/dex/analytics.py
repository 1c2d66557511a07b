"""What pools hold and earn: value locked, volume, fees and yearly rates over a window of blocks.

A rate supposes that the year goes on like the window, which is why the window, its number of swaps and its age are
told with it. Values are in the chain's stable coin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf

from engine.defi.chain import ChainSpec, DexKind, DexSpec
from engine.defi.liquidity.flow import Flow, flow_of, swap_topics
from engine.defi.token import Token
from engine.defi.yields.analytics import PoolFigures, locked_value, pool_figures
from engine.errors import InvalidInput
from engine.ports.chain import ChainClient, Log
from engine.services.dex.reading import Ask, answers
from engine.services.dex.staking import compounded
from engine.services.wallet.worth import Prices, Worth

WINDOW = 7_200
"""Blocks: a day of Ethereum's."""
LONG_S = 30 * 86_400
"""No window is that long: time in which nobody made blocks lies in it."""
FEW = 30
"""Swaps below which a rate says little."""


@dataclass(frozen=True, slots=True)
class PoolAsked:
    """A pool whose figures are wanted."""

    dex: DexSpec
    address: str
    first: Token
    """Its token0."""
    second: Token
    fee: int = 0
    """V3: hundredths of a basis point."""

    @property
    def part(self) -> Fraction:
        """The part of each input that stays in the pool."""
        if self.dex.kind is DexKind.V3:
            return Fraction(self.fee, 1_000_000)
        counted, whole = self.dex.fee
        return 1 - Fraction(counted, whole)


@dataclass(frozen=True, slots=True)
class PoolReport:
    """The figures of a pool over a window."""

    pool: PoolAsked
    holds: tuple[int, int]
    """Units of both tokens in it."""
    flow: Flow
    first_block: int
    last_block: int
    seconds: int
    """Between both blocks."""
    figures: PoolFigures | None
    """None: no price is known, or no time passed."""
    fee_apy: float | None
    """V2: fees stay in and earn on; V3: the same as the APR, they do not."""
    last_swap: int | None
    """Block of the newest swap in the window."""
    note: str
    """What to mind, for people."""


class Analytics:
    """Figures of pools on one chain."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, prices: Prices) -> None:
        self._chain, self._spec, self._prices = chain, spec, prices

    async def report(self, pools: Sequence[PoolAsked], blocks: int = WINDOW) -> list[PoolReport]:
        """Return the figures of pools over the newest blocks.

        Args:
            pools: which.
            blocks: length of the window, at least 1.

        Raises:
            InvalidInput: the window is empty.
            ChainUnavailable: nobody answers.
        """
        if blocks < 1:
            raise InvalidInput("A window has at least one block.")
        if not pools:
            return []
        first, last, seconds = await self._window(blocks)
        logs = await self._chain.logs([each.address for each in pools], [swap_topics()], first + 1, last)
        by_pool: dict[str, list[Log]] = defaultdict(list)
        for log in logs:
            by_pool[log.address].append(log)
        held = await self._held(pools)
        worths = await self._prices.worths({one for each in pools for one in (each.first, each.second)})
        return [
            self._one(each, holds, by_pool[each.address], (first, last, seconds), worths)
            for each, holds in zip(pools, held, strict=True)
        ]

    async def _window(self, blocks: int) -> tuple[int, int, int]:
        """Return the first and last block of the window, and its seconds.

        Where months lie between its blocks (a practice chain that was closed, or prepared long ago) it begins as late
        as so many blocks usually take.
        """
        last = await self._chain.block_number()
        first = max(0, last - blocks)
        start, end = await self._chain.block(first), await self._chain.block(last)
        if start is not None and end is not None and end.at - start.at > LONG_S:
            first = await self._first_since(end.at - int(blocks * self._spec.block_s), first, last)
            start = await self._chain.block(first)
        return first, last, end.at - start.at if start is not None and end is not None else 0

    async def _first_since(self, at: int, low: int, high: int) -> int:
        """Return the first block at an instant or after it, between two."""
        while low < high:
            middle = (low + high) // 2
            found = await self._chain.block(middle)
            low, high = (middle + 1, high) if found is not None and found.at < at else (low, middle)
        return low

    def _one(
        self,
        pool: PoolAsked,
        holds: tuple[int, int],
        logs: list[Log],
        window: tuple[int, int, int],
        worths: Mapping[Token, Worth],
    ) -> PoolReport:
        first, last, seconds = window
        flow = flow_of(logs)
        figures = _figures(pool, holds, flow, seconds, worths)
        rate = None if figures is None else figures.fee_apr
        if pool.dex.kind is DexKind.V2:
            rate = compounded(rate, inf)
        newest = max((each.block for each in logs), default=None)
        return PoolReport(pool, holds, flow, first, last, seconds, figures, rate, newest, _note(flow, seconds, figures))

    async def _held(self, pools: Sequence[PoolAsked]) -> list[tuple[int, int]]:
        rows = await answers(
            self._chain,
            [
                Ask(token.address, "balanceOf(address)", "(uint256)", (each.address,))
                for each in pools
                for token in (each.first, each.second)
            ],
        )
        units = [int(each[0]) if each else 0 for each in rows]
        return list(zip(units[::2], units[1::2], strict=True))


def _figures(
    pool: PoolAsked, holds: tuple[int, int], flow: Flow, seconds: int, worths: Mapping[Token, Worth]
) -> PoolFigures | None:
    """Return the figures in the stable coin; a token without a price is valued by the pool's other side."""
    exact = pool.first.units(holds[0]).exact, pool.second.units(holds[1]).exact
    prices = tuple(found.price if (found := worths.get(each)) else None for each in (pool.first, pool.second))
    first, second = prices
    if pool.dex.kind is DexKind.V2 and all(exact):
        first = first if first is not None else None if second is None else second * exact[1] / exact[0]
        second = second if second is not None else None if first is None else first * exact[0] / exact[1]
    if (first is None and second is None) or seconds <= 0 or not any(holds):
        return None
    came = pool.first.units(flow.in0).exact, pool.second.units(flow.in1).exact
    gone = pool.first.units(flow.out0).exact, pool.second.units(flow.out1).exact
    if first is None or second is None:  # V3: each swap has a known side, what came in or what went out
        known, at = (came[0] + gone[0], first) if first is not None else (came[1] + gone[1], second)
        volume = known * (at or Decimal(0))
        locked = (exact[0] if first is not None else exact[1]) * (at or Decimal(0))
    else:
        volume, locked = came[0] * first + came[1] * second, locked_value(exact, (first, second))
    if locked <= 0:
        return None
    fee = Decimal(pool.part.numerator) / Decimal(pool.part.denominator)
    return pool_figures(locked, volume, fee, seconds)


def _note(flow: Flow, seconds: int, figures: PoolFigures | None) -> str:
    if seconds <= 0:
        return "No time passed in the window: a rate cannot be told."
    if figures is None:
        return "Neither token has a price: value and rates cannot be told."
    if not flow.swaps:
        return "Nobody swapped in the window."
    if flow.swaps < FEW:
        return f"Only {flow.swaps} swap{'s' if flow.swaps > 1 else ''} in the window: the rate says little."
    return ""
