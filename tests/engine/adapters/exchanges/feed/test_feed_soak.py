"""Every fault at random, for minutes, on three venues at once: in the end each is equal to a faultless twin.

`CRS_SOAK_S` says for how long (600 s); what happened is printed.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.loopback.stage import Stage
from tests.engine.adapters.exchanges.following import Watched, quick, watched
from tests.engine.adapters.exchanges.loopback import demo

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.soak, pytest.mark.usefixtures("quick")]

SECONDS = float(os.environ.get("CRS_SOAK_S", "600"))
VENUES = ("binance", "kraken", "coinbase")
SYMBOLS = ("BTC/USDT", "ETH/USDT")
QUIET_S = 20.0
"""Without faults at the end, so that all can heal."""
FAULTS = (
    ("drop", "next@book"), ("drop", "next@trades"), ("drop", "1%"), ("duplicate", "next:3"), ("reorder", "next@book"),
    ("reorder", "2%"), ("truncate", "next"), ("delay", "300ms:next:2"), ("stale", "2"), ("disconnect", "next"),
    ("disconnect", "after:40"), ("429", "2"), ("418", "1"), ("skew", "1300ms"), ("skew", "-1300ms"),
    ("checksum", "next"), ("shutdown", "now"), ("hangup", "now"), ("silence", "2s"),
)  # fmt: skip


async def harm(venues: list[Loopback], until: float, draw: random.Random, struck: Counter[str]) -> None:
    """Let something go wrong every now and then, sometimes several things at once."""
    while time.monotonic() < until:
        venue = draw.choice(venues)
        name, how = draw.choice(FAULTS)
        venue.faults.put(name, how)
        struck[name] += 1
        await asyncio.sleep(draw.uniform(0.2, 3.0))
        if draw.random() < 0.3:
            venue.faults.clear()
    for venue in venues:
        venue.faults.clear()


@pytest.mark.timeout(SECONDS + 300)
async def test_after_every_fault_at_random_three_venues_equal_their_faultless_twins() -> None:
    draw, struck = random.Random(6), Counter[str]()  # noqa: S311 - no secret
    stage = Stage(demo(*SYMBOLS))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(stage.close)
        venues = [await stack.enter_async_context(Loopback(stage, name)) for name in VENUES]
        twins = [await stack.enter_async_context(Loopback(stage, name)) for name in VENUES]
        feeds: list[tuple[Watched, Watched]] = []
        for harmed, whole in zip(venues, twins, strict=True):
            pair = [await stack.enter_async_context(watched(each)) for each in (harmed, whole)]
            for each in pair:
                await each.follow(*SYMBOLS)
            feeds.append((pair[0], pair[1]))
        stage.run(1.0)
        began = time.monotonic()
        await harm(venues, began + SECONDS - QUIET_S, draw, struck)
        await asyncio.sleep(QUIET_S)
        stage.stop()
        for house in (*venues, *twins):
            await house.drained()
        for harmed_feed, whole_feed in feeds:
            await asyncio.gather(harmed_feed.synced(*SYMBOLS), whole_feed.synced(*SYMBOLS))
        await asyncio.sleep(1.0)
        lines = [f"soak: {time.monotonic() - began:.0f} s, faults {dict(struck)}"]
        for name, (seen, twin) in zip(VENUES, feeds, strict=True):
            health, prints = seen.feed.health(), {each: len(seen.ids(each)) for each in SYMBOLS}
            lines.append(
                f"{name}: frames {health.frames}, gaps {health.gaps}, resyncs {health.resyncs}, "
                f"reconnects {health.reconnects}, prints {prints}, wrong {len(seen.wrong)}"
            )
            assert seen.wrong == []
            assert twin.wrong == []
            for symbol in SYMBOLS:
                assert seen.top(symbol, 1 << 30) == twin.top(symbol, 1 << 30), (name, symbol)
                ids, twins_ids = seen.ids(symbol), twin.ids(symbol)
                assert ids == sorted(set(ids)), (name, symbol)
                first = max(ids[0], twins_ids[0])  # what was printed before either listened
                assert first < ids[-1] - 100, (name, symbol)
                assert ids[ids.index(first) :] == twins_ids[twins_ids.index(first) :], (name, symbol)
        print("\n".join(lines))
