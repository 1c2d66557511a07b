"""A server in one process beside the same server in parts: `python -m tests.perf.roles [ORDERS]`.

Both use PostgreSQL (durable) and Redis of their own. Orders go over 32 connections: to the one process, and half each
to two gateways with one exchange behind them. Rounds in turns, medians. CPU time is that of all processes together.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil

from engine.cli.bench.load import Answered, post
from engine.cli.bench.orders import EMAIL, PASSWORD, SETTINGS, TAKEN, _far_price, _requests, _sign_in
from tests.engine.server.harness import Program, program
from tests.services import Postgres, postgres_instance, redis_instance

ROUNDS = 5
CONNECTIONS = 32


class Setup:
    """One of the two sides."""

    def __init__(self, name: str, doors: list[Program], all_processes: list[Program]) -> None:
        self.name, self.doors, self.all = name, doors, all_processes
        self.headers = {"Authorization": f"Bearer {_sign_in(doors[0].port)}"}
        self.price = _far_price(doors[0].port)

    def cpu(self) -> float:
        """Return the CPU seconds of all its processes."""
        times = [psutil.Process(each.process.pid).cpu_times() for each in self.all]
        return float(sum(each.user + each.system for each in times))

    def play(self, number: int, count: int) -> tuple[float, float, float]:
        """Send orders; return orders per second, CPU microseconds per order, and the median latency in ms."""
        share = count // len(self.doors)
        lots = [_requests(f"{number}-{place}", share, self.price, self.headers) for place in range(len(self.doors))]
        before = self.cpu()
        heard, wall_s = asyncio.run(self._send(lots))
        cpu = self.cpu() - before
        statuses = [each.statuses for each in heard]
        assert statuses == [{TAKEN: share}] * len(self.doors), statuses
        latencies = [ms for each in heard for ms in each.latencies_ms]
        return share * len(lots) / wall_s, cpu / (share * len(lots)) * 1e6, statistics.median(latencies)

    async def _send(self, lots: list[list[bytes]]) -> tuple[list[Answered], float]:
        begun = time.perf_counter()
        each = CONNECTIONS // len(lots)
        heard = await asyncio.gather(*(post(door.port, lot, each) for door, lot in zip(self.doors, lots, strict=True)))
        return list(heard), time.perf_counter() - begun


def opened(stack: ExitStack, postgres: Postgres, redis: str, name: str, roles: tuple[str, ...]) -> Setup:
    """Start a server of these roles over a database of its own."""
    data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"crs-{name}-"))) / "data"
    data.mkdir()
    (data / "server.toml").write_text(SETTINGS, encoding="utf-8")
    database = stack.enter_context(postgres.database())
    where = ["--data-dir", str(data), "--database", database]
    crs = [sys.executable, "-m", "engine.cli", "server"]
    added = [*crs, "user", "add", *where, "--email", EMAIL, "--password-stdin"]
    subprocess.run(added, input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
    parts = []
    for place, role in enumerate(roles):
        parts.append(stack.enter_context(program(data, "--database", database, "--redis", redis, "--role", role)))
        if place == 0:
            money = [*crs, "fund", *where, "--email", EMAIL, "--asset", "USDT", "--amount", "1000000000"]
            subprocess.run(money, check=True, stdout=subprocess.DEVNULL)
    return Setup(name, [each for each, role in zip(parts, roles, strict=True) if role != "core"], parts)


def main(count: int) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_instance(durable=True))
        redis = [stack.enter_context(redis_instance()) for _ in range(2)]
        sides = [
            opened(stack, postgres, redis[0].url, "one", ("all",)),
            opened(stack, postgres, redis[1].url, "parts", ("core", "api", "api")),
        ]
        found: dict[str, list[tuple[float, float, float]]] = {each.name: [] for each in sides}
        for number in range(ROUNDS + 1):
            for side in sides:
                measured = side.play(number, count)
                if number:  # the first round warms up
                    found[side.name].append(measured)
    for name, rounds in found.items():
        rates, cpus, latencies = zip(*rounds, strict=True)
        row = {
            "side": name, "orders_per_s": round(statistics.median(rates)), "cpu_us": round(statistics.median(cpus)),
            "p50_ms": round(statistics.median(latencies), 1),
        }  # fmt: skip
        print(json.dumps(row))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
