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


async def test_a_page_gets_nothing_to_run_to_frame_or_to_sniff(server: InLoop) -> None:
    for answer in (await server.http.get("/v1/time"), await server.http.get("/v1/nothing")):
        policy = answer.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= {*policy}
        assert "sandbox" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


async def test_refusals_are_logged_with_who_what_and_why_and_nothing_that_was_shown(
    server: InLoop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    forged = {"Authorization": "Bearer canary-of-a-token", **by("198.51.100.33")}
    refused = await server.http.get("/v1/orders/canary-of-a-path?x=canary-of-a-query", headers=forged)
    unusable = await server.http.post("/v1/auth/resend", content=b"canary-of-a-body", headers=by("198.51.100.34"))

    told = [each for each in caplog.records if each.message == "request refused"]
    shown = [(each.status, each.word, each.who, each.path) for each in told]  # type: ignore[attr-defined] # from extra
    assert shown == [
        (401, "unauthorized", "198.51.100.33", "/v1/orders/{order_id}"),
        (400, "bad_request", "198.51.100.34", "/v1/auth/resend"),
    ]
    ids = [each.headers["x-request-id"] for each in (refused, unusable)]
    assert [each.request_id for each in told] == ids  # type: ignore[attr-defined] # from extra
    assert "canary" not in str([vars(each) for each in told])


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
