"""The generic cell rate algorithm: one instant per rate says how much of an allowance is used up.

A rate of n per period lets n pass at once and then gives one back every period / n: within any span s no more than
n + n · s / period pass. The state is the theoretical arrival time, the instant at which the whole allowance is back;
in the past it is as good as none. Instants and spans are whole microseconds, so that Python and Redis agree to the
last one. Nothing here reads a clock.

Source: ITU-T I.371, annex A (the virtual scheduling form).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from engine.server.limits.tier import Rate, Verdict

SECOND = 1_000_000
"""In microseconds."""

TWO = 2

_VERDICT = partial(tuple.__new__, Verdict)
"""Makes one of its five values, at a third of what its constructor costs."""


Counter = Callable[[Sequence[int], int, int], tuple[Sequence[int], Verdict]]
"""Takes arrival times, an instant and a cost, and returns what `count` does."""


class Step(NamedTuple):
    """A rate as the algorithm needs it."""

    limit: int
    """How much passes at once."""
    interval: int
    """Until one is given back."""
    span: int
    """Until all are: limit · interval."""


def step_of(rate: Rate, factor: float = 1.0) -> Step:
    """Return the step of a rate multiplied by a factor; at least one passes."""
    limit = max(1, int(rate.requests * factor + 1e-9))
    interval = -(-rate.period_s * SECOND // limit)
    return Step(limit, interval, limit * interval)


def count(tats: Sequence[int], steps: Sequence[Step], now: int, cost: int) -> tuple[Sequence[int], Verdict]:
    """Return the arrival times after a request, and what is said to whoever asked.

    `tats` has one arrival time per step. All rates must let the request pass; a refused one uses nothing up. Of
    several rates that speaks which has the least left, and after a refusal that with the longest wait.
    """
    after: list[int] = []
    least, limit_of_least, used_of_least = -1, 0, 0
    for tat, (limit, interval, span) in zip(tats, steps):  # noqa: B905 - of one length; `strict` costs a tenth
        used = (tat - now if tat > now else 0) + cost * interval
        if used > span:
            return tats, _refused(tats, steps, now, cost)
        after.append(now + used)
        left = (span - used) // interval
        if left < least or least < 0:
            least, limit_of_least, used_of_least = left, limit, used
    return after, _VERDICT((True, limit_of_least, least, used_of_least / SECOND, 0.0))


def counter_of(steps: Sequence[Step]) -> Counter:
    """Return what counts against these steps as `count` does; for two, as orders have, in half of the time."""
    if len(steps) != TWO:
        return lambda tats, now, cost: count(tats, steps, now, cost)
    (limit, interval, span), (limit_2, interval_2, span_2) = steps

    def count_two(tats: Sequence[int], now: int, cost: int) -> tuple[Sequence[int], Verdict]:
        first, second = tats
        used, used_2 = cost * interval, cost * interval_2
        if first > now:
            used += first - now
        if second > now:
            used_2 += second - now
        over, over_2 = used - span, used_2 - span_2
        if over <= 0 and over_2 <= 0:
            after = (now + used, now + used_2)
            left, left_2 = -over // interval, -over_2 // interval_2
            if left_2 < left:
                return after, _VERDICT((True, limit_2, left_2, used_2 / SECOND, 0.0))
            return after, _VERDICT((True, limit, left, used / SECOND, 0.0))
        if cost > limit or cost > limit_2:
            return tats, _refused(tats, steps, now, cost)
        if over_2 > over:
            held = used_2 - cost * interval_2
            return tats, _VERDICT((False, limit_2, (span_2 - held) // interval_2, held / SECOND, over_2 / SECOND))
        held = used - cost * interval
        return tats, _VERDICT((False, limit, (span - held) // interval, held / SECOND, over / SECOND))

    return count_two


def _refused(tats: Sequence[int], steps: Sequence[Step], now: int, cost: int) -> Verdict:
    """Return the verdict of the rate with the longest wait; a cost above a limit waits for all to be back."""
    longest, limit_of_it, left, used_of_it = -1, 0, 0, 0
    for tat, (limit, interval, span) in zip(tats, steps):  # noqa: B905 - as above
        used = tat - now if tat > now else 0
        wait = used + cost * interval - span if cost <= limit else used or interval
        if wait > longest:
            longest, limit_of_it, left, used_of_it = wait, limit, (span - used) // interval, used
    wait_s = longest / SECOND if longest > 0 else 0.0
    return _VERDICT((False, limit_of_it, left, used_of_it / SECOND, wait_s))
