"""How a server is doing, as its operators see it: `GET /v1/metrics` and `/health`.

Counts are since the start, rates and quantiles of the last minute unless told otherwise; bytes are bytes, times are
milliseconds, shares are 0 to 1.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.wire.text import Millis


class State(StrEnum):
    """How well something is."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """Something is slow, late or replaced by something lesser; requests are answered."""
    CRITICAL = "critical"
    """Orders are not taken."""


class Check(Struct):
    """One thing that was looked at; `text` is a sentence for people."""

    name: str
    state: State
    text: str


class Health(Struct, omit_defaults=True):
    """The worst of all checks; which they are is for operators only."""

    state: State
    checks: tuple[Check, ...] = ()


class System(Struct, kw_only=True):
    """The machine."""

    cpu: float
    """Share of all cores."""
    load_1m: float
    cores: int
    memory_used: int
    memory_total: int
    disk_used: int
    """Of the file system with the data directory."""
    disk_total: int
    network_sent: int
    """Since the machine started."""
    network_received: int


class Process(Struct, kw_only=True):
    """The server's process."""

    cpu: float
    """Share of one core."""
    memory: int
    threads: int
    files: int
    """Open files and sockets."""
    uptime_s: float
    loop_late_p99_ms: float
    loop_late_max_ms: float


class Endpoint(Struct, kw_only=True):
    """One operation; quantiles are of the last minute in which it was asked for."""

    method: str
    path: str
    requests: int
    refused: int
    """Answered with 4xx."""
    errors: int
    """Answered with 5xx."""
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Requests(Struct, kw_only=True):
    """All operations together, and each, the most asked for first."""

    requests: int
    refused: int
    errors: int
    in_flight: int
    slow: int
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    endpoints: tuple[Endpoint, ...]


class Pool(Struct):
    """A pool of database connections."""

    name: str
    size: int
    in_use: int
    idle: int
    overflow: int
    """Open above `size`."""
    answer_ms: float
    """How long the last probe took; negative = the database did not answer."""


class Cache(Struct):
    """What is remembered so as not to be worked out again."""

    name: str
    entries: int
    hits: int
    misses: int


class Sockets(Struct, kw_only=True):
    """WebSockets of `/v1/ws` and the facade."""

    clients: int
    signed_in: int
    opened: int
    refused: int
    sent: int
    conflated: int
    dropped: int


class Journal(Struct, kw_only=True):
    """The exchange's journal, where it is written."""

    records: int
    waiting: int
    batches: int
    batch_p50: float
    """Appends in one transaction."""
    commit_p50_ms: float
    commit_p99_ms: float
    problem: str
    """Why nothing can be written; empty when all is well."""


class Limits(Struct, kw_only=True):
    """The limiter's verdicts by tier, and the blocks."""

    passed: dict[str, int]
    refused: dict[str, int]
    blocked: int
    """Addresses that are blocked now."""
    turned_away: int
    connections: int
    connections_refused: int
    timed_out: int
    """Requests that took too long to arrive."""


class Redis(Struct):
    """The connection to Redis."""

    up: bool
    calls: int
    failures: int
    fell_back: int
    """Requests that were counted without it."""


class Upstream(Struct, kw_only=True):
    """The connection to a public exchange whose market is distributed; counts are since the start."""

    name: str
    state: str
    """`synced`, or how far its data can be trusted."""
    text: str
    age_ms: float | None
    """Since the last frame; null before the first."""
    skew_ms: float | None
    """Its clock minus this machine's; null until it was asked."""
    pairs: int
    frames: int
    gaps: int
    resyncs: int
    reconnects: int
    waiting: int
    """Appends to its journal that are not on the disk yet."""
    problem: str
    """Why nothing can be written; empty when all is well."""


class Metrics(Struct, kw_only=True):
    """Everything at once."""

    at_ms: Millis
    version: str
    role: str
    health: Health
    system: System
    process: Process
    requests: Requests
    pools: tuple[Pool, ...]
    caches: tuple[Cache, ...]
    sockets: Sockets
    limits: Limits
    market_age_s: float
    """Since the market last moved."""
    orders: int
    """Accepted since the start, by this process's exchange."""
    fills: int
    journal: Journal | None = None
    redis: Redis | None = None
    upstreams: tuple[Upstream, ...] = ()
