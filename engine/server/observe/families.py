"""The metrics of Prometheus: what they are called and mean, and where their values come from.

Nothing is counted twice: values are read when somebody asks. Buckets are sums of the finer ones of our histograms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from engine.domain.market import FeedState
from engine.observe.metrics import Histogram, upper
from engine.server.observe.figures import caches_of
from engine.server.observe.health import health_of, rank
from engine.server.observe.monitor import Monitor
from engine.server.observe.upstreams import upstreams_of
from engine.server.redis.limiter import RedisLimiter
from engine.wire.metrics import Upstream

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)

Labels = tuple[str, ...]
Values = Iterable[tuple[Labels, float]]


class Family(NamedTuple):
    """One metric; a counter's samples end in `_total`, a histogram's in `_bucket`, `_count` and `_sum`."""

    name: str
    kind: str
    help: str
    labels: Labels = ()

    @property
    def samples(self) -> tuple[str, ...]:
        """The names under which Prometheus keeps it."""
        if self.kind == "counter":
            return (f"{self.name}_total",)
        if self.kind == "histogram":
            return tuple(f"{self.name}_{end}" for end in ("bucket", "count", "sum"))
        return (self.name,)


def _family(kind: str, name: str, text: str, *labels: str) -> Family:
    return Family(f"crs_{name}", kind, text, labels)


BUILD = _family("gauge", "build_info", "What runs here; always 1.", "version", "role", "shard")
HEALTH = _family("gauge", "health", "0 healthy, 1 degraded, 2 critical.")
CHECKS = _family("gauge", "check", "The same for one check.", "check")
REQUESTS = _family("counter", "requests", "Requests answered.", "method", "path", "status")
SPENT = _family("histogram", "request_seconds", "From the head of a request to its answer.", "method", "path")
IN_FLIGHT = _family("gauge", "requests_in_flight", "Requests being answered.")
SLOW = _family("counter", "slow_requests", "Requests slower than slow_request_ms.")
VERDICTS = _family("counter", "limit_verdicts", "The limiter's verdicts.", "tier", "verdict")
WITHOUT_REDIS = _family("counter", "limits_without_redis", "Requests counted by this process alone, at half the rates.")
BLOCKED = _family("gauge", "blocked_addresses", "Addresses that are blocked now.")
TURNED_AWAY = _family("counter", "turned_away", "Requests of blocked addresses.")
CONNECTIONS = _family("gauge", "connections", "Open connections.")
CONNECTIONS_REFUSED = _family("counter", "connections_refused", "Connections above the caps.")
TIMED_OUT = _family("counter", "requests_timed_out", "Requests whose head or body did not arrive in time.")
SOCKETS = _family("gauge", "sockets", "Open WebSockets.")
SOCKETS_OPENED = _family("counter", "sockets_opened", "WebSockets let in.")
SOCKETS_REFUSED = _family("counter", "sockets_refused", "WebSockets not let in.")
SOCKETS_CLOSED = _family("counter", "sockets_closed", "WebSockets that this server closed.", "code")
MESSAGES = _family("counter", "socket_messages", "Messages to clients: sent, conflated or dropped.", "fate")
EVENTS = _family("counter", "events", "Durable records of the exchange.", "kind")
JOURNAL_OK = _family("gauge", "journal_ok", "1 while the journal can be written.")
JOURNAL_WAITING = _family("gauge", "journal_waiting", "Appends that are not on the disk yet.")
COMMIT = _family("histogram", "journal_commit_seconds", "One transaction of the journal.")
BATCH = _family("histogram", "journal_batch_size", "Appends in one transaction.")
MARKET_AGE = _family("gauge", "market_age_seconds", "Since the market last moved.")
MARKET_SYNCED = _family("gauge", "market_synced", "1 while the market's data is whole and fresh.")
UPSTREAM_SYNCED = _family("gauge", "upstream_synced", "1 while an upstream's data is whole and fresh.", "venue")
UPSTREAM_AGE = _family("gauge", "upstream_age_seconds", "Since the last frame of an upstream.", "venue")
UPSTREAM_SKEW = _family("gauge", "upstream_skew_seconds", "An upstream's clock minus this machine's.", "venue")
UPSTREAM_FRAMES = _family("counter", "upstream_frames", "Frames heard of an upstream.", "venue")
UPSTREAM_FAULTS = _family("counter", "upstream_faults", "Gaps, books resynced, reconnects.", "venue", "kind")
LOOP = _family("histogram", "loop_late_seconds", "How late the event loop wakes.")
POOL = _family("gauge", "database_connections", "Connections of a pool.", "database", "state")
DATABASE_UP = _family("gauge", "database_up", "1 while the database answers.", "database")
DATABASE_SECONDS = _family("gauge", "database_answer_seconds", "How long the last probe took.", "database")
CACHE = _family("gauge", "cache_entries", "What is remembered.", "cache")
LOOKUPS = _family("counter", "cache_lookups", "Looked up in a cache.", "cache", "outcome")
REDIS_UP = _family("gauge", "redis_up", "1 while Redis answers.")
REDIS_CALLS = _family("counter", "redis_calls", "Questions to Redis.", "outcome")
DISK_FREE = _family("gauge", "disk_free_bytes", "What the data directory's file system still takes.")

FAMILIES = tuple(each for each in list(globals().values()) if isinstance(each, Family))


class ServerCollector(Collector):
    """Reads everything off a monitor."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def collect(self) -> Iterator[Metric]:
        """Yield every family, those without values too."""
        told: dict[Family, Values] = {}
        for part in (_state, _requests, _limits, _sockets, _exchange, _stores):
            told.update(part(self._monitor))
        histograms = {COMMIT: (), BATCH: (), LOOP: (), SPENT: (), **_histograms(self._monitor)}
        for family in FAMILIES:
            if family.kind == "histogram":
                yield _histogram(family, histograms[family])
            else:
                yield _simple(family, told.get(family, ()))


