"""Strings that have broken into other programs: wherever they are put, they are only strings.

Every string that a request carries is replaced by each of them, and by a twin in which all that could mean something
to a database is an exclamation mark. Both get the same answer, and what others own stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import sqlalchemy as sa

from engine.server.api import ROUTES
from engine.server.http.route import Route
from tests.engine.server.fuzz.town import Town

pytestmark = pytest.mark.integration

CLASSICS = (
    "a\x00b", "' OR 1=1 --", "1' UNION SELECT null,password_hash FROM crs_user --", "%' OR '%'='", "\\'; SELECT 1; --",
    "' OR '1'='1", '" OR ""="', "'; DROP TABLE crs_user; --", "1; DELETE FROM journal", "\x00' OR 1=1 --", "\x1a",
    "' AND (SELECT 1 FROM pg_sleep(3))::text = '1", "'||(SELECT version())||'", "1) OR (1=1", "admin'/*", "%", "_",
    "${1+1}", "{{7*7}}", "%s%n%x", "../../etc/passwd", "$$;SELECT 1;$$", "\u02bc OR 1=1",
)  # fmt: skip

PASSWORD, EMAIL = "seven-odd-Otters-plough", "nobody@crs.example"
DEVICE = {"name": "laptop", "public_key": "A" * 43}
ORDER = {"symbol": "BTC/USDT", "side": "buy", "type": "limit", "qty": "0.01", "price": "100.00", "order_id": "none"}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/auth/register": {"email": "somebody@crs.example", "username": "nobody", "password": "x" * 8},
    "/v1/auth/verify": {"email": EMAIL, "code": "123456"},
    "/v1/auth/resend": {"email": EMAIL},
    "/v1/auth/login": {"email": EMAIL, "password": PASSWORD, "device": DEVICE, "code": "123456"},
    "/v1/auth/refresh": {
        "refresh_token": "x", "device_id": "y", "at_ms": 0, "nonce": "0123456789abcdef", "signature": "A" * 86,
    },
    "/v1/auth/step-up": {"code": "123456", "password": "x"},
    "/v1/auth/password/forgot": {"email": EMAIL},
    "/v1/auth/password/reset": {"email": EMAIL, "code": "123456", "password": "x" * 8},
    "/v1/auth/mfa/confirm": {"code": "123456"},
    "/v1/auth/mfa/disable": {"code": "123456"},
    "/v1/auth/password": {"current": "x", "password": "x" * 8},
    "/v1/auth/keys": {"name": "bot", "scopes": ["read"], "addresses": ["192.0.2.1"], "account": "x"},
    "/v1/orders": ORDER | {"tif": "gtc", "stp": "none", "display_qty": "0.01"},
    "/v1/orders/{order_id}": {"qty": "0.01", "price": "100.00", "stop_price": "100.00", "trail": "1.00"},
    "/v1/order-lists": {"kind": "oto", "list_id": "none", "orders": [ORDER, ORDER]},
    "/v1/admin/users/{user_id}/role": {"role": "nothing"},
    "/v1/admin/blocks": {"address": "192.0.2.1", "minutes": 0, "reason": "x"},
    "/v1/admin/blocks/lift": {"address": "192.0.2.99"},
}  # fmt: skip
"""Bodies in which nothing but a string is wrong."""

_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


def twin(text: str) -> str:
    """Return a string as long that means nothing to a database; it is as printable, and as many parts of a path."""
    return re.sub(r"[^A-Za-z0-9_ /.:\x00-\x1f]", "!", text).replace("\x00", "\x01").replace("_", "-")


def with_string(value: Any, text: str) -> Iterator[Any]:  # noqa: ANN401 - what JSON can say
    """Yield a value with one of its strings replaced, each in turn."""
    if isinstance(value, str):
        yield text
    elif isinstance(value, dict):
        for name, each in value.items():
            for made in with_string(each, text):
                yield value | {name: made}
    elif isinstance(value, list):
        for number, each in enumerate(value):
            for made in with_string(each, text):
                yield [*value[:number], made, *value[number + 1 :]]


def requests_with(route: Route, text: str) -> Iterator[dict[str, Any]]:
    """Yield requests of a route with a string in each place that takes one."""
    whole = _PLACE.sub("none", route.path)
    body = BODIES.get(route.path) if route.body is not None else None
    pieces = _PLACE.split(route.path)[::2]
    for number in range(len(pieces) - 1):
        held = [quote(text, safe="") if each == number else "BTC" for each in range(len(pieces) - 1)]
        yield {"url": "".join(a + b for a, b in zip(pieces, [*held, ""], strict=True)), "json": body}
    for name in () if route.query is None else route.query.__struct_fields__:
        yield {"url": f"{whole}?{urlencode({name: text})}", "json": body}
    for made in with_string(body, text) if body is not None else ():
        yield {"url": whole, "json": made}
    if route.idempotent:
        header = re.sub(r"[\x00-\x1f]", "?", text).encode("ascii", "replace")
        yield {"url": whole, "json": body, "headers": {"idempotency-key": header}}


def said(answer: httpx.Response) -> tuple[int, Any]:
    """Return what matters of an answer: not the ids, nor one's own words in a sentence."""
    told = answer.json() if answer.content else None
    if isinstance(told, dict) and "instance" in told:
        return answer.status_code, told["type"]
    return answer.status_code, sorted(told) if isinstance(told, dict) else told


