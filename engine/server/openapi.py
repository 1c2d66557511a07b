"""The REST API described as OpenAPI 3.1, made from the routes and the structs that travel; nothing is written twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec

from engine.server.http.place import NAME, PATTERNS
from engine.server.http.route import Access, Call, Route
from engine.server.openapi_answers import HEADERS, answers, problems
from engine.wire.problem import Problem

PATH = "/v1/openapi.json"
LEAST_REFUSAL = 400

_PLACE = re.compile(r"\{(?P<name>\w+)(?::(?P<kind>\w+))?\}")
_REF = "#/components/schemas/{name}"
_NO_LINE_FEED = r"(?!\n)"
"""At the end of our patterns, for Python, whose `$` lets a last line feed pass; JavaScript's does not."""


def openapi_route(routes: Iterable[Route], path: str = "") -> Route:
    """Return the route that answers with the description of all routes and itself, which are behind a path."""
    told: list[msgspec.Raw] = []

    async def answer(_call: Call) -> msgspec.Raw:
        if not told:
            whole = document((*described, route)) | ({"servers": [{"url": path}]} if path else {})
            told.append(msgspec.Raw(msgspec.json.encode(whole)))
        return told[0]

    described = tuple(routes)
    route = Route("GET", PATH, answer, "This description", "system", dict[str, Any], access=Access.PUBLIC)
    return route


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the description of routes, as JSON values."""
    routes = tuple(routes)
    kinds = [kind for route in routes for kind in (route.body, route.answer) if kind is not None]
    schemas, components = msgspec.json.schema_components([*kinds, Problem], ref_template=_REF)
    found = iter(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        body = None if route.body is None else next(found)
        answer = None if route.answer is None else next(found)
        paths.setdefault(_PLACE.sub(r"{\g<name>}", route.path), {})[route.method.lower()] = _operation(
            route, body, answer
        )
    statuses = {int(status) for path in paths.values() for each in path.values() for status in each["responses"]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CRS server",
            "version": version("crs-desktop"),
            "description": "Amounts are decimals in strings; instants are UTC milliseconds since 1970. Refusals are "
            "problem details (RFC 9457); the last word of `type` is what programs may rely on.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": _portable(components),
            "headers": HEADERS,
            "responses": problems(
                {each for each in statuses if each >= LEAST_REFUSAL}, {"$ref": _REF.format(name="Problem")}
            ),
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token of a session, from `POST /v1/auth/login`.",
                },
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-CRS-Key",
                    "description": "An API key, with `X-CRS-Timestamp` and `X-CRS-Signature`: HMAC-SHA256 over the "
                    "lines timestamp, method, path with query, body.",
                },
            },
        },
    }


_SECURITY: dict[Access, list[dict[str, list[str]]]] = {
    Access.PUBLIC: [],
    Access.SESSION: [{"session": []}],
    Access.USER: [{"session": []}, {"key": []}],
}


def _operation(route: Route, body: Any, answer: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON schemas
    described: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_headers(route)],
        "responses": answers(route, None if answer is None else _portable(answer)),
        "security": _SECURITY[route.access],
    }
    if body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _portable(body)}}}
    return described


def _operation_id(route: Route) -> str:
    """Return a name of its own for an operation: the method and the words of the path."""
    words = re.findall(r"\w+", _PLACE.sub(r"\g<name>", route.path.removeprefix("/v1")).removesuffix(".json"))
    return "_".join((route.method.lower(), *words))


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": found["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": PATTERNS.get(found["name"], NAME)},
        }
        for found in _PLACE.finditer(route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    [_], components = msgspec.json.schema_components([route.query], ref_template=_REF)
    schema = components[route.query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _portable(_inlined(each, components))}
        for name, each in schema["properties"].items()
    ]


def _headers(route: Route) -> list[dict[str, Any]]:
    if not route.idempotent:
        return []
    text = "The id under which a repeat is known: it changes nothing and is answered as the first was."
    schema = {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,40}$"}
    return [{"name": "Idempotency-Key", "in": "header", "required": False, "description": text, "schema": schema}]


def _inlined(schema: Any, components: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the schema of a parameter, which is there or not, never null, with what it refers to in its place."""
    options = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if options:
        schema = options[0] if len(options) == 1 else {"anyOf": options}
    if "$ref" in schema:
        return components[schema["$ref"].rsplit("/", 1)[1]]
    return {name: value for name, value in schema.items() if not (name == "default" and value is None)}


def _portable(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a schema without what only Python's patterns need, and with tuples as every tool reads them."""
    if isinstance(value, dict):
        prefix = value.get("prefixItems")
        if isinstance(prefix, list) and "maxItems" in value:
            value = {name: each for name, each in value.items() if name != "items"}
            if all(each == prefix[0] for each in prefix):
                del value["prefixItems"]
                value["items"] = prefix[0]
        return {
            name: each.replace(_NO_LINE_FEED, "") if name == "pattern" and isinstance(each, str) else _portable(each)
            for name, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_portable(each) for each in value]
    return value
