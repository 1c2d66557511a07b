"""Figures of a server that is busy, and of one that is not well."""

from __future__ import annotations

from engine.wire.metrics import (
    Cache,
    Check,
    Endpoint,
    Health,
    Journal,
    Limits,
    Metrics,
    Pool,
    Process,
    Requests,
    Sockets,
    State,
    System,
)


async def busy() -> Metrics:
    """Answer as a server does that is slow to write."""
    return figures(State.DEGRADED, (Check("journal", State.DEGRADED, "Commits take 140 ms; orders wait for them."),))


def figures(state: State = State.HEALTHY, checks: tuple[Check, ...] = ()) -> Metrics:
    """Return figures with a state of health."""
    return Metrics(
        at_ms=1_764_000_000_000,
        version="0.5.0",
        role="all",
        health=Health(state, (Check("disk", State.HEALTHY, "80 GB are free."), *checks)),
        system=System(
            cpu=0.91, load_1m=1.7, cores=2, memory_used=3_100_000_000, memory_total=8_200_000_000,
            disk_used=21_000_000_000, disk_total=100_000_000_000, network_sent=12_345_678, network_received=2_345_678,
        ),
        process=Process(
            cpu=0.4, memory=240_000_000, threads=14, files=61, uptime_s=7_500.0, loop_late_p99_ms=3.2,
            loop_late_max_ms=40.0,
        ),
        requests=Requests(
            requests=123_456, refused=321, errors=2, in_flight=3, slow=4, per_s=41.5, p50_ms=1.2, p95_ms=8.0,
            p99_ms=140.0, endpoints=(
                Endpoint(
                    method="POST", path="/v1/orders", requests=100_000, refused=300, errors=0, per_s=33.0, p50_ms=2.1,
                    p95_ms=9.5, p99_ms=140.2,
                ),
                Endpoint(
                    method="GET", path="/v1/account", requests=23_456, refused=21, errors=2, per_s=8.5, p50_ms=0.7,
                    p95_ms=1.9, p99_ms=4.0,
                ),
            ),
        ),
        pools=(Pool("accounts", 10, 2, 8, 0, 0.6),),
        caches=(Cache("sessions", 120, 950, 50),),
        sockets=Sockets(
            clients=31, signed_in=12, opened=410, refused=1, sent=1_234_567, conflated=20_000, dropped=0
        ),
        limits=Limits(
            passed={"user": 120_000}, refused={"user": 300, "login": 21}, blocked=1, turned_away=4, connections=44,
            connections_refused=0, timed_out=0,
        ),
        market_age_s=0.2,
        orders=90_210,
        fills=40_123,
        journal=Journal(
            records=1_234_567, waiting=12, batches=90_000, batch_p50=14.0, commit_p50_ms=3.0, commit_p99_ms=140.0,
            problem="",
        ),
    )  # fmt: skip