def _state(monitor: Monitor) -> dict[Family, Values]:
    settings, health = monitor.services.settings, health_of(monitor)
    return {
        BUILD: [((version("crs-desktop"), settings.role, settings.shard), 1)],
        HEALTH: [((), rank(health.state))],
        CHECKS: [((check.name,), rank(check.state)) for check in health.checks],
        DISK_FREE: [((), monitor.free_bytes)],
    }


def _requests(monitor: Monitor) -> dict[Family, Values]:
    tally = monitor.services.tally
    return {
        REQUESTS: [
            ((each.method, each.path, str(status)), count)
            for each in tally.operations()
            for status, count in each.statuses.items()
        ],
        IN_FLIGHT: [((), tally.in_flight)],
        SLOW: [((), tally.slow)],
    }


def _limits(monitor: Monitor) -> dict[Family, Values]:
    services, tally = monitor.services, monitor.services.tally
    limiter = services.limiter
    return {
        VERDICTS: [
            *(((tier, "passed"), count) for tier, count in tally.passed.items()),
            *(((tier, "refused"), count) for tier, count in tally.refused.items()),
        ],
        WITHOUT_REDIS: [((), limiter.fell_back if isinstance(limiter, RedisLimiter) else 0)],
        BLOCKED: [((), len(services.guard.blocks.active()))],
        TURNED_AWAY: [((), services.guard.blocks.turned_away)],
        CONNECTIONS: [((), services.keeper.open)],
        CONNECTIONS_REFUSED: [((), services.keeper.refused)],
        TIMED_OUT: [((), services.keeper.timed_out)],
    }


def _sockets(monitor: Monitor) -> dict[Family, Values]:
    counts = monitor.services.hub.counters
    fates = (("sent", counts.sent), ("conflated", counts.conflated), ("dropped", counts.dropped))
    return {
        SOCKETS: [((), counts.clients)],
        SOCKETS_OPENED: [((), counts.opened)],
        SOCKETS_REFUSED: [((), counts.refused)],
        SOCKETS_CLOSED: [((str(code),), count) for code, count in counts.closed.items()],
        MESSAGES: [((fate,), count) for fate, count in fates],
    }


