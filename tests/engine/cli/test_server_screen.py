"""What `crs server top` shows, without a terminal."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.server_screen import Sort, lines_of
from engine.wire.metrics import (
    Check,
    Endpoint,
    Health,
    Journal,
    Limits,
    Metrics,
    Pool,
    Process,
    Redis,
    Requests,
    Sockets,
    State,
    System,
)


def endpoint(path: str, requests: int, per_s: float, errors: int, p99: float) -> Endpoint:
    return Endpoint(
        method="GET", path=path, requests=requests, refused=0, errors=errors, per_s=per_s, p50_ms=1.0, p95_ms=2.0,
        p99_ms=p99,
    )  # fmt: skip


def figures() -> Metrics:
    """Return a server that is not well."""
    checks = (Check("redis", State.DEGRADED, "Redis does not answer."), Check("disk", State.HEALTHY, "Room."))
    return Metrics(
        at_ms=0, version="1.0", role="all", health=Health(State.DEGRADED, checks),
        system=System(
            cpu=0.5, load_1m=1.0, cores=2, memory_used=10**9, memory_total=8 * 10**9, disk_used=1, disk_total=2,
            network_sent=0, network_received=0,
        ),
        process=Process(
            cpu=1.0, memory=200_000_000, threads=9, files=40, uptime_s=90_061.0, loop_late_p99_ms=1.0,
            loop_late_max_ms=300.0,
        ),
        requests=Requests(
            requests=1_234_567, refused=5, errors=2, in_flight=3, slow=1, per_s=10.5, p50_ms=1, p95_ms=2, p99_ms=3,
            endpoints=(
                endpoint("/a", 30, 1.0, 0, 9.0), endpoint("/b", 20, 3.0, 0, 5.0), endpoint("/c", 10, 2.0, 7, 1.0),
            ),
        ),
        pools=(Pool("exchange", 10, 1, 2, 0, 0.5), Pool("accounts", 10, 0, 0, 0, -1.0)),
        caches=(), sockets=Sockets(clients=1, signed_in=1, opened=1, refused=0, sent=9, conflated=0, dropped=0),
        limits=Limits(
            passed={"market": 90}, refused={"orders": 10}, blocked=1, turned_away=2, connections=3,
            connections_refused=0, timed_out=0,
        ),
        market_age_s=0.2, orders=7, fills=8,
        journal=Journal(
            records=9, waiting=0, batches=3, batch_p50=3.0, commit_p50_ms=2.0, commit_p99_ms=5.0, problem=""
        ),
        redis=Redis(False, 10, 3, 4),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sort", "first"), [(Sort.REQUESTS, "/a"), (Sort.RATE, "/b"), (Sort.SLOWEST, "/a"), (Sort.ERRORS, "/c")]
)
def test_operations_come_in_the_chosen_order(sort: Sort, first: str) -> None:
    lines = lines_of(figures(), sort)
    below = lines[next(index for index, line in enumerate(lines) if line.startswith("method")) + 1 :]

    assert below[0].split()[1] == first
    assert len(below) == 3


def test_what_is_not_well_is_said_and_what_is_well_is_not() -> None:
    text = "\n".join(lines_of(figures()))

    assert "DEGRADED" in text
    assert "! Redis does not answer." in text
    assert "Room." not in text
    assert "accounts: 0 in use, 0 idle, 0 over 10   DOES NOT ANSWER" in text
    assert "redis     DOWN" in text
    assert "up 1 d 01:01" in text
    assert "refused 10 of 100" in text


@given(st.integers(20, 200), st.integers(1, 60), st.text(max_size=40))
def test_nothing_a_server_says_leaves_its_lines_or_steers_the_terminal(width: int, height: int, said: str) -> None:
    told = msgspec.structs.replace(
        figures(), version=said, health=Health(State.CRITICAL, (Check("x", State.CRITICAL, said),))
    )
    lines = lines_of(told, width=width, height=height)

    assert len(lines) <= height
    assert all(len(line) <= max(60, width) and (line.isprintable() or not line) for line in lines)


def test_sorting_goes_round() -> None:
    sort, seen = Sort.REQUESTS, []
    for _ in Sort:
        seen.append(sort)
        sort = sort.after()

    assert (seen, sort) == ([*Sort], Sort.REQUESTS)
