"""Faults at the server's edge: clients that dawdle, bodies that are bombs, a loop that stalls. One program for all."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import httpx
import psutil
import pytest
from websockets.sync.client import connect

from tests.engine.server.harness import Program, program

pytestmark = [pytest.mark.integration]

DAWDLERS = 40
CPU_S = 0.05


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    data_dir = tmp_path_factory.mktemp("edge") / "data"
    data_dir.mkdir()
    (data_dir / "server.toml").write_text('request_timeout_s = 1.0\nlimits = "off"\n')
    with program(data_dir) as running:
        yield running


def metrics(server: Program) -> dict[str, float]:
    """Return what the operators' port says, by series."""
    url = json.loads((server.data_dir / "control.json").read_text())["url"]
    lines = [each for each in httpx.get(f"{url}/metrics").text.splitlines() if not each.startswith("#")]
    return {series: float(value) for series, _, value in (each.rpartition(" ") for each in lines)}


def metric(server: Program, series: str) -> float:
    """Return one value; 0 of what has none yet."""
    return metrics(server).get(series, 0.0)


def stalls(server: Program) -> float:
    """Return how often the loop woke more than a tenth of a second late."""
    told = metrics(server)
    return told["crs_loop_late_seconds_count"] - told['crs_loop_late_seconds_bucket{le="0.1"}']


def dawdling(server: Program, stack: ExitStack, first: bytes) -> socket.socket:
    """Return a connection that has said so much and no more."""
    line = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=15))
    line.sendall(first)
    return line


HEAD = b"GET /v1/time HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"


@pytest.mark.parametrize("first", [HEAD, BODY], ids=["head", "body"])
def test_row_16_slowloris_is_hung_up_on_and_nobody_waits_for_it(server: Program, first: bytes) -> None:
    before = metric(server, "crs_requests_timed_out_total")
    answered = 0
    with ExitStack() as stack:
        lines = [dawdling(server, stack, first) for _ in range(DAWDLERS)]
        with httpx.Client(base_url=server.url) as http:
            for _ in range(20):
                answered += http.get("/v1/time").status_code == httpx.codes.OK
                for line in lines:
                    with_suppressed(line.sendall, b"a")  # a byte now and then keeps it going
        said = []
        for line in lines:
            parts = []
            while part := received(line):
                parts.append(part)
            said.append(b"".join(parts))

    assert answered == 20
    assert {each.split(b" ")[1] for each in said if each} == {b"408"}
    assert all(b"/problems/too_slow" in each for each in said if each)
    assert sum(bool(each) for each in said) >= DAWDLERS // 2
    assert metric(server, "crs_requests_timed_out_total") >= before + (DAWDLERS if first is HEAD else 0)
    assert httpx.get(f"{server.url}/v1/time").status_code == httpx.codes.OK


def with_suppressed(call: Callable[[bytes], object], data: bytes) -> None:
    with suppress(OSError):
        call(data)


def received(line: socket.socket) -> bytes:
    """Return more of what the other side says; nothing once it hung up, however."""
    try:
        return line.recv(65_536)
    except ConnectionResetError:
        return b""


LOGIN = b'{"email":"a@b.example","password":"x","device":{"name":"x","public_key":"y"}}'
BOMBS = {
    "10 MB": (413, b'{"email":"' + b"a" * 10_000_000 + b'"}'),
    "10 MB in pieces": (413, b'{"email":"' + b"a" * 10_000_000 + b'"}'),
    "depth of lists": (400, LOGIN.replace(b'"x"', b"[" * 10_000 + b"]" * 10_000, 1)),
    "depth of objects": (400, b'{"device":' * 6_000),
    "depth nowhere": (400, b"[" * 60_000),
    "NaN": (400, LOGIN.replace(b'"x"', b"NaN", 1)),
    "Infinity": (400, LOGIN.replace(b'"x"', b"-Infinity", 1)),
    "1e400": (400, LOGIN.replace(b'"x"', b"1e400", 1)),
    "a number of 50,000 digits": (400, LOGIN.replace(b'"x"', b"9" * 50_000, 1)),
    "a name twice": (400, LOGIN.replace(b'"password"', b'"email":"c@d.example","password"', 1)),
    "a name twice, deep": (400, LOGIN.replace(b'"name"', b'"name":"z","name"', 1)),
    "no UTF-8": (400, LOGIN.replace(b"a@b", b"\xff\xfe\xfd", 1)),
    "half a surrogate": (400, LOGIN.replace(b'"x"', b'"\\ud800"', 1)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_row_17_bombs_are_refused_for_little(server: Program, name: str) -> None:
    status, body = BOMBS[name]
    process = psutil.Process(server.process.pid)
    times = 3 if len(body) > 1_000_000 else 10
    before = sum(process.cpu_times()[:2])
    for _ in range(times):
        answer = posted(server, body, in_pieces="pieces" in name)
        assert answer == status
    spent = (sum(process.cpu_times()[:2]) - before) / times

    assert spent <= CPU_S
    assert httpx.get(f"{server.url}/v1/time").status_code == httpx.codes.OK


def posted(server: Program, body: bytes, *, in_pieces: bool) -> int:
    """Send a body, as one or as chunks, and return the status, also if the server hangs up in the middle."""
    length = b"Transfer-Encoding: chunked" if in_pieces else b"Content-Length: %d" % len(body)
    head = b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + length + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as line:
        with_suppressed(line.sendall, head)
        for start in range(0, len(body), 65_536):
            part = body[start : start + 65_536]
            line.setblocking(True)
            try:
                line.sendall(b"%x\r\n%s\r\n" % (len(part), part) if in_pieces else part)
            except OSError:
                break
        if in_pieces:
            with_suppressed(line.sendall, b"0\r\n\r\n")
        return int(received(line).split(b" ")[1])


def test_row_38_a_stalled_loop_is_measured_and_disconnects_nobody(server: Program) -> None:
    before = stalls(server)
    with connect(f"ws://127.0.0.1:{server.port}/v1/ws") as stream, httpx.Client(base_url=server.url) as http:
        assert http.get("/v1/time").status_code == httpx.codes.OK
        stream.send(json.dumps({"op": "subscribe", "channels": ["trades:BTC/USDT"]}))
        stream.recv(timeout=10)
        for _ in range(3):
            os.kill(server.process.pid, signal.SIGSTOP)
            time.sleep(0.25)
            os.kill(server.process.pid, signal.SIGCONT)
            assert http.get("/v1/time").status_code == httpx.codes.OK
            time.sleep(0.2)  # the watchdog looks again, so that two stalls are not one
        stream.ping().wait(10)
        stream.send(json.dumps({"op": "ping"}))
        stream.recv(timeout=10)
        closed = metric(server, 'crs_sockets_closed_total{code="1011"}')

    assert stalls(server) >= before + 3
    assert closed == 0
