"""Bodies and queries from outside: their size and time, then their shape; what cannot be used is named by its field.

A body's depth is bounded by its struct: the decoder stops at the first value that the struct has no place for.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive

from engine.server.http.place import misfit
from engine.server.refusal import Refusal, bad_request
from engine.wire.problem import FieldProblem
from engine.wire.text import WRITTEN

BODY_S = 10.0
"""How long a body may take to arrive."""

QUERY_FIELDS = 32

_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_NAMED = re.compile(r"^Object (?:contains unknown|missing required) field `(?P<name>[^`]*)`")
_UNLIKE = "It is not written as this field must be."
_PATTERN = re.compile(r"^Expected `str` matching regex .*$", re.DOTALL)


async def read_body(receive: Receive, at_most: int, headers: dict[str, str], within_s: float = BODY_S) -> bytes:
    """Return the body.

    Raises:
        Refusal: it is larger than allowed, slower than allowed, or the client went away.
    """
    told = headers.get("content-length", "")
    if told.isdecimal() and (len(told) > 18 or int(told) > at_most):
        raise _too_large(at_most)
    message = await receive()  # a connection that sends nothing is ended by the protocol
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > at_most:
            raise _too_large(at_most)
        return body
    try:
        async with asyncio.timeout(within_s):
            return await _rest(receive, at_most, message)
    except TimeoutError:
        raise Refusal(
            408, "too_slow", f"The body took more than {within_s:g} s to arrive.", headers={"Connection": "close"}
        ) from None


async def _rest(receive: Receive, at_most: int, message: Any) -> bytes:  # noqa: ANN401 - an ASGI message
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise bad_request("The body broke off.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > at_most:
            raise _too_large(at_most)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def _too_large(at_most: int) -> Refusal:
    return Refusal(413, "too_large", f"A body has at most {at_most:,} bytes here.", headers={"Connection": "close"})


def check_media_type(headers: dict[str, str]) -> None:
    """Refuse a body that says it is something else than JSON in UTF-8; one that says nothing is taken for it.

    Raises:
        Refusal: another type, another charset, or compressed.
    """
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "media_type", "Bodies are not compressed here.")
    told = headers.get("content-type")
    if told is None or told == "application/json":
        return
    kind, _, rest = told.partition(";")
    name, _, value = rest.partition("=")
    charset = value.strip().strip('"').lower() if name.strip().lower() == "charset" else ""
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise Refusal(415, "media_type", "Bodies are JSON in UTF-8: Content-Type: application/json.")


def decoded(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:  # noqa: ANN401 - the route's struct
    """Return a body as its struct.

    Raises:
        Refusal: it is no JSON, says a name twice, or is not what the struct wants; the field is named.
    """
    try:
        value = decoder.decode(body)
        if not _is_plain(body):
            _TWICE.decode(body.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _unusable("body", error) from None
    return value


def _is_plain(body: bytes) -> bool:
    """Whether a body is seen at once to have each name once: as many colons as different names on its first level.

    Each name has a colon, so there is none left over for a repeated or an inner one; a colon in a text makes it unsure.
    """
    told = _ANYTHING.decode(body)
    return type(told) is dict and body.count(b":") == len(told)


def decoded_query(raw: bytes, kind: Any) -> Any:  # noqa: ANN401 - a struct type
    """Return a query as its struct.

    Raises:
        Refusal: it cannot be read, says a name twice, or is not what the struct wants; the field is named.
    """
    if not raw:
        return kind()
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=QUERY_FIELDS,
            errors="strict",
        )  # fmt: skip
        told = _unique(pairs)
        for name in told.keys() - set(kind.__struct_fields__):
            raise _named("query", name, "There is no such field.")  # one that is misspelt would change what is meant
        return msgspec.convert(told, kind, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise _unusable("query", error) from None


class _Twice(ValueError):  # noqa: N818 - what is wrong, not a mistake of ours
    """A name that comes twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Twice(name)
            seen.add(name)
    return found


_ANYTHING = msgspec.json.Decoder()

_TWICE = json.JSONDecoder(object_pairs_hook=_unique)
"""Only asked for names that come twice, of which msgspec takes the last."""


def _unusable(what: str, error: Exception) -> Refusal:
    if isinstance(error, _Twice):
        return _named(what, str(error), "It comes twice.")
    if isinstance(error, RecursionError):
        return bad_request(f"The {what} is nested too deeply.")
    if isinstance(error, msgspec.ValidationError):
        text = str(error)
        path, sentence = "", text
        if (found := _PATH.search(text)) is not None:
            path, sentence = found["path"], text[: found.start()]
        if (field := _NAMED.match(sentence)) is not None:
            path = f"{path}.{field['name']}" if path else field["name"]
            sentence = "There is no such field." if "unknown" in sentence else "It is missing."
        elif _PATTERN.match(sentence):
            sentence = _written(sentence)
        return _named(what, path, sentence if sentence.endswith(".") else f"{sentence}.")
    if isinstance(error, UnicodeDecodeError):
        return bad_request(f"The {what} is not in UTF-8.")
    return bad_request(f"The {what} cannot be read: {error}.")


def _written(sentence: str) -> str:
    """Return how a field must be written, in place of the pattern that msgspec names."""
    words = next((words for pattern, words in WRITTEN.items() if repr(pattern) in sentence), None)
    return _UNLIKE if words is None else f"It must be {words}."


def check_places(params: Mapping[str, str]) -> None:
    """Refuse a path whose places hold what cannot be a name.

    Raises:
        Refusal: the place is named.
    """
    name = misfit(params)
    if name is not None:
        raise _named("path", name, _UNLIKE)


def _named(what: str, path: str, sentence: str) -> Refusal:
    shown = path[:60].encode("ascii", "backslashreplace").decode()
    if not shown:
        return bad_request(f"The {what} cannot be used. {sentence}")
    return bad_request(f"The {what} cannot be used: {shown}. {sentence}", FieldProblem(shown, sentence))
