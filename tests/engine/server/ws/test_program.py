"""The whole program: users by the command, tickets by REST, sockets; how they end with a session and the server."""

from __future__ import annotations

import asyncio
import base64
import io
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.cli.__main__ import main
from tests.engine.server.harness import program
from tests.engine.server.ws.served import end_of, listening

EMAIL, PASSWORD = "ws@example.org", "nine correct horses battery"


def crs(*arguments: str) -> None:
    """Run a command of the server."""
    assert main(["server", *arguments]) == 0


async def sign_in(http: httpx.AsyncClient) -> dict[str, str]:
    """Return the headers of a new session."""
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    device = {"name": "test", "public_key": base64.urlsafe_b64encode(public).rstrip(b"=").decode()}
    answer = await http.post("/v1/auth/login", json={"email": EMAIL, "password": PASSWORD, "device": device})
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.e2e
async def test_a_user_hears_of_an_order_until_the_session_or_the_server_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    crs("user", "add", "--data-dir", str(data), "--email", EMAIL, "--password-stdin")
    with program(data) as server:
        url = f"ws://127.0.0.1:{server.port}/v1/ws"
        await asyncio.to_thread(
            crs, "fund", "--data-dir", str(data), "--email", EMAIL, "--asset", "USDT", "--amount", "100000"
        )
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http, listening(url, "status") as stranger:
            first, second = await sign_in(http), await sign_in(http)
            async with listening(url) as one, listening(url) as two:
                for client, headers in ((one, first), (two, second)):
                    assert (await client.ask("auth", ticket=await ticket(http, headers)))["ok"]
                    await client.ask("subscribe", channels=["orders", "fills", "balances", "journal"])
                order = {"symbol": "BTC/USDT", "side": "buy", "type": "market", "qty": "0.01", "order_id": "mine"}
                answer: dict[str, Any] = (await http.post("/v1/orders", json=order, headers=first)).json()
                for client in (one, two):
                    done = await client.until(
                        lambda each: each["ch"] == "orders" and each["data"]["status"] == "filled"
                    )
                    assert done["data"] == answer["order"]
                    await client.ask("ping")
                    assert [each["data"] for each in client.heard if each["ch"] == "fills"] == answer["fills"]

                begun = time.monotonic()
                assert (await http.post("/v1/auth/logout", headers=first)).status_code == 204
                assert await end_of(one.socket) == 4001
                assert time.monotonic() - begun < 2
                assert (await two.ask("ping"))["ok"]
                server.process.send_signal(signal.SIGTERM)
                assert await end_of(two.socket) == 1001
                assert await end_of(stranger.socket) == 1001
        assert await asyncio.to_thread(server.stop) == 0


async def ticket(http: httpx.AsyncClient, headers: dict[str, str]) -> str:
    """Return a ticket for one socket."""
    answer = await http.post("/v1/auth/ws-ticket", headers=headers)
    return str(answer.json()["ticket"])
