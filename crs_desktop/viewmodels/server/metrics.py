"""How a server is doing, for its admins: read every two seconds while somebody looks, shown as figures and rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Row
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.domain.number import Nanos
from engine.errors import CrsError
from engine.wire.metrics import Endpoint, Metrics, State

PERIOD_S = 2.0
"""Between looks."""
OLD_S = 3 * PERIOD_S
"""From when on what is shown says that it is old."""
SLOW_MS = 100.0
"""A p99 from which on a figure is marked."""
BUSY = 0.85
"""A share of the machine from which on it is marked."""

TONES = {State.HEALTHY: "good", State.DEGRADED: "warn", State.CRITICAL: "error"}
STATES = {State.HEALTHY: say("HEALTHY"), State.DEGRADED: say("DEGRADED"), State.CRITICAL: say("CRITICAL")}

COLUMNS = (
    Column("Operation", "path", "left"),
    Column("Per s", "rate"),
    Column("Requests", "requests"),
    Column("Refused", "refused", spare=2),
    Column("Errors", "errors"),
    Column("p50 ms", "p50", spare=1),
    Column("p95 ms", "p95"),
    Column("p99 ms", "p99"),
)


class Figure(NamedTuple):
    """One figure: what it is, how much, how worrying."""

    title: Sentence
    value: str
    tone: str = "text"


class Group(NamedTuple):
    """Figures of one subject."""

    title: Sentence
    figures: tuple[Figure, ...]


class MetricsModel:
    """The newest figures of a server; `fetch` asks for them, `clock` is monotonic."""

    def __init__(self, fetch: Callable[[], Awaitable[Metrics]], name: str, clock: Callable[[], float]) -> None:
        self.name, self._fetch, self._clock = name, fetch, clock
        self.dirty = True
        self.problem: Sentence = NOTHING
        """Why there are no newer figures."""
        self.metrics: Metrics | None = None
        self._read_at: float | None = None

    async def follow(self, is_seen: Callable[[], bool]) -> None:
        """Read again and again while `is_seen`; ends when it is cancelled."""
        while True:
            if is_seen():
                await self.read()
            await asyncio.sleep(PERIOD_S)

    async def read(self) -> None:
        """Read the figures once; a failure is shown, and what was there stays."""
        try:
            self.metrics = await self._fetch()
        except CrsError as error:
            self.problem = verbatim(str(error))
        else:
            self.problem, self._read_at = NOTHING, self._clock()
        self.dirty = True

    def close(self) -> None:
        """Hold nothing that would have to be given back."""

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def state(self) -> tuple[Sentence, str]:
        """The health as a word, and its tone."""
        if self.metrics is None:
            return say("Asking {name}…", name=self.name), "muted"
        state = self.metrics.health.state
        return STATES[state], TONES[state]

    @property
    def age(self) -> Sentence:
        """When the figures were read, if that is not just now."""
        if self._read_at is None or self._clock() - self._read_at < OLD_S:
            return NOTHING
        return say("{age} old", age=fmt.age(int((self._clock() - self._read_at) * 1e9)))

    def reasons(self) -> list[tuple[Sentence, str]]:
        """Return a line for everything that is not well, the worst first."""
        checks = self.metrics.health.checks if self.metrics is not None else ()
        order = list(State)
        wrong = sorted((c for c in checks if c.state is not State.HEALTHY), key=lambda c: -order.index(c.state))
        return [(say("{name}: {text}", name=each.name, text=each.text), TONES[each.state]) for each in wrong]

    def groups(self) -> list[Group]:
        """Return the figures by subject."""
        seen = self.metrics
        if seen is None:
            return []
        return [_machine(seen), _process(seen), _requests(seen), _exchange(seen), _sockets(seen), _storage(seen)]

    def rows(self) -> list[Row]:
        """Return a row per operation, the most asked for first."""
        return [_row(each) for each in self.metrics.requests.endpoints] if self.metrics is not None else []


def _machine(seen: Metrics) -> Group:
    system = seen.system
    memory, disk = _share(system.memory_used, system.memory_total), _share(system.disk_used, system.disk_total)
    return Group(
        say("Machine"),
        (
            Figure(say("CPU"), _percent(system.cpu), _mark(system.cpu)),
            Figure(say("Load"), f"{system.load_1m:.2f} / {system.cores}", _mark(system.load_1m / max(1, system.cores))),
            Figure(say("Memory"), f"{_bytes(system.memory_used)} · {_percent(memory)}", _mark(memory)),
            Figure(say("Disk"), f"{_bytes(system.disk_used)} · {_percent(disk)}", _mark(disk)),
            Figure(say("Sent"), _bytes(system.network_sent)),
            Figure(say("Received"), _bytes(system.network_received)),
        ),
    )


def _process(seen: Metrics) -> Group:
    process = seen.process
    return Group(
        say("Process"),
        (
            Figure(say("CPU"), _percent(process.cpu)),
            Figure(say("Memory"), _bytes(process.memory)),
            Figure(say("Threads"), str(process.threads)),
            Figure(say("Files"), str(process.files)),
            Figure(say("Loop late p99"), _ms(process.loop_late_p99_ms), _slow(process.loop_late_p99_ms)),
            Figure(say("Up for"), fmt.age(int(process.uptime_s * 1e9))),
        ),
    )


def _requests(seen: Metrics) -> Group:
    asked = seen.requests
    return Group(
        say("Requests"),
        (
            Figure(say("Per second"), f"{asked.per_s:.1f}"),
            Figure(say("Under way"), str(asked.in_flight)),
            Figure(say("p50"), _ms(asked.p50_ms)),
            Figure(say("p99"), _ms(asked.p99_ms), _slow(asked.p99_ms)),
            Figure(say("Slow"), f"{asked.slow:,}", "warn" if asked.slow else "text"),
            Figure(say("Errors"), f"{asked.errors:,}", "error" if asked.errors else "text"),
        ),
    )


def _exchange(seen: Metrics) -> Group:
    journal = seen.journal
    figures = [
        Figure(say("Orders"), f"{seen.orders:,}"),
        Figure(say("Fills"), f"{seen.fills:,}"),
        Figure(say("Market moved"), fmt.age(int(seen.market_age_s * 1e9))),
    ]
    if journal is not None:
        figures += [
            Figure(say("Records"), f"{journal.records:,}"),
            Figure(say("Waiting"), f"{journal.waiting:,}", "warn" if journal.waiting > 1_000 else "text"),
            Figure(say("Commit p99"), _ms(journal.commit_p99_ms), _slow(journal.commit_p99_ms)),
        ]
    return Group(say("Exchange"), tuple(figures))


def _sockets(seen: Metrics) -> Group:
    sockets, limits = seen.sockets, seen.limits
    return Group(
        say("Streams and limits"),
        (
            Figure(say("Clients"), f"{sockets.clients:,}"),
            Figure(say("Signed in"), f"{sockets.signed_in:,}"),
            Figure(say("Sent"), f"{sockets.sent:,}"),
            Figure(say("Too slow"), f"{sockets.dropped:,}", "warn" if sockets.dropped else "text"),
            Figure(say("Over a limit"), f"{sum(limits.refused.values()):,}"),
            Figure(say("Blocked"), f"{limits.blocked:,}", "warn" if limits.blocked else "text"),
        ),
    )


def _storage(seen: Metrics) -> Group:
    figures = [
        Figure(
            verbatim(pool.name),
            f"{pool.in_use} / {pool.size} · {fmt.DASH if pool.answer_ms < 0 else _ms(pool.answer_ms)}",
            "error" if pool.answer_ms < 0 else "warn" if pool.overflow else "text",
        )
        for pool in seen.pools
    ]
    shares = ((each.name, _share(each.hits, each.hits + each.misses)) for each in seen.caches)
    figures += [Figure(verbatim(name), _percent(share)) for name, share in shares]
    if seen.redis is not None:
        figures.append(Figure(say("Redis"), "up" if seen.redis.up else "down", "good" if seen.redis.up else "error"))
    return Group(say("Databases and caches"), tuple(figures))


def _row(each: Endpoint) -> Row:
    return Row(
        f"{each.method} {each.path}",
        (
            Cell(f"{each.method} {each.path}"),
            Cell(f"{each.per_s:.1f}"),
            Cell(f"{each.requests:,}", "text", str(each.requests)),
            Cell(f"{each.refused:,}", "muted", str(each.refused)),
            Cell(f"{each.errors:,}", "error" if each.errors else "muted", str(each.errors)),
            Cell(f"{each.p50_ms:.1f}", "muted"),
            Cell(f"{each.p95_ms:.1f}"),
            Cell(f"{each.p99_ms:.1f}", "warn" if each.p99_ms >= SLOW_MS else "text"),
        ),
    )


def read_at(metrics: Metrics) -> str:
    """Return the server's time of the figures."""
    return fmt.clock(Nanos(metrics.at_ms * 1_000_000))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _percent(share: float) -> str:
    return f"{share * 100:.0f}%"


def _ms(value: float) -> str:
    return f"{value:.1f} ms"


def _mark(share: float) -> str:
    return "warn" if share >= BUSY else "text"


def _slow(ms: float) -> str:
    return "warn" if ms >= SLOW_MS else "text"


_UNITS: Sequence[str] = ("B", "KB", "MB", "GB", "TB")


def _bytes(count: int) -> str:
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit < 2 or value >= 100 else f"{value:.1f} {_UNITS[unit]}"