def _exchange(monitor: Monitor) -> dict[Family, Values]:
    journal = monitor.journal
    told: dict[Family, Values] = {
        EVENTS: [((kind,), count) for kind, count in monitor.recorded.items()],
    }
    if monitor.has_market:
        told[MARKET_AGE] = [((), monitor.market_age_s)]
        told[MARKET_SYNCED] = [((), monitor.services.core.state is FeedState.SYNCED)]
    told |= _upstreams(upstreams_of(monitor))
    if journal is not None:
        told |= {JOURNAL_OK: [((), journal.failure is None)], JOURNAL_WAITING: [((), journal.waiting)]}
    return told


def _upstreams(upstreams: tuple[Upstream, ...]) -> dict[Family, Values]:
    return {
        UPSTREAM_SYNCED: [((each.name,), each.state == FeedState.SYNCED) for each in upstreams],
        UPSTREAM_AGE: [((each.name,), each.age_ms / 1e3) for each in upstreams if each.age_ms is not None],
        UPSTREAM_SKEW: [((each.name,), each.skew_ms / 1e3) for each in upstreams if each.skew_ms is not None],
        UPSTREAM_FRAMES: [((each.name,), each.frames) for each in upstreams],
        UPSTREAM_FAULTS: [
            ((each.name, kind), count)
            for each in upstreams
            for kind, count in (("gap", each.gaps), ("resync", each.resyncs), ("reconnect", each.reconnects))
        ],
    }


def _stores(monitor: Monitor) -> dict[Family, Values]:
    pools = [probe.pool() for probe in monitor.probes]
    caches, link = caches_of(monitor), monitor.services.redis
    told: dict[Family, Values] = {
        POOL: [
            ((pool.name, state), count)
            for pool in pools
            for state, count in (("in_use", pool.in_use), ("idle", pool.idle), ("overflow", pool.overflow))
        ],
        DATABASE_UP: [((pool.name,), pool.answer_ms >= 0) for pool in pools],
        DATABASE_SECONDS: [((pool.name,), pool.answer_ms / 1000) for pool in pools if pool.answer_ms >= 0],
        CACHE: [((cache.name,), cache.entries) for cache in caches],
        LOOKUPS: [
            ((cache.name, outcome), count)
            for cache in caches
            for outcome, count in (("hit", cache.hits), ("miss", cache.misses))
        ],
    }
    if link is not None:
        told |= {
            REDIS_UP: [((), link.is_up)],
            REDIS_CALLS: [(("answered",), link.calls - link.failures), (("failed",), link.failures)],
        }
    return told


Distribution = tuple[Labels, Histogram, tuple[float, ...], float]
"""Labels, samples, ends of buckets, and what one unit of the samples is in the metric's unit."""


def _histograms(monitor: Monitor) -> dict[Family, list[Distribution]]:
    spent: list[Distribution] = [
        ((each.method, each.path), each.times, SECONDS, 0.001) for each in monitor.services.tally.operations()
    ]
    told: dict[Family, list[Distribution]] = {SPENT: spent, LOOP: [((), monitor.watchdog.stalls, SECONDS, 0.001)]}
    if monitor.journal is not None:
        told[COMMIT] = [((), monitor.journal.commit_ms, SECONDS, 0.001)]
        told[BATCH] = [((), monitor.journal.batch_size, SIZES, 1.0)]
    return told


def _simple(family: Family, values: Values) -> Metric:
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(family.name, family.help, labels=family.labels)
    for labels, value in values:
        metric.add_metric(labels, float(value))
    return metric


def _histogram(family: Family, distributions: Iterable[Distribution]) -> Metric:
    metric = HistogramMetricFamily(family.name, family.help, labels=family.labels)
    for labels, histogram, ends, unit in distributions:
        counts, total = histogram.counts(), histogram.total
        buckets = [
            (f"{end:g}", float(sum(count for bucket, count in counts.items() if upper(bucket) * unit <= end * 1.025)))
            for end in ends
        ]
        metric.add_metric(labels, [*buckets, ("+Inf", float(sum(counts.values())))], total * unit)
    return metric
