"""The exchange of another process: a writer and gateways over a real Redis, in one loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.sql.pool import pooled
from engine.bootstrap.exchange import open_exchange
from engine.domain.command import CancelOrder, Deposit, SubmitOrder
from engine.domain.event import OrderAccepted, OrderCancelled, OrderFilled, OrderRejected
from engine.domain.market import BookDiff, FeedState, Timeframe
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.errors import InvalidInput, VenueUnavailable
from engine.ports.feed import FeedStateChanged
from engine.ports.journal import Recorded
from engine.profile import Profile
from engine.server.core.local import LocalCore
from engine.server.core.port import EventsMissed
from engine.server.link.clerk import Clerk
from engine.server.link.message import pack_batch, pack_event
from engine.server.link.publisher import Publisher
from engine.server.link.remote import RemoteCore
from engine.server.link.streams import events_of, linked
from tests.services import Redis

pytestmark = pytest.mark.integration

ME = AccountId("U-1")


@asynccontextmanager
async def writer(url: str, core: LocalCore, epoch: int = 1) -> AsyncIterator[Publisher]:
    redis, reading = linked(url), linked(url)
    publisher = Publisher(redis, "main", epoch, core)
    clerk = Clerk(reading, redis, "main", core, publisher, lambda symbol, count: ())
    publisher.start()
    await clerk.start()
    try:
        yield publisher
    finally:
        await clerk.close()
        await publisher.close()
        await reading.aclose()
        await redis.aclose()


@asynccontextmanager
async def gateway(url: str) -> AsyncIterator[RemoteCore]:
    reading, asking = linked(url), linked(url)
    core = RemoteCore(reading, asking, "main")
    assert await core.start()
    try:
        yield core
    finally:
        await core.close()
        await reading.aclose()
        await asking.aclose()


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[LocalCore]:
    database = pooled(f"sqlite:///{tmp_path / 'data' / 'crs.sqlite'}")
    engine = await open_exchange(Profile(tmp_path / "data"), seed=7, database=database)
    await engine.start()
    core = LocalCore(engine)
    await core.carry_out(Deposit(ME, "USDT", engine.venue.pairs()[0].quote.units(Decimal(100_000))))
    yield core
    await engine.close()
    database.dispose()


async def flushed(redis: Redis) -> None:
    client = linked(redis.url)
    await client.flushall()
    await client.aclose()


async def until(holds: Callable[[], Any], timeout_s: float = 30.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110 - a test asks from outside
            await asyncio.sleep(0.02)


def limit(order_id: str, price: int, qty: int = 100) -> SubmitOrder:
    return SubmitOrder(
        account=ME, order_id=OrderId(order_id), symbol="BTC/USDT", side=Side.BUY, order_type=OrderType.LIMIT,
        qty=Lots(qty), price=Ticks(price),
    )  # fmt: skip


async def test_a_gateway_answers_as_the_writer_does(redis: Redis, local: LocalCore) -> None:
    await flushed(redis)
    best = local.snapshot("BTC/USDT", 1)
    async with writer(redis.url, local), gateway(redis.url) as far:
        resting = await far.carry_out(limit("a1", best.bids[0].price - 5_000))
        again = await far.carry_out(limit("a1", best.bids[0].price - 5_000))
        taken = await far.carry_out(limit("a2", best.asks[0].price + 2_000))
        gone = await far.carry_out(CancelOrder(ME, OrderId("a1")))
        refused = await far.carry_out(CancelOrder(ME, OrderId("nobody")))
        far_bars = await far.bars("BTC/USDT", Timeframe.M1, end=Nanos(local.now), count=10)
        near_bars = await local.bars("BTC/USDT", Timeframe.M1, end=Nanos(local.now), count=10)
        with pytest.raises(InvalidInput):
            await far.bars("NO/PAIR", Timeframe.M1, end=Nanos(local.now), count=10)

        assert far.pairs() == local.pairs()
    assert [type(each) for each in resting.facts] == [OrderAccepted]
    assert (again.repeated, again.facts) == (True, resting.facts)
    assert taken.last == resting.last + 1 + len(taken.facts)  # the command is a record, too
    assert isinstance(taken.facts[0], OrderAccepted)
    assert any(isinstance(each, OrderFilled) for each in taken.facts)
    assert isinstance(gone.facts[0], OrderCancelled)
    assert isinstance(refused.facts[0], OrderRejected)
    assert far_bars.close.tolist() == near_bars.close.tolist()


async def test_books_and_records_of_a_gateway_equal_the_writers(redis: Redis, local: LocalCore) -> None:
    await flushed(redis)
    near: list[object] = []
    far_heard: list[object] = []
    async with writer(redis.url, local), gateway(redis.url) as far:
        local.bus.subscribe(Recorded, near.append)
        far.bus.subscribe(Recorded, far_heard.append)
        far.bus.subscribe(BookDiff, lambda _: None)
        for number in range(20):
            await far.carry_out(limit(f"b{number}", 1_000_000 + number))
        await until(lambda: len(far_heard) == len(near))
        ours = local.snapshot("BTC/USDT", 50)
        await until(lambda: far.snapshot("BTC/USDT", 1).seq >= ours.seq)
        books = {far.snapshot("BTC/USDT", 50).seq: far.snapshot("BTC/USDT", 50)}
        nows = {local.snapshot("BTC/USDT", 50).seq: local.snapshot("BTC/USDT", 50)}
        for _ in range(200):  # until both were seen at one number
            if set(books) & set(nows):
                break
            await asyncio.sleep(0.01)
            books[far.snapshot("BTC/USDT", 50).seq] = far.snapshot("BTC/USDT", 50)
            nows[local.snapshot("BTC/USDT", 50).seq] = local.snapshot("BTC/USDT", 50)
        common = max(set(books) & set(nows))

    assert len(near) == 40  # twenty commands, twenty acceptances
    assert far_heard == near
    assert (books[common].bids, books[common].asks) == (nows[common].bids, nows[common].asks)


async def test_a_gateway_that_missed_events_starts_over(redis: Redis, local: LocalCore) -> None:
    await flushed(redis)
    told: list[object] = []
    async with writer(redis.url, local) as publisher, gateway(redis.url) as far:
        far.bus.subscribe(FeedStateChanged, lambda event: told.append(event.state))
        far.bus.subscribe(EventsMissed, told.append)
        publisher._number += 1  # a batch that never came
        await until(lambda: told and told[-1] is FeedState.SYNCED)
        answer = await far.carry_out(limit("c1", 1_000_000))

    assert isinstance(answer.facts[0], OrderAccepted)
    assert told == [FeedState.RESYNCING, EventsMissed(), FeedState.SNAPSHOT, FeedState.SYNCED]


async def test_a_gateway_that_loses_the_exchange_while_it_joins_joins_again(
    redis: Redis, local: LocalCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flushed(redis)
    seed, losses = RemoteCore._seed, iter((True, False))

    async def seed_and_lose(core: RemoteCore) -> bool:
        if next(losses, False):
            core._lose("Events of the exchange are missing; it is asked again.")
        return await seed(core)

    monkeypatch.setattr(RemoteCore, "_seed", seed_and_lose)
    heard: list[Recorded] = []
    async with writer(redis.url, local), gateway(redis.url) as far:
        far.bus.subscribe(Recorded, heard.append)
        await far.carry_out(limit("l1", 1_000_000))
        await until(lambda: heard)

    assert heard[0].record == limit("l1", 1_000_000)


async def test_events_of_a_writer_that_was_fenced_off_are_not_published(redis: Redis, local: LocalCore) -> None:
    await flushed(redis)
    heard: list[Recorded] = []
    async with writer(redis.url, local, epoch=5), gateway(redis.url) as far:
        far.bus.subscribe(Recorded, heard.append)
        zombie = pack_batch(4, 1, [pack_event(Recorded(10**9, limit("zombie", 1)))])
        redis_client = linked(redis.url)
        await redis_client.xadd(events_of("main"), {b"b": zombie})
        await far.carry_out(limit("d1", 1_000_000))
        await until(lambda: any(each.record == limit("d1", 1_000_000) for each in heard))
        await redis_client.aclose()

        assert far.state is FeedState.SYNCED
    assert 10**9 not in [each.seq for each in heard]


async def test_while_no_writer_answers_the_gateway_says_so_and_goes_on_with_the_next(
    redis: Redis, local: LocalCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flushed(redis)
    monkeypatch.setattr("engine.server.link.remote.ANSWER_S", 0.3)
    monkeypatch.setattr("engine.server.link.remote.SILENT_S", 0.5)
    async with gateway_later(redis.url) as far:
        async with writer(redis.url, local, epoch=1):
            await until(lambda: far.state is FeedState.SYNCED)
        with pytest.raises(VenueUnavailable, match="Send the same again"):
            await far.carry_out(limit("e1", 1_000_000))
        await until(lambda: far.state is FeedState.STALE)
        async with writer(redis.url, local, epoch=2):
            await until(lambda: far.state is FeedState.SYNCED)
            monkeypatch.setattr("engine.server.link.remote.ANSWER_S", 5.0)
            answer = await far.carry_out(limit("e1", 1_000_000))

    assert isinstance(answer.facts[0], OrderAccepted)
    assert not answer.repeated  # the one that nobody waited for any more was not carried out


@asynccontextmanager
async def gateway_later(url: str) -> AsyncIterator[RemoteCore]:
    reading, asking = linked(url), linked(url)
    core = RemoteCore(reading, asking, "main")
    await core.start(timeout_s=0.0)
    try:
        yield core
    finally:
        await core.close()
        await reading.aclose()
        await asking.aclose()
