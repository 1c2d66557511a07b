"""What it costs to quote one pool off the chain, V2 and V3, in and out, with few and many ticks crossed.

Before anything is timed, each quote must be what the real contracts answered for the very same pool: SushiSwap's
router and Uniswap's QuoterV2 were asked once, and `tests/engine/defi/pools/test_bench_quotes.py` asks them again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from engine.cli.bench.rounds import Bar, Plan, Spread, WrongAnswerError
from engine.defi.pools.pool import Pool
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.v3math.tick import tick_at

MOST_US = 100.0
"""What a quote may cost (issue 7)."""
MOST_V2_US = 5.0
TOKENS = ("0x0000000000000000000000000000000000000001", "0x0000000000000000000000000000000000000002")
V2 = V2Pool("V2", *TOKENS, 5_000 * 10**18, 15_000_000 * 10**6)
RANGES = tuple((-180 * each, 180 * each, 10**22 // each) for each in range(1, 31))
"""Lower tick, upper tick, liquidity: thirty around one price, a tick to cross every 180."""
ROOT = 2**96 + 12_345


class Asked(NamedTuple):
    """A question and what the contract answered."""

    name: str
    pool: Pool
    token_in: str
    is_in: bool
    amount: int
    answer: int
    most_us: float = MOST_US


def v3_pool() -> V3Pool:
    """Return the pool of the ranges."""
    nets: dict[int, int] = {}
    for lower, upper, liquidity in RANGES:
        nets[lower] = nets.get(lower, 0) + liquidity
        nets[upper] = nets.get(upper, 0) - liquidity
    inside = sum(each[2] for each in RANGES)
    return V3Pool.checked("V3", TOKENS, 3000, 60, (ROOT, 0), inside, nets)


V3 = v3_pool()
QUESTIONS = (
    Asked("V2, exact in", V2, TOKENS[0], True, 10**18, 2_990_403_713, MOST_V2_US),
    Asked("V2, exact out", V2, TOKENS[0], False, 3_000 * 10**6, 1_003_209_669_015_046_741, MOST_V2_US),
    Asked("V3, exact in, no tick crossed", V3, TOKENS[0], True, 10**18, 996_975_119_214_123_036),
    Asked("V3, exact in, 1 tick crossed", V3, TOKENS[1], True, 5 * 10**20, 492_204_061_706_336_191_989),
    Asked("V3, exact in, 5 ticks crossed", V3, TOKENS[0], True, 1_400 * 10**18, 1_334_747_178_541_840_455_816),
    Asked("V3, exact out, 6 ticks crossed", V3, TOKENS[1], False, 1_400 * 10**18, 1_473_150_424_826_129_341_954),
    Asked("V3, exact in, 18 ticks crossed", V3, TOKENS[0], True, 2_600 * 10**18, 2_316_118_022_973_530_294_258),
)


FIVE = QUESTIONS[4]


def quote_bars(plan: Plan) -> list[Bar]:
    """Return the CPU time of each quote, sides taking turns, and of a tick's price and back.

    Raises:
        WrongAnswerError: a quote is not the contract's.
    """
    for asked in QUESTIONS:
        prove(asked)
    costs: dict[str, list[float]] = {asked.name: [] for asked in QUESTIONS}
    first: list[float] = []
    ticks: list[float] = []
    for _ in range(plan.rounds):
        for asked in QUESTIONS:
            costs[asked.name].append(_microseconds(_question(asked), plan.events))
        first.append(_microseconds(_first_quote, plan.events))
        ticks.append(_microseconds(lambda: tick_at(ROOT * 3), plan.events))
    bars = [Bar(each.name, Spread.of(costs[each.name]), each.most_us, False, "us") for each in QUESTIONS]
    bars.append(Bar("V3, a pool's first quote, 5 ticks crossed", Spread.of(first), MOST_US, False, "us"))
    return [*bars, Bar("V3, the tick of a price", Spread.of(ticks), unit="us")]


def prove(asked: Asked) -> None:
    """Check an answer against the contract's."""
    found = _question(asked)()
    if found != asked.answer:
        raise WrongAnswerError(
            f"{asked.name}: {found} instead of the contract's {asked.answer}; "
            "the speed of wrong answers is not measured."
        )


def _question(asked: Asked) -> Callable[[], int]:
    method = asked.pool.quote_out if asked.is_in else asked.pool.quote_in
    return lambda: method(asked.token_in, asked.amount)


def _first_quote() -> int:
    """Quote a pool that was never quoted before: what a pool has worked out it keeps for the next quote."""
    return replace(V3).quote_out(FIVE.token_in, FIVE.amount)


def _microseconds(work: Callable[[], int], times: int) -> float:
    """Return the CPU time of one call; the first, which fills the cache of ticks' prices, is not counted."""
    work()
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times * 1e6
