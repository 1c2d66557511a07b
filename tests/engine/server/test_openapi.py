"""The description of the API: sound by the specification's own schema, complete, and true of what is answered."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped] # has no types
import msgspec
import pytest
import schemathesis

from engine.server.api import ROUTES
from engine.server.http.route import Access
from engine.server.openapi import PATH, document, openapi_route
from tests.engine.server.harness import InLoop
from tests.engine.server.traders import bid, fund, of, send, trading_floor

WHOLE = document((*ROUTES, openapi_route(ROUTES)))


def test_the_description_is_sound_and_an_unsound_one_would_be_found() -> None:
    broken = copy.deepcopy(WHOLE)
    del broken["paths"]["/v1/orders"]["get"]["parameters"][0]["in"]

    schemathesis.openapi.from_dict(WHOLE).validate()
    with pytest.raises(Exception, match='"in" is a required property'):
        schemathesis.openapi.from_dict(broken).validate()


def test_every_route_is_an_operation_of_its_own_that_says_who_may() -> None:
    operations = {
        (method.upper(), path): each for path, methods in WHOLE["paths"].items() for method, each in methods.items()
    }
    wanted = {(route.method, re.sub(r":\w+(?=\})", "", route.path)): route for route in ROUTES}

    assert set(operations) == {*wanted, ("GET", PATH)}
    assert len({each["operationId"] for each in operations.values()}) == len(operations)
    for key, route in wanted.items():
        assert (operations[key]["security"] == []) == (route.access is Access.PUBLIC)
        assert "401" in operations[key]["responses"] or route.access is Access.PUBLIC
        assert {str(each) for each in route.refuses} <= set(operations[key]["responses"])


def test_no_pattern_is_pythons_only_and_no_parameter_may_be_null() -> None:
    text = json.dumps(WHOLE)
    schemas = [
        each["schema"]
        for methods in WHOLE["paths"].values()
        for operation in methods.values()
        for each in operation["parameters"]
    ]

    assert "(?!" not in text
    assert len(schemas) > 50
    assert not [each for each in schemas if "null" in json.dumps(each)]


def test_every_example_is_one_of_what_it_shows() -> None:
    shown = list(_examples(WHOLE))
    for schema in shown:
        for example in schema["examples"]:
            jsonschema.validate(example, schema)

    assert len(shown) > 50


def test_a_body_made_of_the_examples_decodes() -> None:
    routes = [route for route in ROUTES if route.body is not None]
    for route in routes:
        operation = WHOLE["paths"][re.sub(r":\w+(?=\})", "", route.path)][route.method.lower()]
        body = _sample(operation["requestBody"]["content"]["application/json"]["schema"])
        decoded = msgspec.convert(body, route.body)
        assert msgspec.convert(msgspec.to_builtins(decoded), route.body) == decoded

    assert len(routes) > 15


def _examples(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Yield every schema that has examples."""
    if isinstance(value, dict):
        if "examples" in value:
            yield value
        for each in value.values():
            yield from _examples(each)
    elif isinstance(value, list):
        for each in value:
            yield from _examples(each)


def _sample(schema: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return a value that a schema shows, or the plainest there is, with every field of a struct."""
    if "$ref" in schema:
        return _sample(WHOLE["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return _sample(schema["anyOf"][0])
    for name in ("examples", "enum"):
        if name in schema:
            return schema[name][0]
    if schema["type"] == "object":
        return {name: _sample(each) for name, each in schema["properties"].items()}
    if schema["type"] == "array":
        return [_sample(schema["items"])]
    plain = {"string": "x" * schema.get("minLength", 1), "integer": schema.get("minimum", 0), "boolean": True}
    return plain[schema["type"]]


async def test_what_is_answered_is_what_is_described(tmp_path: Path) -> None:
    async with trading_floor(tmp_path / "data") as server:
        described = schemathesis.openapi.from_dict((await server.http.get(PATH)).json())
        await fund(server, "ann")
        price = f"{await bid(server) * 0.9:.2f}"
        order = {"symbol": "BTC/USDT", "side": "buy", "type": "limit", "qty": "0.01", "price": price}
        market = {"symbol": "BTC/USDT", "side": "buy", "type": "market", "qty": "0.01"}
        oto = {"kind": "oto", "orders": [order, order | {"side": "sell", "price": "99999.00"}]}
        asked: list[tuple[str, str, str, Any]] = [
            ("POST", "/v1/orders", "/v1/orders?", order | {"order_id": "one"}),
            ("POST", "/v1/orders", "/v1/orders?", market),
            ("POST", "/v1/orders", "/v1/orders?", market | {"qty": "0"}),
            ("POST", "/v1/orders", "/v1/orders?", {"symbol": 1}),
            ("POST", "/v1/order-lists", "/v1/order-lists?", oto | {"list_id": "L"}),
            ("GET", "/v1/order-lists/{list_id}", "/v1/order-lists/L", None),
            ("PATCH", "/v1/orders/{order_id}", "/v1/orders/one", {"qty": "0.02"}),
            ("GET", "/v1/orders/{order_id}", "/v1/orders/one", None),
            ("GET", "/v1/orders/{order_id}", "/v1/orders/none", None),
            ("GET", "/v1/orders", "/v1/orders?limit=1", None),
            ("GET", "/v1/orders", "/v1/orders?limit=0", None),
            *[("GET", f"/v1/{each}", f"/v1/{each}?", None) for each in ("balances", "positions", "fills", "journal")],
            ("GET", "/v1/transactions", "/v1/transactions?limit=2", None),
            ("DELETE", "/v1/orders/{order_id}", "/v1/orders/one", None),
            ("DELETE", "/v1/order-lists/{list_id}", "/v1/order-lists/L", None),
            ("DELETE", "/v1/orders", "/v1/orders?", None),
            *[
                ("GET", f"/v1/markets/{{base}}-{{quote}}/{each}", f"/v1/markets/BTC-USDT/{each}", None)
                for each in ("book", "trades", "ticker", "bars")
            ],
            ("GET", "/v1/markets/{base}-{quote}/book", "/v1/markets/BTC-EUR/book", None),
            *[("GET", f"/v1/{each}", f"/v1/{each}", None) for each in ("markets", "tickers", "time", "version")],
        ]
        for method, path, url, body in asked:
            await _check(server, described, (method, path, url), body)


async def _check(server: InLoop, described: Any, asked: tuple[str, str, str], body: object) -> None:  # noqa: ANN401 - a schema
    """Ask, and hold the answer against the description of that status."""
    method, path, url = asked
    answer = await server.http.request(method, url.rstrip("?"), json=body, headers=of("ann"))
    operation = described[path][method]
    assert str(answer.status_code) in operation.definition.raw["responses"], (asked, answer.status_code, answer.text)
    assert operation.validate_response(answer) in (True, None)


async def test_an_answer_that_is_not_as_described_would_be_found(tmp_path: Path) -> None:
    bent = copy.deepcopy(WHOLE)
    bent["components"]["schemas"]["ServerTime"]["properties"]["time_ms"] = {"type": "string"}
    async with trading_floor(tmp_path / "data") as server:
        with pytest.raises(Exception, match="Response violates schema"):
            await _check(server, schemathesis.openapi.from_dict(bent), ("GET", "/v1/time", "/v1/time"), None)


async def test_a_stranger_is_told_so_as_described(tmp_path: Path) -> None:
    async with trading_floor(tmp_path / "data") as server:
        answer = await send(server, "?", {})
    assert answer.status_code == 401
    assert "401" in WHOLE["paths"]["/v1/orders"]["post"]["responses"]
