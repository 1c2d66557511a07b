"""Orders over HTTP: a whole server (sign-in, limits, exchange, durable journal) beside a bare handler of the same body.

Both run in processes of their own; what counts is their CPU time per request, taken from the system, rounds in turns.
The server's market trades meanwhile; what that costs is measured with nobody asking, and told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from engine.cli.bench.load import Answered, post, request
from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError
from engine.errors import CrsError

CONNECTIONS = 32
EMAIL, PASSWORD = "bench@example.org", "nine correct horses battery"
WAIT_S = 30.0
SETTINGS = 'limits = "on"\n[limit_times]\norders = 1000000\nmarket = 1000000\nlogin = 1000\n'
IDLE_S = 3.0

TAKEN = 200


class Side(NamedTuple):
    """A server under load."""

    port: int
    process: Any
    """psutil's view of it."""


def orders(plan: Plan) -> Report:
    """Return the CPU time of an order in multiples of a bare handler's, and how many are durable in a second."""
    with tempfile.TemporaryDirectory(prefix="crs-bench-") as directory, contextlib.ExitStack() as stack:
        data = Path(directory) / "server"
        key = _prepare(data)
        bare = stack.enter_context(_started("engine.cli.bench.bare"))
        ours = stack.enter_context(_started("engine.cli", "server", "run", "--data-dir", str(data), "--port"))
        _fund(data)
        price = _far_price(ours.port)
        idle = _idle(ours)
        costs: list[tuple[float, float]] = []
        heard: list[Answered] = []
        for number in range(plan.rounds + 1):
            theirs = _round(bare, _requests(f"b{number}", plan.events, price, {}))[0]
            spent, answered = _round(ours, _requests(f"o{number}", plan.events, price, key(ours.port)))
            if number:  # the first one warms both up
                costs.append((theirs, spent))
                heard.append(answered)
        _check(ours.port, key(ours.port), plan.events * (plan.rounds + 1))
    return _report(plan, costs, heard, idle)


def _report(plan: Plan, costs: list[tuple[float, float]], heard: list[Answered], idle: float) -> Report:
    rates = Spread.of(plan.events / each.wall_s for each in heard)
    own = [idle * each.wall_s / plan.events * 1e6 for each in heard]
    net = [(spent - market, theirs) for (theirs, spent), market in zip(costs, own, strict=True)]
    latencies = sorted(each for answered in heard for each in answered.latencies_ms)
    bars = [
        Bar("CPU of an order", Spread.of(spent / theirs for theirs, spent in costs), 6, at_least=False, unit="x bare"),
        Bar("…without the market's own", Spread.of(spent / theirs for spent, theirs in net), unit="x bare"),
        Bar("CPU of an order", Spread.of(spent for _, spent in costs), unit="us"),
        Bar("CPU of a bare handler", Spread.of(theirs for theirs, _ in costs), unit="us"),
        Bar("durable orders", rates, 1_000, unit="per s"),
        Bar("answered, p50", Spread.of([latencies[len(latencies) // 2]]), unit="ms"),
        Bar("answered, p99", Spread.of([latencies[len(latencies) * 99 // 100]]), unit="ms"),
    ]
    facts: dict[str, int | str] = {"orders": plan.events, "rounds": plan.rounds, "connections": CONNECTIONS}
    notes = [f"The market itself takes {idle * 100:.1f} % of a core with nobody asking."]
    return Report("orders", facts, bars, notes)


def _prepare(data: Path) -> Any:  # noqa: ANN401 - a callable that gives headers
    """Make a server's data directory with one user; return what gives a request's headers."""
    data.mkdir(parents=True)
    (data / "server.toml").write_text(SETTINGS, encoding="utf-8")
    _crs("server", "user", "add", "--data-dir", str(data), "--email", EMAIL, "--password-stdin", told=PASSWORD + "\n")
    known: dict[int, dict[str, str]] = {}

    def headers(port: int) -> dict[str, str]:
        if port not in known:
            known[port] = {"Authorization": f"Bearer {_sign_in(port)}"}
        return known[port]

    return headers


def _sign_in(port: int) -> str:
    import base64

    import httpx
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    device = {"name": "bench", "public_key": base64.urlsafe_b64encode(public).rstrip(b"=").decode()}
    told = {"email": EMAIL, "password": PASSWORD, "device": device}
    answer = httpx.post(f"http://127.0.0.1:{port}/v1/auth/login", json=told, timeout=WAIT_S)
    if answer.is_error:
        raise CrsError(f"The server did not let the measurement in: {answer.text}")
    return str(answer.json()["access_token"])


def _fund(data: Path) -> None:
    asked = ("--data-dir", str(data), "--email", EMAIL, "--asset", "USDT", "--amount", "1000000000")
    _crs("server", "fund", *asked)


def _far_price(port: int) -> str:
    """Return a price at which a buy rests and stays: 40 % below the market."""
    import httpx

    last = httpx.get(f"http://127.0.0.1:{port}/v1/markets/BTC-USDT/ticker", timeout=WAIT_S).json()["last"]
    return f"{Decimal(last) * Decimal('0.6'):.2f}"


def _requests(prefix: str, count: int, price: str, headers: dict[str, str]) -> list[bytes]:
    body = {"symbol": "BTC/USDT", "side": "buy", "type": "limit", "qty": "0.001", "price": price}
    return [
        request("/v1/orders", json.dumps(body | {"order_id": f"{prefix}-{number}"}).encode(), headers)
        for number in range(count)
    ]


def _round(side: Side, requests: list[bytes]) -> tuple[float, Answered]:
    """Return CPU microseconds per request of the server, and what it answered."""
    before = side.process.cpu_times()
    answered = asyncio.run(post(side.port, requests, CONNECTIONS))
    after = side.process.cpu_times()
    if answered.statuses != {TAKEN: len(requests)}:
        raise WrongAnswerError(f"Not every order was taken: {answered.statuses}.")
    spent = (after.user - before.user) + (after.system - before.system)
    return spent / len(requests) * 1e6, answered


def _idle(side: Side) -> float:
    """Return what share of a core the server takes with nobody asking."""
    before = side.process.cpu_times()
    time.sleep(IDLE_S)
    after = side.process.cpu_times()
    return float((after.user - before.user) + (after.system - before.system)) / IDLE_S


def _check(port: int, headers: dict[str, str], count: int) -> None:
    """Prove that every acknowledged order is there, once."""
    import httpx

    found: set[str] = set()
    cursor = ""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=WAIT_S) as http:
        while True:
            page = http.get(f"/v1/orders?status=open&limit=500{cursor}").json()
            found |= {each["order_id"] for each in page["orders"]}
            if not page.get("next"):
                break
            cursor = f"&cursor={page['next']}"
    if len(found) != count:
        raise WrongAnswerError(f"{count:,} orders were acknowledged, {len(found):,} are there.")


@contextlib.contextmanager
def _started(module: str, *arguments: str) -> Iterator[Side]:
    import psutil

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", module, *arguments, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port, process)
        yield Side(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise CrsError("A server of the measurement did not start.")


def _crs(*arguments: str, told: str = "") -> None:
    command = [sys.executable, "-m", "engine.cli", *arguments]
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False)  # noqa: S603 - likewise
    if done.returncode:
        raise CrsError(f"crs {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
