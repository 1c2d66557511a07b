"""The limiter over Redis: the same laws as in memory, held against it and against a library."""

from __future__ import annotations

import random
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis as Client

from engine.server.limits.block import Block, Blocks
from engine.server.limits.gcra import SECOND, count
from engine.server.limits.guard import Guard
from engine.server.limits.keep import Changes, Known
from engine.server.limits.memory import MemoryLimiter
from engine.server.limits.scale import Scale
from engine.server.limits.standing import Standings
from engine.server.limits.tier import Tier
from engine.server.redis.breaker import Breaker
from engine.server.redis.connection import RedisLink, Unreachable
from engine.server.redis.keep import RedisKeep
from engine.server.redis.limiter import PREFIX, RedisLimiter
from tests.services import Redis, redis_instance

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def instance() -> Iterator[Redis]:
    with redis_instance() as running:
        yield running


@pytest_asyncio.fixture
async def link(instance: Redis) -> AsyncIterator[RedisLink]:
    opened = RedisLink(instance.url, answer_s=2.0)
    await opened.client.flushall()
    yield opened
    await opened.close()


def limiter(link: RedisLink, scale: Scale | None = None) -> RedisLimiter:
    scale = scale or Scale()
    return RedisLimiter(link, scale, MemoryLimiter(scale.halved()))


async def test_redis_and_memory_say_the_same_of_any_story(link: RedisLink) -> None:
    chance = random.Random(7)  # noqa: S311 - a story, not a secret
    scale = Scale({"orders": 0.2, "login": 0.5})
    shared = limiter(link, scale)
    tats: dict[tuple[str, Tier], Any] = {}
    for _ in range(400):
        who, tier = f"user:{chance.randrange(3)}", chance.choice([Tier.ORDERS, Tier.LOGIN])
        cost, trust = chance.choice([0, 1, 1, 1, 2, 30]), chance.choice([0.5, 1.0, 1.0, 2.0])
        verdict = await shared.check(who, tier, cost=cost, trust=trust)
        steps = scale.steps(who, tier, trust)
        stored = await link.client.get(f"{PREFIX}{tier.value}:{who}")
        clock = await link.client.time()
        now = clock[0] * SECOND + clock[1]
        kept, expected = count(tats.get((who, tier), (0,) * len(steps)), steps, now, cost)
        tats[who, tier] = kept
        assert verdict.allowed == expected.allowed
        assert verdict.limit == expected.limit
        assert abs(verdict.remaining - expected.remaining) <= 1
        assert verdict.reset_s == pytest.approx(expected.reset_s, abs=0.5)
        if verdict.allowed and cost:
            assert stored is not None
            tats[who, tier] = tuple(int(each) for each in stored.split())


async def test_a_tier_with_two_rates_is_one_round_trip(link: RedisLink) -> None:
    shared = limiter(link)
    await shared.check("user:1", Tier.ORDERS)  # the script is loaded
    before = await link.client.info("stats")
    for _ in range(20):
        await shared.check("user:1", Tier.ORDERS)
    after = await link.client.info("stats")
    calls = (await link.client.info("commandstats"))["cmdstat_evalsha"]["calls"]

    # the script's own commands are counted by Redis as well: TIME, GET, SET
    assert after["total_commands_processed"] - before["total_commands_processed"] - 1 == 20 * 4
    assert calls >= 21


async def test_what_redis_lets_pass_is_what_it_counts_to_the_last_one(link: RedisLink) -> None:
    shared = limiter(link)
    whole = await shared.check("ip:1", Tier.LOGIN, cost=10)
    more = await shared.check("ip:1", Tier.LOGIN)
    too_much = await shared.check("ip:2", Tier.LOGIN, cost=11)
    after = await shared.check("ip:2", Tier.LOGIN, cost=10)

    assert [each.allowed for each in (whole, more, too_much, after)] == [True, False, False, True]


async def test_keys_expire_when_everything_is_back(link: RedisLink) -> None:
    await limiter(link).check("user:1", Tier.ORDERS)

    assert 0 < await link.client.pttl(f"{PREFIX}orders:user:1") <= 3_600


async def test_two_processes_count_together(link: RedisLink, instance: Redis) -> None:
    other = RedisLink(instance.url, answer_s=2.0)
    pair = limiter(link), limiter(other)
    passed = [(await pair[number % 2].check("ip:1", Tier.LOGIN)).allowed for number in range(12)]
    await other.close()

    assert passed == [True] * 10 + [False] * 2


