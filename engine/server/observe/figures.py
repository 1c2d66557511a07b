"""Everything that is known of a server process, as `GET /v1/metrics` tells it."""

from __future__ import annotations

import time
from importlib.metadata import version

from engine.observe.tally import Operation
from engine.server.http.address import network_of
from engine.server.observe.health import health_of
from engine.server.observe.monitor import Monitor
from engine.server.observe.upstreams import upstreams_of
from engine.server.redis.limiter import RedisLimiter
from engine.wire.metrics import (
    Cache,
    Endpoint,
    Journal,
    Limits,
    Metrics,
    Process,
    Redis,
    Requests,
    Sockets,
)


def figures_of(monitor: Monitor) -> Metrics:
    """Return all of it; some milliseconds of work on the loop, of which `Histogram`s are most."""
    services = monitor.services
    return Metrics(
        at_ms=services.clock.wall() // 1_000_000,
        version=version("crs-desktop"),
        role=services.settings.role,
        health=health_of(monitor),
        system=monitor.system,
        process=_process(monitor),
        requests=_requests(monitor),
        pools=tuple(probe.pool() for probe in monitor.probes),
        caches=tuple(caches_of(monitor)),
        sockets=_sockets(monitor),
        limits=_limits(monitor),
        market_age_s=round(monitor.market_age_s, 3),
        orders=monitor.orders,
        fills=monitor.fills,
        journal=_journal(monitor),
        redis=_redis(monitor),
        upstreams=upstreams_of(monitor),
    )


def caches_of(monitor: Monitor) -> list[Cache]:
    """Return what is remembered instead of being worked out."""
    addresses = network_of.cache_info()
    kept = monitor.services.identity.gate.kept()
    return [
        *(Cache(name, *told) for name, told in kept.items()),
        Cache("addresses", addresses.currsize, addresses.hits, addresses.misses),
    ]


def _process(monitor: Monitor) -> Process:
    return Process(
        cpu=monitor.process.cpu,
        memory=monitor.process.memory,
        threads=monitor.process.threads,
        files=monitor.process.files,
        uptime_s=round(time.time() - monitor.started, 1),
        loop_late_p99_ms=round(monitor.late_p99_ms, 2),
        loop_late_max_ms=round(monitor.watchdog.stalls.max, 2),
    )


def _requests(monitor: Monitor) -> Requests:
    tally = monitor.services.tally
    operations = tally.operations()
    together = tally.lately(*operations)
    return Requests(
        requests=sum(each.times.count for each in operations),
        refused=sum(each.share(400, 499) for each in operations),
        errors=sum(each.share(500, 599) for each in operations),
        in_flight=tally.in_flight,
        slow=tally.slow,
        per_s=round(together.per_s, 3),
        p50_ms=round(together.p50, 3),
        p95_ms=round(together.p95, 3),
        p99_ms=round(together.p99, 3),
        endpoints=tuple(_endpoint(monitor, each) for each in operations),
    )


def _endpoint(monitor: Monitor, operation: Operation) -> Endpoint:
    lately = monitor.services.tally.lately(operation)
    times = operation.times.summary() if not lately.p50 else lately
    return Endpoint(
        method=operation.method,
        path=operation.path,
        requests=operation.times.count,
        refused=operation.share(400, 499),
        errors=operation.share(500, 599),
        per_s=round(lately.per_s, 3),
        p50_ms=round(times.p50, 3),
        p95_ms=round(times.p95, 3),
        p99_ms=round(times.p99, 3),
    )


def _sockets(monitor: Monitor) -> Sockets:
    counts = monitor.services.hub.counters
    return Sockets(
        clients=counts.clients,
        signed_in=counts.signed_in,
        opened=counts.opened,
        refused=counts.refused,
        sent=counts.sent,
        conflated=counts.conflated,
        dropped=counts.dropped,
    )


def _limits(monitor: Monitor) -> Limits:
    services = monitor.services
    return Limits(
        passed=dict(services.tally.passed),
        refused=dict(services.tally.refused),
        blocked=len(services.guard.blocks.active()),
        turned_away=services.guard.blocks.turned_away,
        connections=services.keeper.open,
        connections_refused=services.keeper.refused,
        timed_out=services.keeper.timed_out,
    )


def _journal(monitor: Monitor) -> Journal | None:
    journal = monitor.journal
    if journal is None:
        return None
    return Journal(
        records=sum(monitor.recorded.values()),
        waiting=journal.waiting,
        batches=journal.commit_ms.count,
        batch_p50=round(journal.batch_size.quantile(0.5), 1),
        commit_p50_ms=round(journal.commit_ms.quantile(0.5), 2),
        commit_p99_ms=round(journal.commit_ms.quantile(0.99), 2),
        problem=str(journal.failure or ""),
    )


def _redis(monitor: Monitor) -> Redis | None:
    link, limiter = monitor.services.redis, monitor.services.limiter
    if link is None:
        return None
    fell_back = limiter.fell_back if isinstance(limiter, RedisLimiter) else 0
    return Redis(link.is_up, link.calls, link.failures, fell_back)
