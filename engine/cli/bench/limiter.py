"""What it costs to count a request in memory: a tier with two rates, of many users, when it passes and when not."""

from __future__ import annotations

import time

from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError
from engine.server.limits.memory import MemoryLimiter
from engine.server.limits.scale import Scale
from engine.server.limits.tier import Tier

USERS = 1_000
MOST_US = 2.0


def limiter(plan: Plan) -> Report:
    """Return the CPU time of a check."""
    _prove()
    rounds = [(_passing(plan.events), _refusing(plan.events)) for _ in range(plan.rounds)]
    bars = [
        Bar("a check that passes", Spread.of(each * 1e6 for each, _ in rounds), MOST_US, at_least=False, unit="us"),
        Bar("a check that refuses", Spread.of(each * 1e6 for _, each in rounds), MOST_US, at_least=False, unit="us"),
    ]
    return Report("limiter", {"checks": plan.events, "users": USERS, "rounds": plan.rounds}, bars, [])


def _prove() -> None:
    """Raise unless exactly the allowance passes at once."""
    clock = 1
    limiter = MemoryLimiter(now=lambda: clock)
    passed = sum(limiter.count("user:1", Tier.ORDERS).allowed for _ in range(250))
    if passed != Tier.ORDERS.rates[0].requests:
        raise WrongAnswerError(f"{passed} orders passed at once instead of {Tier.ORDERS.rates[0].requests}.")


def _passing(checks: int) -> float:
    return _seconds(MemoryLimiter(Scale({"orders": 1e5})), checks)


def _refusing(checks: int) -> float:
    limiter = MemoryLimiter(Scale({"orders": 0.001}))
    _seconds(limiter, USERS)  # uses up the one that each has
    return _seconds(limiter, checks)


def _seconds(limiter: MemoryLimiter, checks: int) -> float:
    """Return the CPU seconds of one check."""
    names = [f"user:{number % USERS}" for number in range(checks)]
    count, orders = limiter.count, Tier.ORDERS
    begun = time.process_time()
    for name in names:
        count(name, orders)
    return (time.process_time() - begun) / checks
