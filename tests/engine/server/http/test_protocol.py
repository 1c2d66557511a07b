"""Connections of a real server: deadlines, bounds, caps, and the operators' commands; one program for all of it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from engine.cli.__main__ import main
from tests.engine.server.harness import Program, program

pytestmark = [pytest.mark.integration]

TIMEOUT_S = 1.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    data_dir = tmp_path_factory.mktemp("protocol") / "data"
    data_dir.mkdir()
    (data_dir / "server.toml").write_text(
        f'request_timeout_s = {TIMEOUT_S}\nnever_block = ["192.0.2.0/24"]\nmax_connections_of_one = 20\n'
    )
    with program(data_dir) as running:
        yield running


def connected(server: Program, stack: ExitStack) -> socket.socket:
    """Return a raw connection."""
    return stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))


def until_closed(line: socket.socket) -> tuple[bytes, float]:
    """Return what comes until the other side hangs up, and how long that takes."""
    begun, parts = time.monotonic(), []
    try:
        while part := line.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts), time.monotonic() - begun


def problem_of(said: bytes) -> tuple[int, dict[str, object]]:
    """Return the status and the problem of a raw answer."""
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"x-ratelimit-limit" in head
    assert b"x-request-id" in head
    assert b"server:" not in head.lower()
    return int(head.split()[1]), json.loads(body)


def test_what_is_no_http_is_a_problem_too(server: Program) -> None:
    with ExitStack() as stack:
        line = connected(server, stack)
        line.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        status, problem = problem_of(until_closed(line)[0])

    assert (status, problem["type"]) == (400, "/problems/bad_request")


def test_a_head_has_bounds(server: Program) -> None:
    with ExitStack() as stack:
        line = connected(server, stack)
        line.sendall(b"GET /v1/time HTTP/1.1\r\nHost: x\r\nX-Long: ")
        try:
            for _ in range(20):
                line.sendall(b"a" * 16_384)
        except (BrokenPipeError, ConnectionResetError):
            pass
        said, _ = until_closed(line)

    assert not said or problem_of(said)[0] == 431
    assert httpx.get(f"{server.url}/v1/time").status_code == 200


def test_a_connection_that_asks_nothing_is_closed_without_a_word(server: Program) -> None:
    with ExitStack() as stack:
        said, took = until_closed(connected(server, stack))

    assert said == b""
    assert took >= TIMEOUT_S * 0.9


def test_a_kept_connection_answers_again_and_again(server: Program) -> None:
    with httpx.Client(base_url=server.url) as http:
        for _ in range(5):
            assert http.get("/v1/time").status_code == 200
            time.sleep(TIMEOUT_S / 2)


def test_two_requests_at_once_are_both_answered(server: Program) -> None:
    with ExitStack() as stack:
        line = connected(server, stack)
        line.sendall(
            b"GET /v1/time HTTP/1.1\r\nHost: x\r\n\r\n" * 2
            + b"GET /v1/no HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        said, _ = until_closed(line)

    assert (said.count(b"HTTP/1.1 200"), said.count(b"HTTP/1.1 404")) == (2, 1)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length : 5\r\n",
    ],
    ids=str,
)
def test_a_body_whose_end_can_be_read_in_two_ways_is_refused(server: Program, head: bytes) -> None:
    smuggled = b"0\r\n\r\nGET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with ExitStack() as stack:
        line = connected(server, stack)
        line.sendall(b"POST /v1/auth/resend HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n" + smuggled)
        said, _ = until_closed(line)

    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1


def test_one_address_has_so_many_connections_and_gets_them_back(server: Program) -> None:
    with ExitStack() as stack:
        lines = [connected(server, stack) for _ in range(20)]
        for line in lines:
            line.sendall(b"GET /v1/time HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200")
        status, problem = problem_of(until_closed(connected(server, stack))[0])
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        answer = httpx.get(f"{server.url}/v1/time")
        if answer.status_code == 200:
            break
        time.sleep(0.05)

    assert (status, problem["type"]) == (503, "/problems/too_many_connections")
    assert answer.status_code == 200


def test_operators_see_figures_and_block_addresses(
    server: Program, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crs(server: Program, *arguments: str) -> tuple[int, str]:
        """Run a command on this server's data directory."""
        status = main(["server", *arguments, "--data-dir", str(server.data_dir)])
        told = capsys.readouterr()
        return status, told.out + told.err

    monkeypatch.setenv("COLUMNS", "120")
    httpx.get(f"{server.url}/v1/time")
    status, shown = crs(server, "top", "--once")
    assert status == 0
    assert "/v1/time" in shown
    assert crs(server, "block", "add", "--address", "2001:db8::7", "--reason", "a test")[0] == 0
    assert "2001:db8::/64" in crs(server, "block", "list")[1]
    assert crs(server, "block", "add", "--address", "nobody") == (
        1, "crs: The body cannot be used: address. It must be an IPv4 or IPv6 address.\n",
    )  # fmt: skip
    assert crs(server, "block", "lift", "--address", "2001:db8::8")[0] == 0
    assert crs(server, "block", "list")[1] == "Nobody is blocked.\n"


def test_metrics_are_on_the_operators_port_and_not_on_the_other(server: Program) -> None:
    control = json.loads((server.data_dir / "control.json").read_text())

    assert httpx.get(f"{server.url}/metrics").status_code == 404
    told = httpx.get(f"{control['url']}/metrics").text
    assert "crs_requests_timed_out_total" in told
    assert "process_cpu_seconds_total" in told


def test_the_log_is_json_without_secrets(server: Program) -> None:
    canary = "canary-0f2c6c1d9b7e4a5f8a3b"
    httpx.post(
        f"{server.url}/v1/auth/login",
        headers={"Authorization": f"Bearer {canary}", "Cookie": f"x={canary}"},
        json={"email": f"{canary}@example.org", "password": canary, "device": {"name": "x", "public_key": canary}},
    )
    httpx.get(f"{server.url}/v1/time?token={canary}", headers={"X-Api-Key": canary})
    httpx.get(f"{server.url}/v1/%0a%0dforged%20line/{canary}")
    with ExitStack() as stack:
        line = connected(server, stack)
        line.sendall(b"GET /v1/time HTTP/1.1\r\nX: " + canary.encode() + b"\r\n\x00\r\n\r\n")
        until_closed(line)
    lines = (server.data_dir / "logs" / "server.log").read_text().splitlines()
    said = (server.data_dir.parent / f"{server.data_dir.name}.log").read_text(errors="replace")

    assert lines
    assert all(set(json.loads(line)) >= {"at", "level", "logger", "event"} for line in lines)
    assert canary not in "\n".join(lines) + said
