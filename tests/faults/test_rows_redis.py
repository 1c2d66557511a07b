"""Faults of Redis: gone, emptied, slow. Requests are answered, limits hold at half the rates, sessions go on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from engine.server.redis.limiter import RedisLimiter
from tests.engine.server.auth.house import House, Person, house
from tests.faults.proxy import FaultProxy, fault_proxy
from tests.services import Redis, redis_instance

pytestmark = [pytest.mark.integration]

OK, TOO_MANY = httpx.codes.OK, httpx.codes.TOO_MANY_REQUESTS
TIMES = {"market": 0.02}
"""20 a minute, so that few requests show whether limits hold."""


@pytest.fixture
def redis() -> Iterator[Redis]:
    with redis_instance() as running:
        yield running


@asynccontextmanager
async def served(tmp_path: Path, url: str) -> AsyncIterator[tuple[House, Person, RedisLimiter]]:
    """Lend a server that counts in Redis, and somebody who is signed in."""
    async with house(tmp_path / "data", redis=url, limits="on", limit_times=TIMES) as running:
        person = running.person()
        await person.login()
        limiter = running.services.limiter
        assert isinstance(limiter, RedisLimiter)
        yield running, person, limiter


async def asked(server: House, times: int) -> list[int]:
    """Ask for the time as a stranger, so often, and return the statuses."""
    return [(await server.http.get("/v1/time")).status_code for _ in range(times)]


async def test_row_27_redis_down_counts_here_at_half_the_rates_and_sessions_go_on(tmp_path: Path, redis: Redis) -> None:
    async with served(tmp_path, redis.url) as (server, person, limiter):
        redis.stop(signal.SIGKILL)
        statuses = await asked(server, 25)
        account = await person.ask("GET", "/v1/account")
        link = server.services.redis
        assert link is not None
        down = link.is_up
        redis.start()
        while not link.is_up:
            await asked(server, 1)
            await asyncio.sleep(0.05)
        await server.identity.settled()
        kinds = server.kinds()

    assert set(statuses) <= {OK, TOO_MANY}
    assert statuses.count(OK) in (10, 11)
    assert account.status_code == OK
    assert not down
    assert limiter.fell_back >= 25
    assert (kinds.count("redis.lost"), kinds.count("redis.back")) == (1, 1)


async def test_row_27_redis_flushed_forgets_and_nothing_fails(tmp_path: Path, redis: Redis) -> None:
    async with served(tmp_path, redis.url) as (server, person, limiter):
        await asked(server, 25)
        link = server.services.redis
        assert link is not None
        await link.client.flushall()
        await link.client.script_flush()
        statuses = await asked(server, 25)
        account = await person.ask("GET", "/v1/account")

    assert set(statuses) == {OK, TOO_MANY}
    assert account.status_code == OK
    assert limiter.fell_back == 0


async def test_row_28_slow_redis_is_waited_for_briefly_and_then_left_alone(tmp_path: Path, redis: Redis) -> None:
    async with slowed(redis) as proxy, served(tmp_path, url_of(proxy)) as (server, person, limiter):
        link = server.services.redis
        assert link is not None
        before = link.failures
        proxy.latency_s = 0.5
        first = await asked(server, 3)
        calls = link.calls
        then = await asked(server, 10)
        account = await person.ask("GET", "/v1/account")
        tried = link.calls - calls
        open_now = not link.is_up

    assert set(first + then) <= {OK, TOO_MANY}
    assert account.status_code == OK
    assert link.failures >= before + 3
    assert open_now
    assert tried <= 2  # after a pause one attempt may have passed
    assert limiter.fell_back >= 13


@asynccontextmanager
async def slowed(redis: Redis) -> AsyncIterator[FaultProxy]:
    """Lend a proxy before Redis, which does not slow it yet."""
    async with fault_proxy(redis.port) as proxy:
        proxy.plain = True
        yield proxy


def url_of(proxy: FaultProxy) -> str:
    return f"redis://127.0.0.1:{proxy.port}/0"
