"""The edge: every answer's headers and shape, whoever gives it; what is refused before any route sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.engine.server.harness import InLoop, in_loop

ALWAYS = {
    "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id", "x-response-time",
    "x-content-type-options", "cache-control", "content-security-policy",
}  # fmt: skip
PROXY = "127.0.0.0/8"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InLoop]:
    settings = {
        "trusted_proxies": (PROXY,),
        "allowed_origins": ("https://desk.example",),
        "limit_times_of": {"ip:198.51.100.1": {"market": 0.02}},
    }
    async with in_loop(tmp_path_factory.mktemp("edge") / "data", **settings) as running:
        yield running


def by(address: str) -> dict[str, str]:
    """Return the header by which the trusted proxy tells who asks."""
    return {"X-Forwarded-For": address}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/v1/time", {}, 200),
        ("GET", "/v1/nothing", {}, 404),
        ("GET", "/v1/time/", {}, 404),
        ("POST", "/v1/time", {}, 405),
        ("OPTIONS", "/v1/time", {}, 405),
        ("TRACE", "/v1/time", {}, 405),
        ("GET", "/v1/time?" + "x" * 9_000, {}, 414),
        ("GET", "/v1/time", {"headers": {f"x-{number}": "1" for number in range(120)}}, 431),
        ("POST", "/v1/time", {"headers": {"Origin": "https://evil.example"}}, 403),
    ],
)
async def test_every_answer_carries_the_limits_and_every_refusal_is_a_problem(
    server: InLoop, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    answer = await server.http.request(method, path, **options)

    assert answer.status_code == status
    assert set(answer.headers) >= ALWAYS
    assert "server" not in answer.headers
    if status >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["status"] == status
        assert problem["instance"] == answer.headers["x-request-id"]
        assert problem["detail"].endswith((".", "can."))


async def test_a_wrong_method_is_told_the_right_ones(server: InLoop) -> None:
    answer = await server.http.delete("/v1/time")

    assert answer.headers["allow"] == "GET, HEAD"


async def test_whoever_asks_too_much_gets_429_and_is_blocked_when_he_goes_on(server: InLoop) -> None:
    asked = [await server.http.get("/v1/nothing", headers=by("198.51.100.1")) for _ in range(20)]
    over = [await server.http.get("/v1/time", headers=by("198.51.100.1")) for _ in range(90)]
    refused = [each for each in over if each.status_code == 429]

    assert {each.status_code for each in asked} == {404}
    assert len(refused) >= 61
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].json()["retry_after_s"] > 0
    assert over[-1].status_code == 403
    assert over[-1].json()["type"] == "/problems/blocked"
    assert over[-1].headers["x-ratelimit-limit"] == over[-1].headers["x-ratelimit-remaining"] == "0"
    assert int(over[-1].headers["retry-after"]) <= 61
    assert (await server.http.get("/v1/time", headers=by("198.51.100.2"))).status_code == 200
    assert (await server.http.get("/v1/time")).status_code == 200


async def test_a_customer_of_ipv6_does_not_get_more_by_changing_his_address(server: InLoop) -> None:
    left = [
        int((await server.http.get("/v1/time", headers=by(f"2001:db8::{n}"))).headers["x-ratelimit-remaining"])
        for n in range(1, 4)
    ]

    assert left == [999, 998, 997]


async def test_a_second_header_of_the_proxy_counts_after_the_first(server: InLoop) -> None:
    server.services.guard.blocks.block("198.51.100.77", 60, "test")
    headers = [("X-Forwarded-For", "203.0.113.1"), ("X-Forwarded-For", "198.51.100.77")]

    assert (await server.http.get("/v1/time", headers=headers)).status_code == 403
    assert (await server.http.get("/v1/time", headers=headers[::-1])).status_code == 200


async def test_what_a_proxy_says_is_believed_only_if_it_is_an_address(server: InLoop) -> None:
    forged = {"X-Forwarded-For": "198.51.100.9, drop table\n"}
    server.services.guard.blocks.block("198.51.100.9", 60, "test")

    assert (await server.http.get("/v1/time", headers=by("203.0.113.1, 198.51.100.9"))).status_code == 403
    assert (await server.http.get("/v1/time", headers=by("198.51.100.9, 203.0.113.1"))).status_code == 200
    with pytest.raises((httpx.LocalProtocolError, AssertionError)):
        assert (await server.http.get("/v1/time", headers=forged)).status_code == 403


async def test_a_listed_page_may_ask_and_read_and_others_may_not(server: InLoop) -> None:
    asking = {"Access-Control-Request-Method": "POST"}
    listed = await server.http.options("/v1/time", headers={"Origin": "https://desk.example", **asking})
    foreign = await server.http.options("/v1/time", headers={"Origin": "https://evil.example", **asking})
    read = await server.http.get("/v1/time", headers={"Origin": "https://desk.example"})
    looked = await server.http.get("/v1/time", headers={"Origin": "https://evil.example"})
    own = await server.http.post("/v1/time", headers={"Origin": "http://server.test"})

    assert (listed.status_code, listed.headers["access-control-allow-origin"]) == (204, "https://desk.example")
    assert "access-control-allow-origin" not in foreign.headers
    assert read.headers["access-control-allow-origin"] == "https://desk.example"
    assert "access-control-allow-origin" not in looked.headers
    assert own.status_code == 405


async def test_hsts_only_where_tls_is(server: InLoop, tmp_path: Path) -> None:
    assert "strict-transport-security" not in (await server.http.get("/v1/time")).headers
    secure = httpx.AsyncClient(transport=server.http._transport, base_url="https://server.test")
    assert "strict-transport-security" in (await secure.get("/v1/time")).headers
