"""Bodies and queries from outside."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from engine.server.api import ROUTES
from engine.server.http.body import check_media_type, decoded, decoded_query, read_body
from engine.server.refusal import Refusal
from engine.wire.auth import Login, Register
from engine.wire.order import NewList, NewOrder
from engine.wire.text import Amount, Code, Cursor, Decimals, OrderKey, Symbol, Username

ORDER = msgspec.json.Decoder(NewOrder)
WHOLE = b'{"symbol":"BTC/USDT","side":"buy","type":"limit","qty":"1","price":"2"}'


def refusal_of(body: bytes, decoder: msgspec.json.Decoder[Any] = ORDER) -> Refusal:
    """Return how a body is refused; it must be."""
    with pytest.raises(Refusal) as caught:
        decoded(decoder, body)
    return caught.value


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (WHOLE.replace(b'"qty":"1"', b'"qty":"1","qty":"1000"'), "qty", "twice"),
        (WHOLE.replace(b'"BTC/USDT"', b'"btc"'), "symbol", "must be BASE/QUOTE"),
        (WHOLE.replace(b'"BTC/USDT"', b'"BTC/USDT\\n"'), "symbol", "must be BASE/QUOTE"),
        (WHOLE.replace(b'"1"', b'"-1"'), "qty", "must be a decimal, not negative"),
        (WHOLE.replace(b'"1"', b'"1e3"'), "qty", "must be a decimal, not negative"),
        (WHOLE.replace(b'"1"', b"1e400"), "qty", "out of range"),
        (WHOLE.replace(b'"1"', b"1"), "qty", "got"),
        (WHOLE.replace(b'"buy"', b'"bid"'), "side", "bid"),
        (WHOLE.replace(b'"qty":"1",', b""), "qty", "missing"),
        (WHOLE.replace(b'"qty"', b'"amount"'), "amount", "no such field"),
        (WHOLE.replace(b'"1"', b"NaN"), None, "malformed"),
        (WHOLE.replace(b'"1"', b"Infinity"), None, "malformed"),
        (WHOLE + b"{}", None, "malformed"),
        (b"", None, "truncated"),
        (b"[]", None, "array"),
        (b"\xff\xfe{\x00}\x00", None, "malformed"),
        (WHOLE.replace(b"BTC", b"\xff\xff\xff"), None, "UTF-8"),
        (b'{"kind":"oco","orders":[{"symbol":1}]}', "orders[0].symbol", "got"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_by_the_name_of_its_field(
    body: bytes, field: str | None, says: str
) -> None:
    refusal = refusal_of(body, msgspec.json.Decoder(NewList) if b"kind" in body else ORDER)

    assert (refusal.status, refusal.word) == (400, "bad_request")
    assert [each.field for each in refusal.fields] == ([] if field is None else [field])
    assert says in refusal.detail
    assert "\n" not in refusal.detail


NAMES = st.sampled_from(['"a"', '"b"', '"\\u0061"', '"a:"'])


def objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Make texts of objects, some of which say a name twice, in other letters too."""
    pairs = st.lists(st.tuples(NAMES, values), max_size=3)
    return pairs.map(lambda each: "{" + ", ".join(f"{name} : {value}" for name, value in each) + "}")


VALUES = st.recursive(st.sampled_from(["1", '"x"', '":"', '"a\\":"']), objects, max_leaves=4)


@given(objects(VALUES))
@settings(max_examples=200, deadline=None)
def test_a_name_that_comes_twice_is_refused_wherever_it_stands_and_nothing_else_is(text: str) -> None:
    repeated = []
    json.loads(text, object_pairs_hook=lambda pairs: repeated.append(len(dict(pairs)) < len(pairs)))

    if any(repeated):
        assert "comes twice" in refusal_of(text.encode(), msgspec.json.Decoder()).detail
    else:
        assert decoded(msgspec.json.Decoder(), text.encode()) == json.loads(text)


def bodies() -> list[Any]:
    """Return every struct that some route takes, and those that come soon."""
    found = {route.body for route in ROUTES if route.body is not None} | {NewOrder, NewList, Login, Register}
    return sorted(found, key=lambda kind: str(kind.__name__))


@pytest.mark.parametrize("kind", bodies())
@pytest.mark.parametrize("opened", [b"[", b'{"a":', b'{"symbol":[', b'{"orders":[{"kind":'])
def test_depth_is_refused_at_once_whatever_a_route_takes(kind: type, opened: bytes) -> None:
    body = opened * 10_000
    begun = time.process_time()
    refusal = refusal_of(body, msgspec.json.Decoder(kind))

    assert refusal.status == 400
    assert time.process_time() - begun < 0.05


