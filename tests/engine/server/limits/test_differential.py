"""Our limiter against `limits`, a library that nobody here wrote.

What passes here, the library's moving window must let pass too, once it is told what a rate of n per period promises:
in any span s no more than n + n · s / period. Its windows are exact, so one request too many would be seen.
"""

from __future__ import annotations

import random
from unittest.mock import patch

import limits
import pytest
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from engine.server.limits.gcra import SECOND, step_of
from engine.server.limits.memory import MemoryLimiter
from engine.server.limits.scale import Scale
from engine.server.limits.tier import Rate, Tier

SPANS_S = (1, 7, 60, 240, 3_600)


class Clock:
    """One clock for both."""

    def __init__(self) -> None:
        self.us = 1_000_000 * SECOND

    def seconds(self) -> float:
        return self.us / SECOND


def promised(rate: Rate, span_s: int) -> limits.RateLimitItem:
    """Return what a rate promises of a span, as the library writes it."""
    step = step_of(rate)
    return limits.RateLimitItemPerSecond(step.limit + span_s * SECOND // step.interval, span_s)


def over_admitted(steps: int, seed: int) -> tuple[int, int]:
    """Return how many requests passed, and how many of them the library would not have let pass."""
    chance = random.Random(seed)  # noqa: S311 - a story, no secret
    clock, scale = Clock(), Scale({"orders": 0.1, "login": 1.0})
    ours = MemoryLimiter(scale, now=lambda: clock.us)
    theirs = MovingWindowRateLimiter(MemoryStorage())
    rates = {
        tier: [Rate(step.limit, rate.period_s) for rate, step in zip(tier.rates, scale.steps("", tier), strict=True)]
        for tier in (Tier.LOGIN, Tier.ORDERS)
    }
    passed = over = 0
    with patch("limits.storage.memory.time.time", clock.seconds):
        for _ in range(steps):
            clock.us += chance.choice((0, 0, 1, 1_000, SECOND // 7, SECOND, 6 * SECOND, 29 * SECOND))
            who, tier = f"user:{chance.randrange(4)}", chance.choice((Tier.LOGIN, Tier.ORDERS))
            if ours.count(who, tier).allowed:
                passed += 1
                windows = [promised(rate, span) for rate in rates[tier] for span in SPANS_S]
                fits = [
                    theirs.hit(each, who, tier.value, str(each.amount)) for each in windows
                ]  # every window counts it
                over += not all(fits)
    return passed, over


def test_the_library_lets_pass_what_we_do() -> None:
    passed, over = over_admitted(5_000, 1)

    assert passed > 500
    assert over == 0


@pytest.mark.soak
def test_the_library_lets_pass_what_we_do_in_a_hundred_thousand_steps() -> None:
    for seed in (2, 3):
        passed, over = over_admitted(100_000, seed)
        assert passed > 5_000
        assert over == 0


def test_whoever_asks_evenly_is_never_refused_and_whoever_asks_faster_gets_no_more() -> None:
    clock = Clock()
    ours = MemoryLimiter(now=lambda: clock.us)
    for _ in range(5_000):
        clock.us += 60 * SECOND // 1_000
        assert ours.count("user:1", Tier.MARKET).allowed
    passed, begun = 0, clock.us
    while clock.us < begun + 600 * SECOND:
        clock.us += SECOND // 40
        passed += ours.count("user:2", Tier.MARKET).allowed

    assert passed == 1_000 + 10 * 1_000 - 1 or passed == 1_000 + 10 * 1_000
