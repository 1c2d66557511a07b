"""The venue of the burst: the loopback as a process of its own, `python -m engine.cli.bench.burstside`.

It says where it is, then answers each line of its input: `go ROUNDS` lets the burst come, `end`
waits until all is sent and says what was. `at` of what it sends is this machine's clock.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from decimal import Decimal
from typing import Any

import engine
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.loopback.stage import Stage
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.wire.heard import BookHeard
from engine.cli.bench.burst_source import SECONDS, SYMBOLS, BurstSource, stretch
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side

LEAD_S = 0.5
_ALL = 1 << 30


def book_digest(bids: dict[int, int], asks: dict[int, int]) -> str:
    """Return what two equal books have in common: all levels, in ticks and lots."""
    return hashlib.sha256(repr((sorted(bids.items()), sorted(asks.items()))).encode()).hexdigest()


def _digest(book: WireBook, tick: str, lot: str) -> str:
    sides = ({_steps(p, tick): _steps(q, lot) for p, q in book.top(side, _ALL)} for side in (Side.BUY, Side.SELL))
    return book_digest(*sides)


def _steps(text: str, step: str) -> int:
    return int(Decimal(text) / Decimal(step))


async def _serve() -> None:
    piece = stretch()
    source = BurstSource(piece, Nanos(time.time_ns()))
    stage, loop = Stage(source), asyncio.get_running_loop()
    async with Loopback(stage, "binance") as house:
        late: list[float] = []

        def told(each: Told) -> None:
            if isinstance(each.what, BookHeard) and each.what.native == SYMBOLS[0]:
                late.append(round((stage.now - each.at) / NANOS_PER_SECOND, 6))

        stage.listen(told)
        stage.run(1.0)
        clock = {"market_at": stage.now, "monotonic": time.monotonic()}
        about = {**clock, "url": house.rest_url, "prints_a_s": piece.most_prints, "seconds": SECONDS}
        _say({"peer": "loopback", "version": engine.__version__, "pairs": list(SYMBOLS), **about})
        begun_cpu = 0.0
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            word, *rest = line.split()
            if word == "go":
                begun_cpu = time.process_time()
                late.clear()
                source.begin(Nanos(stage.now + int(LEAD_S * NANOS_PER_SECOND)), int(rest[0]))
                _say({"frames": house.sent})
            elif word == "end":
                await _ended(stage, house)
                own = {"frames": house.sent, "cpu_s": time.process_time() - begun_cpu, "late_s": late}
                _say(_told(source, stage) | own)
        await stage.close()


async def _ended(stage: Stage, house: Loopback) -> None:
    """Wait until all is sent."""
    while not stage.ended or house.waiting:  # noqa: ASYNC110 - time itself is waited for
        await asyncio.sleep(0.05)
    await house.drained()


def _told(source: BurstSource, stage: Stage) -> dict[str, Any]:
    """Return what was told of each pair so far, and its book."""
    found = {}
    for listing in source.listings:
        symbol, shown = listing.symbol, stage.market.pairs[listing.symbol]
        digest = _digest(shown.book, listing.tick, listing.lot)
        found[symbol] = {"diffs": source.diffs[symbol] - 1, "prints": source.prints[symbol], "book": digest}
    return {"pairs": found}


def _say(values: dict[str, Any]) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
