"""Requests against something that answers as a venue does when it is in a bad mood."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate

import pytest

from engine.adapters.exchanges.net.refused import plain, sentence
from engine.adapters.exchanges.net.rest import RestLimits, VenueRest
from engine.errors import InvalidInput, VenueUnavailable
from tests.engine.adapters.crs.canned import JSON, Canned, Reply, canned

pytestmark = pytest.mark.integration

LIMITS = RestLimits(per_minute=6_000, burst=3_000, used_header="X-MBX-USED-WEIGHT-1M")


@asynccontextmanager
async def venue(say: Callable[[int], Reply], limits: RestLimits = LIMITS) -> AsyncIterator[tuple[VenueRest, Canned]]:
    """Lend requests to something that answers the n-th as `say(n)` does."""
    async with canned(lambda _method, _path: say(len(there.asked))) as there:
        rest = VenueRest("Binance", there.url, limits)
        try:
            yield rest, there
        finally:
            await rest.close()
            await asyncio.sleep(0.05)  # the other side notices


async def test_an_answer_is_json_and_the_weight_that_all_have_used_counts() -> None:
    headers = JSON | {"X-MBX-USED-WEIGHT-1M": "5990"}
    async with venue(lambda _: (200, headers, b'{"serverTime":1}')) as (rest, _):
        assert await rest.get("/api/v3/time", {"a": 1}) == b'{"serverTime":1}'
        assert rest.pace.left < 20


@pytest.mark.parametrize(
    ("status", "headers", "text"),
    [
        (429, {"retry-after": "7"}, "asks us to slow down. It goes on in 7 s"),
        (418, {"retry-after": "7"}, "bars this address for now. It goes on in 7 s"),
        (418, {}, "goes on in 120 s"),
    ],
)
async def test_nothing_is_sent_while_the_venue_asked_to_wait(status: int, headers: dict[str, str], text: str) -> None:
    async with venue(lambda _: (status, JSON | headers, b'{"code":-1003,"msg":"Too much"}')) as (rest, there):
        with pytest.raises(VenueUnavailable, match=text) as found:
            await rest.get("/a", patience_s=0)
        assert (found.value.retry_after_s or 0) > 6
        with pytest.raises(VenueUnavailable, match="asked us to slow down"):
            await rest.get("/b", patience_s=5)  # it is not even asked: the wait is longer than the patience
        assert len(there.asked) == 1


async def test_retry_after_may_be_a_date() -> None:
    now = time.time()
    headers = {"retry-after": formatdate(now + 30, usegmt=True), "date": formatdate(now, usegmt=True)}
    async with venue(lambda _: (429, JSON | headers, b"{}")) as (rest, _):
        with pytest.raises(VenueUnavailable) as found:
            await rest.get("/a", patience_s=0)
        assert found.value.retry_after_s == pytest.approx(30, abs=1)


async def test_after_429_it_is_asked_again_when_it_may_be() -> None:
    def say(number: int) -> Reply:
        return (429, JSON | {"retry-after": "0"}, b"{}") if number < 3 else (200, JSON, b"[1]")

    async with venue(say) as (rest, there):
        assert await rest.get("/a", patience_s=5) == b"[1]"
        assert len(there.asked) == 3


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((503, JSON, b'{"msg":"Service unavailable"}'), "status 503.. It says: Service unavailable"),
        ((200, {"content-type": "text/html"}, b"<html>Welcome to the hotel"), "not Binance: it sends no JSON"),
        ((200, JSON, b'{"lastUpdateId":1,"bids":[["1'), "broke off"),
        ((302, {"location": "http://127.0.0.1:1/"}, b""), "they are not followed"),
        ((403, {"content-type": "text/html"}, b"<html>"), "status 403"),
        ((200, JSON, b"[" + b"1," * 2_000 + b"1]"), "more than 0 MB"),
    ],
)
async def test_what_is_no_answer_is_not_used(answer: Reply, text: str) -> None:
    async with venue(lambda _: answer) as (rest, _):
        with pytest.raises(VenueUnavailable, match=text):
            await rest.get("/a", patience_s=0, most_bytes=2_000)


async def test_a_wrong_request_is_told_in_the_venues_words_and_not_repeated() -> None:
    async with venue(lambda _: (400, JSON, b'{"code":-1121,"msg":"Invalid symbol."}')) as (rest, there):
        with pytest.raises(InvalidInput, match="Binance refuses the request: Invalid symbol"):
            await rest.get("/a", patience_s=9)
        assert len(there.asked) == 1


async def test_where_nobody_is_the_sentence_says_so() -> None:
    async with canned(lambda *_: (200, JSON, b"1")) as gone:
        pass
    rest = VenueRest("Binance", gone.url, LIMITS)
    with pytest.raises(VenueUnavailable, match="Nothing answers"):
        await rest.get("/a", patience_s=0)
    await rest.close()


async def test_after_its_end_nothing_is_asked_and_a_sentence_says_so() -> None:
    async with venue(lambda _: (200, JSON, b"1")) as (rest, there):
        await rest.close()
        with pytest.raises(VenueUnavailable, match="Binance is not connected any more"):
            await rest.get("/a", patience_s=0)
        assert not there.asked


@pytest.mark.parametrize(("cut", "is_whole"), [(None, True), (-1, False)])
async def test_a_large_answer_that_breaks_off_is_not_used(cut: int | None, is_whole: bool) -> None:
    body = (b"[" + b"1," * 600_000 + b"1]")[:cut]
    async with venue(lambda _: (200, JSON, body + b"\n")) as (rest, _):
        if is_whole:
            assert await rest.get("/a") == body + b"\n"
        else:
            with pytest.raises(VenueUnavailable, match="broke off"):
                await rest.get("/a", patience_s=0)


async def test_a_request_can_be_given_up() -> None:
    async with venue(lambda _: (503, JSON, b"{}")) as (rest, _):
        asking = asyncio.create_task(rest.get("/a", patience_s=60))
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


def test_remote_text_is_one_bounded_line() -> None:
    assert plain("a\x00b\n\u202ec  d" + "x" * 500) == "a b c d" + "x" * 192 + "…"
    assert sentence(b'{"error":["EQuery:Unknown asset pair"]}') == "EQuery:Unknown asset pair"
    assert sentence(b'{"message":"NotFound"}') == "NotFound"
    assert sentence(b"<html>") == sentence(b"[1]") == sentence(b"[" * 9_999) == ""
