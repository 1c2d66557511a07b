"""The laws of the limiter, whichever back end counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.server.limits.gcra import SECOND, count, counter_of, step_of
from engine.server.limits.memory import MemoryLimiter
from engine.server.limits.scale import Scale
from engine.server.limits.tier import Rate, Tier

rates = st.builds(Rate, st.integers(1, 50), st.integers(1, 100))
gaps = st.lists(st.tuples(st.integers(0, 5 * SECOND), st.integers(1, 4)), max_size=80)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 10**12

    def __call__(self) -> int:
        return self.now


@given(st.lists(rates, min_size=1, max_size=3), gaps)
def test_no_span_sees_more_than_the_allowance_and_what_came_back_in_it(
    several: list[Rate], asked: list[tuple[int, int]]
) -> None:
    steps = [step_of(rate) for rate in several]
    tats, now, passed = (0,) * len(steps), 1, []
    for gap, cost in asked:
        now += gap
        kept, verdict = count(tats, steps, now, cost)
        tats = tuple(kept)
        if verdict.allowed:
            passed.append((now, cost))
    for first in range(len(passed)):
        total = 0
        for at, cost in passed[first:]:
            total += cost
            for step in steps:
                assert total <= step.limit + (at - passed[first][0]) / step.interval + 1e-9


@given(rates, gaps)
def test_a_refused_request_passes_after_the_wait_and_not_a_microsecond_before(
    rate: Rate, asked: list[tuple[int, int]]
) -> None:
    steps = [step_of(rate)]
    tats, now = (0,), 1
    for gap, cost in asked:
        now += gap
        kept, verdict = count(tats, steps, now, cost)
        if not verdict.allowed and cost <= steps[0].limit:
            wait = round(verdict.retry_after_s * SECOND)
            assert count(tats, steps, now + wait, cost)[1].allowed
            assert not count(tats, steps, now + wait - 1, cost)[1].allowed
        tats = (kept[0],)


@given(rates, gaps)
def test_what_remains_is_what_still_passes_now(rate: Rate, asked: list[tuple[int, int]]) -> None:
    steps = [step_of(rate)]
    tats, now = (0,), 1
    for gap, cost in asked:
        now += gap
        kept, verdict = count(tats, steps, now, cost)
        tats = (kept[0],)
        left = 0
        trial = tats
        while (more := count(trial, steps, now, 1))[1].allowed:
            trial, left = (more[0][0],), left + 1
        assert verdict.remaining == left


async def test_a_tier_lets_its_allowance_pass_and_says_when_the_next_one_does() -> None:
    clock = Clock()
    limiter = MemoryLimiter(now=clock)

    verdicts = [await limiter.check("user:1", Tier.LOGIN) for _ in range(11)]

    assert [each.allowed for each in verdicts] == [True] * 10 + [False]
    assert [each.remaining for each in verdicts] == [*range(9, -1, -1), 0]
    assert verdicts[-1].retry_after_s == 6.0
    clock.now += 6 * SECOND
    assert (await limiter.check("user:1", Tier.LOGIN)).allowed
    assert (await limiter.check("user:2", Tier.LOGIN)).allowed


def test_the_hour_refuses_where_the_minute_would_not() -> None:
    clock = Clock()
    limiter = MemoryLimiter(now=clock)
    passed = 0
    for _ in range(20):
        passed += sum(limiter.count("user:1", Tier.LOGIN).allowed for _ in range(12))
        clock.now += 60 * SECOND

    assert passed == 50 + 19 * 60 // 72  # the hour's allowance, and one every 72 s


def test_trust_and_the_operator_change_the_allowance_but_nobody_logs_in_more_often_by_trust() -> None:
    scale = Scale({"orders": 2.0}, {"key:9": {"orders": 10.0}})

    assert [scale.steps("user:1", Tier.ORDERS, trust)[0].limit for trust in (0.1, 0.5, 1.0, 2.0, 9.0)] == [
        100, 100, 200, 400, 400,
    ]  # fmt: skip
    assert scale.steps("key:9", Tier.ORDERS)[0].limit == 1000
    assert scale.steps("key:9", Tier.MARKET)[0].limit == 1000
    assert scale.steps("ip:192.0.2.1", Tier.LOGIN, 2.0)[0].limit == 10


def test_memory_is_bounded_and_whoever_keeps_asking_is_not_forgotten() -> None:
    clock = Clock()
    limiter = MemoryLimiter(now=clock, capacity=100)
    for _ in range(1000):
        limiter.count("user:busy", Tier.MARKET)
    for number in range(5_000):
        limiter.count(f"ip:{number}", Tier.MARKET)
        assert not limiter.count("user:busy", Tier.MARKET).allowed

    assert len(limiter) <= 200


@given(rates, rates, gaps)
def test_two_rates_together_are_what_each_says_alone(one: Rate, other: Rate, asked: list[tuple[int, int]]) -> None:
    steps = (step_of(one), step_of(other))
    tats, now = (0, 0), 1
    quick = counter_of(steps)
    for gap, cost in asked:
        now += gap
        kept, verdict = count(tats, steps, now, cost)
        after, quickly = quick(tats, now, cost)
        assert (tuple(after), quickly) == (tuple(kept), verdict)
        alone = [count((tat,), (step,), now, cost)[1] for tat, step in zip(tats, steps, strict=True)]
        assert verdict.allowed == all(each.allowed for each in alone)
        if verdict.allowed:
            assert verdict.remaining == min(each.remaining for each in alone)
        else:
            assert verdict.retry_after_s == max(each.retry_after_s for each in alone)
        assert verdict._replace(allowed=True, retry_after_s=0.0) in [
            each._replace(allowed=True, retry_after_s=0.0) for each in alone if each.allowed == verdict.allowed
        ]
        tats = (kept[0], kept[1])
