"""A server in parts: one exchange, two gateways for REST and one for streams, over PostgreSQL and Redis."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from urllib.parse import urlencode

import httpx
import pytest
from websockets.sync.client import connect

from tests.engine.server.harness import Program, free_port, program
from tests.services import Postgres, Redis

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

EMAIL = "trader@example.org"


class Parts:
    """The processes, and a key of a trader with money."""

    def __init__(self, processes: dict[str, Program], key: str, secret: str) -> None:
        self.processes, self.key, self.secret = processes, key, secret

    def signed(self, gateway: str, method: str, path: str, **values: str) -> httpx.Response:
        """Ask a gateway as a Binance client does."""
        query = urlencode(values | {"timestamp": str(time.time_ns() // 1_000_000)})
        signature = hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        url = f"{self.processes[gateway].url}/api/v3/{path}?{query}&signature={signature}"
        return httpx.request(method, url, headers={"X-MBX-APIKEY": self.key}, timeout=15.0)

    def price(self, gateway: str) -> float:
        """Return the last price of BTC."""
        answer = httpx.get(f"{self.processes[gateway].url}/api/v3/ticker/price?symbol=BTCUSDT", timeout=15.0)
        return float(answer.json()["price"])


def crs(*arguments: str, told: str = "") -> str:
    command = [sys.executable, "-m", "engine.cli", "server", *arguments]
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, redis: Redis) -> Iterator[Parts]:
    data = tmp_path_factory.mktemp("roles") / "data"
    with postgres.database() as database, ExitStack() as stack:
        where = ("--data-dir", str(data), "--database", database)
        crs("user", "add", *where, "--email", EMAIL, "--password-stdin", told="nine correct horses battery\n")
        made = json.loads(crs("key", "add", *where, "--email", EMAIL, "--json"))
        stores = ("--database", database, "--redis", redis.url)
        processes = {"core": stack.enter_context(program(data, *stores, "--role", "core"))}
        crs("fund", *where, "--email", EMAIL, "--asset", "USDT", "--amount", "100000")
        for name, role in (("a", "api"), ("b", "api"), ("ws", "ws")):
            processes[name] = stack.enter_context(program(data, *stores, "--role", role, port=free_port()))
        yield Parts(processes, made["api_key"], made["secret"])


def test_an_order_sent_through_one_gateway_is_seen_through_the_other(parts: Parts) -> None:
    last = parts.price("b")
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}

    sent = parts.signed("a", "POST", "order", **order, price=f"{last * 0.8:.2f}", newClientOrderId="x-1")
    again = parts.signed("b", "POST", "order", **order, price=f"{last * 0.8:.2f}", newClientOrderId="x-1")
    seen = parts.signed("b", "GET", "openOrders", symbol="BTCUSDT").json()
    gone = parts.signed("b", "DELETE", "order", symbol="BTCUSDT", origClientOrderId="x-1")

    assert sent.status_code == 200, sent.text
    assert again.status_code == 400  # the same id, whichever gateway it comes through
    assert [each["clientOrderId"] for each in seen] == ["x-1"]
    assert gone.json()["status"] == "CANCELED"


def test_the_gateway_of_streams_shows_what_the_exchange_does(parts: Parts) -> None:
    with connect(f"ws://127.0.0.1:{parts.processes['ws'].port}/v1/ws") as socket:
        socket.send('{"op":"subscribe","id":1,"channels":["book:BTC/USDT","trades:BTC/USDT"]}')
        kinds: set[str] = set()
        seqs: list[tuple[int, int]] = []
        until = time.monotonic() + 20
        while not {"snapshot", "diff", "trades"} <= kinds and time.monotonic() < until:
            message = json.loads(socket.recv(timeout=20))
            kinds.add(message.get("type", ""))
            if message.get("type") in ("snapshot", "diff"):
                data = message["data"]
                seqs.append((data.get("first_seq", data["seq"]), data["seq"]))

    assert {"snapshot", "diff", "trades"} <= kinds
    assert all(later[0] == before[1] + 1 for before, later in pairwise(seqs))


def test_a_role_serves_what_it_is_there_for(parts: Parts) -> None:
    asked = {name: httpx.get(f"{each.url}/v1/markets").status_code for name, each in parts.processes.items()}
    healthy = {name: httpx.get(f"{each.url}/health/live").status_code for name, each in parts.processes.items()}

    assert asked == {"core": 404, "a": 200, "b": 200, "ws": 404}
    assert set(healthy.values()) == {200}


def test_gateways_go_on_when_the_exchange_was_killed_and_started_again(parts: Parts, redis: Redis) -> None:
    core = parts.processes["core"]
    arguments = core.process.args
    core.process.kill()
    core.process.wait(10)
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    last = parts.price("a")

    down = parts.signed("a", "POST", "order", **order, price=f"{last * 0.8:.2f}", newClientOrderId="x-2")
    core.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        taken = None
        for _ in range(60):
            taken = parts.signed("b", "POST", "order", **order, price=f"{last * 0.8:.2f}", newClientOrderId="x-2")
            if taken.status_code == 200:
                break
            time.sleep(0.5)
        opened = parts.signed("a", "GET", "openOrders", symbol="BTCUSDT").json()
        assert down.status_code >= 500
        assert taken is not None
        assert taken.status_code == 200, taken.text
        assert [each["clientOrderId"] for each in opened] == ["x-2"]
    finally:
        assert core.stop() == 0
