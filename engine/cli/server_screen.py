"""A server's figures as lines of text; pure, so that what a terminal shows can be tested."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

from engine.wire.metrics import Endpoint, Metrics, State

COLUMNS = "{:<7}{:<38}{:>10}{:>9}{:>9}{:>8}{:>9}{:>9}{:>9}"
TITLES = ("method", "path", "requests", "per s", "refused", "errors", "p50 ms", "p95 ms", "p99 ms")
NARROW = 60


class Sort(StrEnum):
    """What the operations are sorted by."""

    REQUESTS = "requests"
    RATE = "rate"
    SLOWEST = "p99"
    ERRORS = "errors"

    def after(self) -> Sort:
        """Return the next one."""
        every = tuple(Sort)
        return every[(every.index(self) + 1) % len(every)]


_KEYS: dict[Sort, Callable[[Endpoint], Any]] = {
    Sort.REQUESTS: lambda each: each.requests,
    Sort.RATE: lambda each: each.per_s,
    Sort.SLOWEST: lambda each: each.p99_ms,
    Sort.ERRORS: lambda each: (each.errors, each.refused),
}


def lines_of(told: Metrics, sort: Sort = Sort.REQUESTS, *, width: int = 110, height: int | None = None) -> list[str]:
    """Return what a terminal shows, at most `height` lines of at most `width` characters."""
    lines = [*_state(told), *_machine(told), *_work(told), *_stores(told), "", COLUMNS.format(*TITLES)]
    lines += [_operation(each) for each in sorted(told.requests.endpoints, key=_KEYS[sort], reverse=True)]
    kept = lines if height is None else lines[: max(1, height)]
    return [printable(line)[: max(NARROW, width)].rstrip() for line in kept]


def _state(told: Metrics) -> Iterator[str]:
    state = told.health.state.upper()
    yield f"CRS server {told.version} ({told.role})   {state}   up {_span(told.process.uptime_s)}"
    yield from (f"  ! {check.text}" for check in told.health.checks if check.state is not State.HEALTHY)


def _machine(told: Metrics) -> Iterator[str]:
    system, process = told.system, told.process
    yield (
        f"machine   cpu {system.cpu:.0%} of {system.cores} cores   load {system.load_1m:.2f}"
        f"   memory {_size(system.memory_used)} of {_size(system.memory_total)}"
        f"   disk {_size(system.disk_used)} of {_size(system.disk_total)}"
    )
    yield (
        f"process   cpu {process.cpu:.0%}   memory {_size(process.memory)}   threads {process.threads}"
        f"   files {process.files}"
        f"   loop late p99 {process.loop_late_p99_ms:.1f}, most {process.loop_late_max_ms:.0f} ms"
    )


def _work(told: Metrics) -> Iterator[str]:
    requests, limits, sockets = told.requests, told.limits, told.sockets
    refused = sum(limits.refused.values())
    yield (
        f"requests  {requests.per_s:,.1f}/s   in flight {requests.in_flight}   refused {requests.refused:,}"
        f"   errors {requests.errors:,}   slow {requests.slow:,}"
        f"   p50 {requests.p50_ms:.1f}  p95 {requests.p95_ms:.1f}  p99 {requests.p99_ms:.1f} ms"
    )
    yield (
        f"market    moved {told.market_age_s:.1f} s ago   orders {told.orders:,}   fills {told.fills:,}"
        f"   sockets {sockets.clients:,}, signed in {sockets.signed_in:,}   dropped {sockets.dropped:,}"
    )
    yield (
        f"limits    refused {refused:,} of {refused + sum(limits.passed.values()):,}   blocked {limits.blocked}"
        f"   turned away {limits.turned_away:,}   connections {limits.connections:,}   too slow {limits.timed_out:,}"
    )


def _stores(told: Metrics) -> Iterator[str]:
    if (journal := told.journal) is not None:
        yield (
            f"journal   records {journal.records:,}   waiting {journal.waiting:,}   batch {journal.batch_p50:.0f}"
            f"   commit p50 {journal.commit_p50_ms:.1f}  p99 {journal.commit_p99_ms:.1f} ms"
        )
    for each in told.upstreams:
        heard = "never heard" if each.age_ms is None else f"heard {each.age_ms / 1e3:.1f} s ago"
        yield (
            f"upstream  {each.name}: {each.state}   {heard}   pairs {each.pairs}   frames {each.frames:,}"
            f"   gaps {each.gaps:,}   resyncs {each.resyncs:,}   reconnects {each.reconnects:,}"
        )
    for pool in told.pools:
        answers = f"answers in {pool.answer_ms:.1f} ms" if pool.answer_ms >= 0 else "DOES NOT ANSWER"
        lent = f"{pool.in_use} in use, {pool.idle} idle, {pool.overflow} over {pool.size}"
        yield f"database  {pool.name}: {lent}   {answers}"
    if (redis := told.redis) is not None:
        state = "up" if redis.up else "DOWN"
        yield f"redis     {state}   calls {redis.calls:,}   failed {redis.failures:,}   without it {redis.fell_back:,}"


def _operation(each: Endpoint) -> str:
    return COLUMNS.format(
        each.method[:6], each.path[:37], f"{each.requests:,}", f"{each.per_s:.2f}", f"{each.refused:,}",
        f"{each.errors:,}", f"{each.p50_ms:.1f}", f"{each.p95_ms:.1f}", f"{each.p99_ms:.1f}",
    )  # fmt: skip


def printable(text: str) -> str:
    """Return a line that cannot steer a terminal, whatever the server said."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _span(seconds: float) -> str:
    minutes, _ = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours:02}:{minutes:02}" if days else f"{hours:02}:{minutes:02}"


def _size(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit in ("B", "KB") else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
