"""An hour of a busy pair, played as fast as it goes into a whole paper engine, leaves nothing behind that grows."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.feed.feed import PublicFeed
from engine.adapters.exchanges.wire import scaled
from engine.bootstrap.public import open_public
from engine.domain.market import BookSnapshot
from engine.profile import Profile
from engine.services.market_data import TAPE_LENGTH
from tests.engine.adapters.exchanges.following import quick, until, watched
from tests.engine.adapters.exchanges.loopback import demo, loopback

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]

SYMBOL = "BTC/USDT"
TRADES, DIFFS = 30, 10
"""A second of the recorded market."""
LEVELS, AWAY = 46, 3_000
MB = 2**20


def frames(book: BookSnapshot, last: int, print_id: int, draw: random.Random) -> Iterator[list[str]]:
    """Yield what the venue sends in a second, for ever: prices wander, quantities hardly ever repeat."""
    shown: dict[int, bool] = {
        level.price: is_bid for side, is_bid in ((book.bids, True), (book.asks, False)) for level in side
    }
    at, middle = time.time_ns() // 1_000_000, int(book.asks[0].price)
    while True:
        second = []
        for number in range(DIFFS):
            before, middle = middle, middle + draw.randint(-40, 40)
            changes: dict[tuple[int, bool], str] = {}
            crossed = range(min(before, middle) - 1, max(before, middle) + 2)
            for price in [each for each in crossed if each in shown] if number else list(shown):
                if number == 0 and abs(price - middle) <= 2 * AWAY and price not in crossed:
                    continue
                changes[price, shown.pop(price)] = "0.00000000"
            for _ in range(LEVELS):
                is_bid, away = draw.random() < 0.5, draw.randint(1, AWAY)
                price = middle - away if is_bid else middle + away
                shown[price] = is_bid
                changes[price, is_bid] = f"{draw.random() + 1e-4:.5f}000"
            last, at = last + 1, at + 1_000 // DIFFS
            second.append(_diff(changes, last, at))
            for _ in range(TRADES // DIFFS):
                print_id += 1
                second.append(
                    f'{{"e":"trade","E":{at},"s":"BTCUSDT","t":{print_id},"p":"{middle / 100:.2f}000000",'
                    f'"q":"{draw.random() + 1e-4:.5f}000","T":{at},"m":true,"M":true}}'
                )
        yield second


def _diff(changes: dict[tuple[int, bool], str], number: int, at: int) -> str:
    sides = (
        ",".join(f'["{price / 100:.2f}000000","{qty}"]' for (price, is_bid), qty in changes.items() if is_bid is side)
        for side in (True, False)
    )
    bids, asks = sides
    return f'{{"e":"depthUpdate","E":{at},"s":"BTCUSDT","U":{number},"u":{number},"b":[{bids}],"a":[{asks}]}}'


async def play(feed: PublicFeed, source: Iterator[list[str]], seconds: int) -> None:
    """Have the feed hear so many seconds."""
    hear = BinanceDialect().hear
    for _ in range(seconds):
        for frame in next(source):
            feed.heard(hear(frame))
        await asyncio.sleep(0)


async def sizes(feed: PublicFeed, minutes: int, every: int) -> list[tuple[float, int]]:
    """Play minutes; return memory in MB and how many objects there are, every so many."""
    book, print_id = feed.snapshot(SYMBOL, 1 << 30), feed._prints[SYMBOL].last or 0
    source = frames(book, feed.followed(SYMBOL).last_number, print_id, random.Random(5))  # noqa: S311 - no secret
    process, found = psutil.Process(), []
    for _ in range(minutes // every):
        await play(feed, source, 60 * every)
        gc.collect()
        found.append((process.memory_info().rss / MB, len(gc.get_objects())))
    return found


async def checked(tmp_path: Path, minutes: int, every: int) -> list[tuple[float, int]]:
    """Play on a whole engine, look at what is bounded, and return its sizes."""
    async with loopback(demo(SYMBOL)) as house, watched(house) as seen:
        feed = seen.feed
        await seen.follow(SYMBOL)
        engine = await open_public(Profile(tmp_path), "binance", feed=feed, bus=feed._bus, follow=[SYMBOL])
        try:
            await until(lambda: engine.live.market.is_synced(SYMBOL) and not feed.is_catching_up)
            for kind in list(feed._bus._subscriptions):  # the tests' own listener keeps every print
                for each in list(feed._bus._subscriptions[kind]):
                    if getattr(each.handler, "__self__", None) is seen:
                        each.close()
            found = await sizes(feed, minutes, every)
            assert feed.health().gaps == 0
            pair = feed.followed(SYMBOL)
            assert len(pair.grid.lots) <= scaled.KEPT
            assert len(pair.grid.ticks) <= scaled.KEPT
            assert len(pair.sync.book.bids) < 3 * AWAY
            assert len(pair.sync.book._bids_heap) <= 2 * len(pair.sync.book.bids) + 1_000
            assert len(engine.market_data.tape(SYMBOL)) == TAPE_LENGTH
            assert feed._outgoing.is_empty(SYMBOL)
            return found
        finally:
            await engine.close()


async def test_what_a_busy_pair_leaves_behind_is_bounded(tmp_path: Path) -> None:
    found = await checked(tmp_path, 2, 1)
    assert len(found) == 2


@pytest.mark.soak
@pytest.mark.timeout(3_600)
async def test_an_hour_of_a_busy_pair_does_not_grow_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.thread_time()
    found = await checked(tmp_path, 60, 5)
    with capsys.disabled():
        mb = ", ".join(f"{each:.0f}" for each, _ in found)
        took = time.thread_time() - began
        print(f"\nan hour of {TRADES} prints and {DIFFS} diffs a second in {took:.0f} CPU s: MB {mb}")
    half = len(found) // 2
    assert found[-1][0] - found[half][0] < 10
