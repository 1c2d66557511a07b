"""Whether the server is well: each check is a sentence, the worst of them is the state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.domain.market import FeedState
from engine.server.observe.upstreams import upstreams_of
from engine.wire.metrics import Check, Health, State, Upstream

if TYPE_CHECKING:
    from engine.server.observe.monitor import Monitor

MANY_WAITING = 5_000
"""Appends that wait for the disk."""
STILL_S, DEAD_S = 10.0, 60.0
"""Without a move of the market."""
SLOW_ANSWER_MS = 1_000.0
LATE_MS = 200.0
LITTLE_DISK, NO_DISK = 1_000_000_000, 100_000_000

_WORSE = {State.HEALTHY: 0, State.DEGRADED: 1, State.CRITICAL: 2}


def health_of(monitor: Monitor) -> Health:
    """Return the state with every check."""
    checks = tuple(_checks(monitor))
    return Health(max((check.state for check in checks), key=_WORSE.__getitem__), checks)


def rank(state: State) -> int:
    """Return 0 for healthy, 1 for degraded, 2 for critical."""
    return _WORSE[state]


def _checks(monitor: Monitor) -> Iterator[Check]:
    if monitor.journal is not None:
        yield _journal(monitor.journal.failure, monitor.journal.waiting)
    if monitor.has_market:
        yield _market(monitor.services.core.state, monitor.market_age_s)
    for upstream in upstreams_of(monitor):
        yield _upstream(upstream)
    for probe in monitor.probes:
        yield _database(probe.name, probe.answer_ms, probe.problem, alone=monitor.journal is None)
    if (link := monitor.services.redis) is not None:
        if link.is_up:
            yield Check("redis", State.HEALTHY, "Redis answers.")
        else:
            yield Check("redis", State.DEGRADED, "Redis does not answer: limits count by process, at half the rates.")
    yield _loop(monitor.late_p99_ms)
    yield _disk(monitor.free_bytes)


def _journal(failure: Exception | None, waiting: int) -> Check:
    if failure is not None:
        return Check("journal", State.CRITICAL, f"Orders are not taken. {failure}")
    if waiting > MANY_WAITING:
        return Check("journal", State.DEGRADED, f"{waiting:,} records wait for the disk.")
    return Check("journal", State.HEALTHY, "The journal is written.")


def _market(state: FeedState, age_s: float) -> Check:
    if age_s > DEAD_S:
        return Check("market", State.CRITICAL, f"The market has not moved for {age_s:.0f} s.")
    if state is not FeedState.SYNCED:
        return Check("market", State.DEGRADED, f"The market's data is {state.value}.")
    if age_s > STILL_S:
        return Check("market", State.DEGRADED, f"The market has not moved for {age_s:.0f} s.")
    return Check("market", State.HEALTHY, "The market moves.")


def _upstream(told: Upstream) -> Check:
    label = f"upstream {told.name}"
    if told.problem:
        return Check(label, State.CRITICAL, f"Orders on {told.name} are not taken. {told.problem}")
    if told.state != FeedState.SYNCED:
        return Check(label, State.DEGRADED, f"The data of {told.name} is {told.state}. {told.text}".strip())
    return Check(label, State.HEALTHY, f"The data of {told.name} is whole.")


def _database(name: str, answer_ms: float, problem: str, *, alone: bool) -> Check:
    label = f"database {name}"
    if problem:
        worst = State.CRITICAL if alone else State.DEGRADED
        return Check(label, worst, f"The database of the {name} does not answer ({problem}).")
    if answer_ms > SLOW_ANSWER_MS:
        return Check(label, State.DEGRADED, f"The database of the {name} took {answer_ms:,.0f} ms to answer.")
    return Check(label, State.HEALTHY, f"The database of the {name} answers.")


def _loop(late_p99_ms: float) -> Check:
    if late_p99_ms > LATE_MS:
        return Check("loop", State.DEGRADED, f"The event loop is up to {late_p99_ms:,.0f} ms late.")
    return Check("loop", State.HEALTHY, "The event loop keeps its pace.")


def _disk(free: int) -> Check:
    if free < NO_DISK:
        return Check("disk", State.CRITICAL, f"The disk has {free / 1e6:,.0f} MB left.")
    if free < LITTLE_DISK:
        return Check("disk", State.DEGRADED, f"The disk has {free / 1e6:,.0f} MB left.")
    return Check("disk", State.HEALTHY, "The disk has room.")
