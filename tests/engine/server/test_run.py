"""The whole program: how it begins, what keeps it from beginning, how it ends; commands while it runs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from engine.server.control import find
from tests.engine.server.harness import Program, free_port, program
from tests.engine.server.visitor import EMAIL, add_user, crs, fund, sign_in
from tests.engine.server.visitor import told as told_here

pytestmark = pytest.mark.integration

END_S = 8.0
"""What the issue gives a server to end."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Lend a server with one user."""
    directory = tmp_path_factory.mktemp("run") / "data"
    with program(directory) as server:
        add_user(directory)
        yield server


def test_it_says_in_one_line_where_it_is_and_how_commands_reach_it(running: Program) -> None:
    said = (running.data_dir.parent / "data.log").read_text()
    control = find(running.data_dir / "control.json")

    assert f"CRS server listens on {running.url} (market demo, data in {running.data_dir})." in said.splitlines()
    assert control is not None
    assert control.pid == running.process.pid
    assert stat.S_IMODE((running.data_dir / "control.json").stat().st_mode) == 0o600
    assert control.token not in said


def test_the_second_door_is_shut_for_whoever_lacks_the_word(running: Program) -> None:
    control = find(running.data_dir / "control.json")
    assert control is not None
    body = {"account": "U-1", "asset": "USDT", "amount": "1"}

    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": f"Bearer {control.token[:-1]}"}):
        answers = [
            httpx.post(f"{control.url}/control/fund", json=body, headers=headers),
            httpx.get(f"{control.url}/control/state", headers=headers),
        ]
        assert {each.status_code for each in answers} == {401}
    assert httpx.post(f"{running.url}/control/fund", json=body).status_code == 404
    state = httpx.get(f"{control.url}/control/state", headers={"authorization": f"Bearer {control.token}"}).json()
    assert (state["pid"], state["state"]) == (control.pid, "synced")


def test_funds_come_once_while_it_runs_and_every_refusal_is_a_sentence(running: Program) -> None:
    first = fund(running.data_dir, "USDT", "100000")
    typed = ("--data-dir", str(running.data_dir), "--email", EMAIL, "--asset", "USDT", "--amount", "0.5", "--json")
    second = json.loads(crs("fund", *typed).stdout)
    headers = sign_in(running.url)
    told = httpx.get(f"{running.url}/v1/balances", headers=headers).json()["balances"]

    assert (first["free"], second["free"]) == ("100000", "100000.5")
    assert told == [{"asset": "USDT", "free": "100000.5", "locked": "0"}]
    place = ("fund", "--data-dir", str(running.data_dir))
    for given, said in (
        (("--email", "nobody@example.com", "--asset", "USDT", "--amount", "1"), "There is no user nobody@example.com."),
        (("--email", "ann@example.com", "--asset", "XXX", "--amount", "1"), "'XXX' is not traded here"),
        (("--email", "ann@example.com", "--asset", "USDT", "--amount", "0"), "must be more than 0"),
    ):
        refused = told_here(*place, *given)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert said in refused.stderr
    assert httpx.get(f"{running.url}/v1/balances", headers=headers).json()["balances"] == told


def test_a_used_port_or_directory_is_told_in_a_sentence(running: Program, tmp_path: Path) -> None:
    port = crs("run", "--data-dir", str(tmp_path / "other"), "--port", str(running.port))
    directory = crs("run", "--data-dir", str(running.data_dir), "--port", str(free_port()))

    assert (port.returncode, directory.returncode) == (1, 1)
    assert port.stderr == (
        f"crs: Port {running.port} of 127.0.0.1 is in use by another program. "
        "Stop that, or choose another with --port.\n"
    )
    assert not (tmp_path / "other" / "crs.sqlite").exists(), "a data directory was made before the port was asked for"
    assert "has the data directory" in directory.stderr
    assert "Traceback" not in directory.stderr
    assert find(running.data_dir / "control.json") is not None


def test_whatever_it_writes_is_for_its_owners_eyes(running: Program) -> None:
    kept = [each for each in running.data_dir.rglob("*") if each.exists()]

    assert {"crs.sqlite", "accounts.sqlite", "server.log"} <= {each.name for each in kept}
    assert [str(each) for each in kept if each.stat().st_mode & 0o077] == []


def test_a_directory_that_cannot_be_is_told_with_the_option_that_chooses_another(tmp_path: Path) -> None:
    (file := tmp_path / "file").write_text("")

    refused = crs("run", "--data-dir", str(file), "--port", "0")

    assert refused.returncode == 1
    assert refused.stderr == (
        f"crs: The data directory {file} cannot be made: File exists. Choose another one with --data-dir.\n"
    )


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_with_connections_and_sockets_open(tmp_path: Path, sent: signal.Signals) -> None:
    with program(tmp_path / "data") as server:
        codes = asyncio.run(_visited(server, sent))
        status = server.stop(sent, END_S)

    assert status == 0
    assert codes == [1001] * 100
    assert not (tmp_path / "data" / "control.json").exists()


async def _visited(server: Program, sent: signal.Signals) -> list[int]:
    """Hold idle connections and 100 sockets while the server is asked to stop; return the sockets' close codes."""
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=20)) as http:
        await asyncio.gather(*(http.get(f"{server.url}/v1/time") for _ in range(20)))
        half = socket.create_connection(("127.0.0.1", server.port))
        half.sendall(b"GET /v1/time HTT")
        sockets = await asyncio.gather(*(connect(f"ws://127.0.0.1:{server.port}/v1/ws") for _ in range(100)))
        server.process.send_signal(sent)
        codes = await asyncio.gather(*(_close_code(each) for each in sockets))
        half.close()
    return codes


async def _close_code(stream: object) -> int:
    try:
        while True:
            await stream.recv()  # type: ignore[attr-defined]
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd is not None else 0


def test_funds_come_while_nothing_runs_and_a_stale_control_file_is_no_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    add_user(data)
    gone = os.fork()
    if not gone:
        os._exit(0)
    os.waitpid(gone, 0)
    (data / "control.json").write_text(json.dumps({"pid": gone, "url": "http://127.0.0.1:9", "token": "x"}))

    assert fund(data, "BTC", "1.5") == {"account": "U-1", "asset": "BTC", "free": "1.5", "locked": "0"}
    assert fund(data, "BTC", "0.25")["free"] == "1.75"
