"""Requests that are not as HTTP, JSON or the routes want them: refused in words, by what the description tells of."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from engine.server.api import ROUTES
from engine.server.http.reply import SECURITY
from engine.server.http.route import Route
from engine.server.openapi import PATH, document, openapi_route
from engine.wire.problem import MEDIA_TYPE
from tests.engine.server.fuzz.town import Town

pytestmark = pytest.mark.integration

SERVED = (*ROUTES, openapi_route(ROUTES))
WHOLE = document(SERVED)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
PLACES = {"base": "BTC", "quote": "USDT", "order_id": "o1", "list_id": "l1", "session_id": "s1", "key_id": "1"}

NASTY_STRINGS = {
    "NUL": r"\u0000", "a NUL inside": r"a\u0000b", "a lone surrogate": r"\ud800",
    "surrogates in disorder": r"\udc00\ud800",
    "a line feed at the end": r"abc\n", "an override of direction": r"\u202eabc", "very long": "x" * 20_000,
}  # fmt: skip
NASTY_BODIES = {
    "nothing": b"", "null": b"null", "a number": b"5", "a list": b"[]", "a string": b'"x"', "two": b"{}{}",
    "a comma too many": b'{"a":1,}', "NaN": b'{"limit":NaN}', "Infinity": b"-Infinity", "no UTF-8": b'{"a":"\xff\xfe"}',
    "a byte order mark": b"\xef\xbb\xbf{}", "UTF-16": '{"a":1}'.encode("utf-16"), "deep lists": b"[" * 10_000,
    "deep objects": b'{"a":' * 10_000, "a NUL": b"\x00", "an unknown field": b'{"__proto__":{}}',
}  # fmt: skip
HUGE = ("1e400", "-1e400", "9" * 400, "-" + "9" * 400, "1e-400", "0." + "0" * 400 + "1", "-0", "1.0")


def path_of(route: Route) -> str:
    """Return a path that leads to a route."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: PLACES.get(found[1], "9"), route.path)


def described(route: Route) -> set[str]:
    """Return the statuses that are described."""
    path = re.sub(r":\w+(?=\})", "", route.path)
    return set(WHOLE["paths"][path][route.method.lower()]["responses"])


def check(answer: httpx.Response, route: Route, what: str) -> None:
    """Hold a refusal against what a refusal has to be."""
    told = (route.method, route.path, what, answer.status_code, answer.text[:300])
    assert 400 <= answer.status_code < 500, told
    assert str(answer.status_code) in described(route), told
    assert answer.headers["content-type"] == MEDIA_TYPE, told
    assert answer.json()["status"] == answer.status_code, told
    assert answer.json()["detail"], told


def fields_of(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the names of a struct's fields and what kind of value each is."""
    components = WHOLE["components"]["schemas"]
    while "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[1]]
    for name, each in schema["properties"].items():
        options = each.get("anyOf", [each])
        yield name, next((option["type"] for option in options if "type" in option), "string")


WITH_BODY = [route for route in SERVED if route.body is not None]


def body_fields(route: Route) -> Iterator[tuple[str, str]]:
    """Yield the fields of a route's body."""
    operation = WHOLE["paths"][re.sub(r":\w+(?=\})", "", route.path)][route.method.lower()]
    return fields_of(operation["requestBody"]["content"]["application/json"]["schema"])


def test_no_body_that_is_none_is_taken(here: Town) -> None:
    headers = here.headers("stepped_up") | {"content-type": "application/json"}
    assert len(WITH_BODY) > 15
    for route in WITH_BODY:
        for what, body in NASTY_BODIES.items():
            answer = here.client.request(route.method, path_of(route), content=body, headers=headers)
            check(answer, route, what)
        name, _ = next(body_fields(route))
        twice = f'{{"{name}":null,"{name}":null}}'.encode()
        check(here.client.request(route.method, path_of(route), content=twice, headers=headers), route, "twice")


@pytest.mark.no_cover
def test_strings_and_numbers_beyond_all_bounds_are_refused(here: Town) -> None:
    headers = here.headers("stepped_up") | {"content-type": "application/json"}
    for route in WITH_BODY:
        for name, _ in body_fields(route):
            values = [f'"{text}"' for text in NASTY_STRINGS.values()] + list(HUGE)
            for value in values:
                body = f'{{"{name}":{value}}}'.encode()
                answer = here.client.request(route.method, path_of(route), content=body, headers=headers)
                assert answer.status_code < 500, (route.path, name, value[:40], answer.text)
                assert str(answer.status_code) in described(route), (route.path, name, value[:40], answer.text)


def test_a_query_is_refused_like_a_body(here: Town) -> None:
    headers = here.headers("stepped_up")
    for route in SERVED:
        if route.query is None:
            continue
        for name in route.query.__struct_fields__:
            for value in ("%00", "%ed%a0%80", "%ff", "9" * 400, "1e400", "NaN", "x" * 2_000, "%"):
                url = f"{path_of(route)}?{name}={value}"
                answer = here.client.request(route.method, url, headers=headers)
                told = (url[:80], answer.status_code, answer.text[:300])
                assert answer.status_code < 500, told
                assert str(answer.status_code) in described(route), told
            twice = f"{path_of(route)}?{name}=1&{name}=1"
            check(here.client.request(route.method, twice, headers=headers), route, "twice")
        url = f"{path_of(route)}?" + "x" * 9_000
        check(here.client.request(route.method, url, headers=headers), route, "too long")


def test_bodies_of_another_kind_are_not_looked_at(here: Town) -> None:
    headers = here.headers("stepped_up")
    kinds = ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16",
             "application/x-www-form-urlencoded", "", "application/json, text/plain", "*/*")  # fmt: skip
    for route in WITH_BODY:
        for kind in kinds:
            answer = here.client.request(
                route.method, path_of(route), content=b"{}", headers=headers | {"content-type": kind}
            )
            check(answer, route, kind)
            assert answer.status_code == 415
        squeezed = headers | {"content-type": "application/json", "content-encoding": "gzip"}
        answer = here.client.request(route.method, path_of(route), content=b"{}", headers=squeezed)
        assert answer.status_code == 415


