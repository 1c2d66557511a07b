"""The server's own routes, called in this loop and over a socket."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.engine.server.harness import in_loop, program


async def test_the_time_is_told_to_everybody_with_the_headers_of_every_answer(tmp_path: Path) -> None:
    async with in_loop(tmp_path / "data") as server:
        answer = await server.http.get("/v1/time")

    assert answer.status_code == httpx.codes.OK
    assert set(answer.json()) == {"time_ms", "market_ms"}
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id"} <= set(answer.headers)


@pytest.mark.integration
def test_the_program_lists_the_demo_markets(tmp_path: Path) -> None:
    with program(tmp_path / "data") as server:
        listed = httpx.get(f"{server.url}/v1/markets").json()["markets"]

    assert [each["symbol"] for each in listed][:2] == ["BTC/USDT", "ETH/USDT"]