class Page(Struct, forbid_unknown_fields=True):
    """A query."""

    limit: int = 10
    symbol: Symbol | None = None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (b"limit=1&limit=2", "limit"),
        (b"limit=x", "limit"),
        (b"limit=NaN", "limit"),
        (b"symbol=btc", "symbol"),
        (b"symbol=BTC/USDT%0a", "symbol"),
        (b"other=1", "other"),
        (b"limit", None),
        (b"%ff=1", None),
        (b"limit=1" * 40, "limit"),
        ("limit=é".encode(), None),
        (b"&".join(b"a%d=1" % n for n in range(50)), None),
    ],
)
def test_a_query_that_cannot_be_used_is_refused(query: bytes, field: str | None) -> None:
    with pytest.raises(Refusal) as caught:
        decoded_query(query, Page)

    assert caught.value.status == 400
    assert [each.field for each in caught.value.fields] == ([] if field is None else [field])


def test_a_query_is_read_as_it_is_meant() -> None:
    assert decoded_query(b"limit=5&symbol=BTC%2FUSDT", Page) == Page(5, "BTC/USDT")
    assert decoded_query(b"", Page) == Page()


@given(st.binary(max_size=200))
def test_no_bytes_make_anything_but_an_order_or_a_refusal(body: bytes) -> None:
    try:
        order = decoded(ORDER, body)
    except Refusal:
        return
    assert isinstance(order, NewOrder)


@pytest.mark.no_cover
@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_no_json_makes_a_mistake_of_ours(value: object) -> None:
    try:
        body = msgspec.json.encode(value)
    except UnicodeEncodeError:
        return
    assert refusal_of(body).status == 400


PATTERNS = [Amount, Decimals, Symbol, OrderKey, Username, Code, Cursor]


@pytest.mark.parametrize("kind", PATTERNS)
@given(text=st.text(max_size=30))
def test_no_field_lets_a_control_character_or_a_quote_pass(kind: type, text: str) -> None:
    if not fits(text, kind):
        return
    assert text.isascii()
    assert text.isprintable()
    assert not set(text) & set("'\"\\;%<> \n")


def fits(text: str, kind: type) -> bool:
    """Whether a field takes a text."""
    try:
        msgspec.convert(text, kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", PATTERNS)
def test_a_final_line_feed_is_no_end_of_a_field(kind: type) -> None:
    right = next(each for each in ("1000", "BTC/USDT") if fits(each, kind))
    assert msgspec.convert(right, kind) == right
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(right + "\n", kind)


@pytest.mark.parametrize(
    ("headers", "fine"),
    [
        ({}, True),
        ({"content-type": "application/json"}, True),
        ({"content-type": "application/json; charset=utf-8"}, True),
        ({"content-type": 'Application/JSON; charset="UTF-8"'}, True),
        ({"content-type": "application/json; charset=utf-16"}, False),
        ({"content-type": "text/plain"}, False),
        ({"content-type": "application/x-www-form-urlencoded"}, False),
        ({"content-type": "application/json", "content-encoding": "gzip"}, False),
    ],
)
def test_bodies_are_plain_json_in_utf8(headers: dict[str, str], fine: bool) -> None:
    if fine:
        check_media_type(headers)
        return
    with pytest.raises(Refusal) as caught:
        check_media_type(headers)
    assert caught.value.status == 415


def told(*messages: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Return a `receive` that tells these."""
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(left)

    return receive


async def test_a_body_in_pieces_is_one_and_one_that_is_too_large_ends_where_it_is() -> None:
    def piece(size: int, more: bool = True) -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * size, "more_body": more}

    assert await read_body(told(piece(3), piece(4), piece(0, False)), 7, {}) == b"x" * 7
    for messages, headers in (
        ((piece(3), piece(5), piece(9)), {}),
        ((piece(8, False),), {}),
        ((), {"content-length": "8"}),
        ((), {"content-length": "9" * 400}),
    ):
        with pytest.raises(Refusal) as caught:
            await read_body(told(*messages), 7, headers)
        assert caught.value.status == 413
    with pytest.raises(Refusal, match="broke off"):
        await read_body(told(piece(1), {"type": "http.disconnect"}), 7, {})


async def test_a_body_that_trickles_is_refused_in_time() -> None:
    async def trickle() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(Refusal) as caught:
        await read_body(trickle, 10**9, {}, 0.05)
    assert caught.value.status == 408


def test_floats_that_are_none_never_come_in() -> None:
    class Rate(Struct):
        value: float

    for text in (b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400"):
        assert refusal_of(b'{"value":' + text + b"}", msgspec.json.Decoder(Rate)).status == 400
    assert math.isfinite(decoded(msgspec.json.Decoder(Rate), b'{"value":1e300}').value)