def test_a_method_that_a_path_has_not_is_told_which_it_has(here: Town) -> None:
    methods: dict[str, set[str]] = {}
    for route in SERVED:
        methods.setdefault(path_of(route), set()).update({route.method, *(["HEAD"] if route.method == "GET" else [])})
    for path, known in methods.items():
        for method in set(METHODS) - known:
            answer = here.client.request(method, path, headers=here.headers("stepped_up"))
            assert answer.status_code == 405, (method, path, answer.status_code)
            assert set(answer.headers["allow"].split(", ")) == known, (method, path)
            assert method == "HEAD" or answer.json()["type"] == "/problems/method"


def test_head_says_what_get_says_without_the_body(here: Town) -> None:
    for route in SERVED:
        if route.method != "GET":
            continue
        headers = here.headers("stepped_up")
        got, head = (here.client.request(each, path_of(route), headers=headers) for each in ("GET", "HEAD"))
        assert head.status_code == got.status_code, route.path
        assert head.content == b""
        assert head.headers["content-type"] == got.headers["content-type"]


def test_paths_are_exact(here: Town) -> None:
    for route in SERVED:
        for path in (f"{path_of(route)}/", f"/{path_of(route)}", path_of(route).upper(), f"{path_of(route)}%00"):
            answer = here.client.request(route.method, path, headers=here.headers("stepped_up"))
            assert answer.status_code in (400, 404, 405, 422), (route.method, path, answer.status_code)
            assert answer.headers["content-type"] == MEDIA_TYPE


RAW = (
    b"GET /v1/time HTTP/1.1\r\nHost: x\r\nX-Bad: a\x00b\r\n\r\n",
    b"GET /v1/ti\x00me HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v1/time\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v1/orders/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v1/time HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET  /v1/time HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v1/time HTTP/1.1\r\nHost : x\r\n\r\n",
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://example.com/v1/time HTTP/1.1\r\nHost: x\r\n\r\n",
)


@pytest.mark.parametrize("sent", RAW, ids=range(len(RAW)))
def test_what_is_hardly_http_is_answered_or_hung_up_on(here: Town, sent: bytes) -> None:
    host, port = here.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall(sent)
        wire.shutdown(socket.SHUT_WR)
        heard = b"".join(iter(lambda: wire.recv(65_536), b""))
    status = int(heard.split(b" ", 2)[1]) if heard else 0
    assert status < 500, heard
    assert not heard or b"x-request-id: " in heard, heard
    assert here.client.get(PATH).status_code == 200


def test_every_answer_to_too_many_requests_is_described(here: Town) -> None:
    limits = here.house.services.limiter
    here.house.services.limiter = Exhausted()
    try:
        answer = here.client.get("/v1/time")
    finally:
        here.house.services.limiter = limits

    described_headers = WHOLE["components"]["responses"]["Problem429"]["headers"]
    of_browsers = {name.decode() for name, _ in SECURITY} | {"cache-control", "content-security-policy"}
    plain = {"content-type", "content-length", "date"}
    assert answer.status_code == 429
    assert set(answer.headers) == {name.lower() for name in described_headers} | of_browsers | plain
    assert json.loads(answer.content)["retry_after_s"] > 0


class Exhausted:
    """A limiter that lets nobody pass."""

    async def check(self, _who: str, tier: Any, *, cost: int = 1, trust: float = 1.0) -> Any:  # noqa: ANN401
        """Refuse."""
        from engine.server.limits.tier import Verdict

        return Verdict(False, 10, 0, 30.0, 12.0)