async def test_flushed_while_running_only_forgets(link: RedisLink) -> None:
    shared = limiter(link)
    for _ in range(10):
        await shared.check("ip:1", Tier.LOGIN)
    await link.client.flushall()
    await link.client.script_flush()

    assert (await shared.check("ip:1", Tier.LOGIN)).remaining == 9
    assert shared.fell_back == 0


async def test_without_redis_half_the_rate_passes_and_it_is_told_once_and_once_when_it_is_back() -> None:
    told: list[bool] = []
    with redis_instance() as own:
        link = RedisLink(own.url, answer_s=1.0, breaker=Breaker(now=(clock := Seconds())))
        link.on_change = told.append
        shared = limiter(link)
        assert (await shared.check("ip:1", Tier.LOGIN)).limit == 10
        own.stop(signal.SIGKILL)
        verdicts = [await shared.check("ip:1", Tier.LOGIN) for _ in range(8)]
        calls_when_open = link.calls
        await shared.check("ip:1", Tier.LOGIN)

        assert [each.allowed for each in verdicts] == [True] * 5 + [False] * 3
        assert verdicts[0].limit == 5
        assert link.calls == calls_when_open == 4
        assert (told, link.is_up) == ([False], False)
        own.start()
        clock.now += 60
        assert (await shared.check("ip:1", Tier.LOGIN)).limit == 10
        assert (told, link.is_up) == ([False, True], True)
        await link.close()


async def test_blocks_and_trust_are_everybodys(link: RedisLink, instance: Redis) -> None:
    other = RedisLink(instance.url, answer_s=2.0)
    here, there = RedisKeep(link), RedisKeep(other)
    guard = Guard(Blocks(), Standings(), here)
    await guard.start()
    for _ in range(61):
        guard.note("", "192.0.2.1", 401)
    guard.note("user:1", "192.0.2.2", 429)
    await guard.block("192.0.2.3", 60, "by hand")
    known = await there.load()
    assert known is not None
    assert {each.net for each in known.blocks} == {"192.0.2.1", "192.0.2.3"}
    assert {who for who, _, _ in known.trust} == {"ip:192.0.2.1", "user:1"}
    await guard.lift("192.0.2.1")
    known = await there.load(trust=False)
    assert known == Known((known.blocks[0],)) if known else False
    assert known is not None
    assert known.blocks[0].net == "192.0.2.3"
    await guard.close()
    await other.close()


async def test_an_emptied_redis_is_told_again(link: RedisLink) -> None:
    keep = RedisKeep(link)
    guard = Guard(Blocks(), Standings(), keep)
    await guard.start()
    await guard.block("192.0.2.3", 60, "by hand")
    guard.note("user:1", "192.0.2.2", 429)
    await guard.save()
    await link.client.flushall()
    known = await keep.load()
    await guard.close()

    assert known is not None
    assert [each.net for each in known.blocks] == ["192.0.2.3"]
    assert [who for who, _, _ in known.trust] == ["user:1"]


async def test_what_cannot_be_kept_now_is_kept_later() -> None:
    link = RedisLink("redis://127.0.0.1:1/0")
    keep = RedisKeep(link)
    assert await keep.load() is None
    assert not await keep.save(Known(), Changes(blocked=(Block("192.0.2.1", 0, 1e12, 1, ""),)))
    guard = Guard(Blocks(), Standings(), keep)
    await guard.block("192.0.2.1", 60, "by hand")
    assert guard.blocks.left_s("192.0.2.1") > 0
    assert len(guard._unsaved.blocked) == 1
    await link.close()


class Seconds:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_breaker_lets_one_try_after_each_pause_and_the_pauses_double() -> None:
    clock = Seconds()
    breaker = Breaker(now=clock)
    opened = [breaker.failed() for _ in range(4) if breaker.may_pass()]
    assert opened == [False, False, True]
    pauses = []
    for _ in range(7):
        begun = clock.now
        while not breaker.may_pass():
            clock.now += 0.25
        assert not breaker.may_pass()
        pauses.append(clock.now - begun)
        breaker.failed()
    assert pauses == [0.5, 1, 2, 4, 8, 15, 15]
    clock.now += 15
    assert breaker.may_pass()
    assert breaker.succeeded()
    assert breaker.may_pass()
    assert breaker.opened == 1


async def test_an_unusable_answer_is_no_answer(link: RedisLink) -> None:
    with pytest.raises(Unreachable):
        await link.ask(_wrong)


async def _wrong(client: Client) -> None:
    await client.set("crs:test", "text")
    await client.lpush("crs:test", "1")