def ask(town: Town, route: Route, made: dict[str, Any]) -> httpx.Response:
    """Send a request as somebody who may do all."""
    headers = town.headers("stepped_up") | made.pop("headers", {})
    return town.client.request(route.method, **made, headers=headers)


def owned(town: Town) -> dict[str, Any]:
    """Return what nobody but its owner should ever change, and which tables there are."""
    identity, services = town.house.identity, town.house.services
    with identity.parts.database.reading() as connection:
        users = connection.execute(
            sa.text("SELECT id, email, role FROM crs_user WHERE verified_ns > 0 ORDER BY id")
        ).all()
        tables = sorted(sa.inspect(connection).get_table_names())
    with services.exchange_db.connect() as connection:
        exchange = sorted(sa.inspect(connection).get_table_names())
    theirs = town.client.get("/v1/orders", headers=town.headers("trader")).json()
    return {"users": users, "tables": tables, "exchange": exchange, "orders": theirs}


def ask_all(town: Town, texts: tuple[str, ...]) -> None:
    """Put each of these strings wherever one fits, and compare with what its twin is told."""
    town.headers("stepped_up")
    price = town.client.get("/v1/markets/BTC-USDT/bars?count=1").json()["bars"][0][3]
    theirs = ORDER | {"order_id": "theirs", "price": f"{float(price) * 0.7:.2f}"}
    assert town.client.post("/v1/orders", json=theirs, headers=town.headers("trader")).status_code in (200, 404)
    before = owned(town)
    for route in ROUTES:
        assert route.body is None or route.path in BODIES, route.path
        for text in texts:
            for made, other in zip(requests_with(route, text), requests_with(route, twin(text)), strict=True):
                answer, harmless = ask(town, route, made), ask(town, route, other)
                told = (route.method, made, answer.text[:300], harmless.text[:300])
                assert answer.status_code < 500, told
                if "weak_password" not in answer.text + harmless.text:  # a twin may be easier to guess
                    assert said(answer) == said(harmless), told
    assert owned(town) == before
    assert before["orders"]["orders"]


@pytest.mark.no_cover
def test_no_string_is_more_than_a_string(anywhere: Town) -> None:
    ask_all(anywhere, CLASSICS[:3])


@pytest.mark.soak
def test_no_string_of_all_is_more_than_a_string(anywhere: Town) -> None:
    ask_all(anywhere, CLASSICS)
