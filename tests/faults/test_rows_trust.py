"""A desktop and what answers in place of its server: nobody, somebody else, a web page, another version, a busy one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from engine.adapters.crs.clock import ServerClock
from engine.adapters.crs.http import CrsHttp
from engine.adapters.crs.link import Frame
from engine.adapters.crs.records import record_of
from engine.adapters.secrets.memory import MemorySecrets
from engine.adapters.sql.canonical import encode
from engine.bus import Bus
from engine.domain.command import ListPair
from engine.domain.event import OrderAccepted
from engine.errors import (
    InvalidInput,
    NotACrsServer,
    ServerUntrusted,
    VenueUnavailable,
    VersionMismatch,
)
from engine.market.catalogue import PAIRS
from engine.services.session import ServerSession, SessionState
from engine.wire.account import JournalRecord
from engine.wire.auth import Ticket
from engine.wire.market import Book, ServerTime, Version
from tests.engine.adapters.crs.authority import Authority
from tests.engine.adapters.crs.canned import JSON, PROBLEM, TIME, VERSION, Reply, canned
from tests.engine.adapters.crs.running_server import PASSWORD, RunningServer, running_server
from tests.engine.server.harness import free_port

pytestmark = pytest.mark.integration

HTML = {"content-type": "text/html"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server") / "data") as found:
        yield found


def always(status: int, headers: dict[str, str], body: bytes) -> Callable[[str, str], Reply]:
    return lambda _method, _path: (status, headers, body)


def off_by(seconds: float) -> float:
    return time.time() + seconds


async def refused(http: CrsHttp, kind: type[VenueUnavailable]) -> str:
    """Return why a server cannot be met."""
    try:
        with pytest.raises(kind) as raised:
            await http.meet()
        assert type(raised.value) is kind
        return str(raised.value)
    finally:
        await http.close()


async def test_row_42_what_answers_instead_of_the_server_is_told_apart_and_never_taken_for_data(
    tmp_path: Path,
) -> None:
    authority, stranger = Authority(tmp_path), Authority(tmp_path)
    trusting = authority.trusting()
    said: dict[str, str] = {}

    def http(url: str, *, tls: bool = False) -> CrsHttp:
        return CrsHttp(url, version="0.1.0", tls=trusting if tls else None, timeout_s=3)

    said["no name"] = await refused(http("https://no-such-host.invalid"), VenueUnavailable)
    said["nobody"] = await refused(http(f"http://127.0.0.1:{free_port()}"), VenueUnavailable)
    served = always(200, JSON, VERSION)
    for name, settings in {
        "expired": authority.server(since=-3, until=-1),
        "not yet": authority.server(since=1, until=3),
        "wrong host": authority.server(names=("elsewhere.test",)),
        "unknown signer": stranger.server(),
    }.items():
        async with canned(served, settings) as found:
            said[name] = await refused(http(f"https://127.0.0.1:{found.port}", tls=True), ServerUntrusted)
            assert found.asked == [], "nothing was sent"
    async with canned(served) as found:
        said["no TLS"] = await refused(http(f"https://127.0.0.1:{found.port}", tls=True), ServerUntrusted)
    for name, reply in {
        "portal": (200, HTML, b"<html>Welcome to the hotel</html>"),
        "sent elsewhere": (302, {"location": "http://portal.hotel/login"}, b""),
        "other program": (200, JSON, b'{"hello":"world"}'),
        "no JSON": (200, {"content-type": "text/plain"}, b"ok"),
    }.items():
        async with canned(always(*reply)) as found:
            said[name] = await refused(http(found.url), NotACrsServer)

    assert len(set(said.values())) == len(said), said
    assert all(text.endswith(".") for text in said.values())
    assert "portal.hotel" in said["sent elsewhere"]


async def test_row_42_a_good_certificate_is_taken(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pages = {"/v1/version": VERSION, "/v1/time": TIME}
    async with canned(lambda _method, path: (200, JSON, pages[path]), authority.server()) as found:
        http = CrsHttp(f"https://127.0.0.1:{found.port}", version="0.1.0", tls=authority.trusting())
        assert (await http.meet()).market == "demo"
        await http.close()


@pytest.mark.parametrize("url", ["http://exchange.example.org", "http://10.0.0.7:8080", "ftp://127.0.0.1", "https://"])
def test_row_42_passwords_never_travel_in_the_open(url: str) -> None:
    with pytest.raises(InvalidInput):
        CrsHttp(url, version="0.1.0")


@pytest.mark.parametrize(("status", "wait"), [(429, "2"), (418, "2"), (429, "date")])
async def test_row_43_a_server_that_asks_to_slow_down_is_left_in_peace(status: int, wait: str) -> None:
    problem = b'{"type":"/problems/too_many","title":"-","status":429,"detail":"Too many requests."}'
    headers = {**PROBLEM, "retry-after": wait}
    if wait == "date":
        headers |= {"date": "Sun, 29 Nov 2026 10:00:00 GMT", "retry-after": "Sun, 29 Nov 2026 10:00:02 GMT"}
    async with canned(always(status, headers, problem)) as found:
        http = CrsHttp(found.url, version="0.1.0")
        for _ in range(3):
            with pytest.raises(VenueUnavailable, match="slow down") as raised:
                await http.call("GET", "/v1/markets", ServerTime, signed=False)
            assert 1 < (raised.value.retry_after_s or 0) <= 2
        assert len(found.asked) == 1, "asked once, then not again before its time"
        with pytest.raises(VenueUnavailable):
            await http.call("POST", "/v1/auth/login", ServerTime, signed=False)
        assert len(found.asked) == (1 if status == 418 else 2), "a ban is for everything, a limit for its kind"
        with pytest.raises(VenueUnavailable):
            await http.call("DELETE", "/v1/orders", signed=False)
        assert found.asked[-1] == ("DELETE", "/v1/orders"), "cancels are always tried"
        await http.close()


async def test_row_30_a_clock_that_is_six_minutes_off_signs_in_and_stays_signed_in(server: RunningServer) -> None:
    email, _ = server.person(usdt=0)
    for skew_s in (360.0, -360.0):
        http = CrsHttp(server.url, version="0.1.0")
        http.clock = ServerClock(wall=partial(off_by, skew_s))
        session = ServerSession(http, MemorySecrets(), Bus())
        await http.meet()
        await session.sign_in(email, PASSWORD)
        first = await session.token()
        session._renewed = float("-inf")
        assert await session.token(renew=True) != first
        assert session.state is SessionState.SIGNED_IN
        assert abs(http.clock.skew_ms - skew_s * 1000) < 500
        await http.close()


async def test_row_30_without_a_measured_clock_the_server_says_so_and_it_is_measured(server: RunningServer) -> None:
    email, _ = server.person(usdt=0)
    http = CrsHttp(server.url, version="0.1.0")
    http.clock = ServerClock(wall=partial(off_by, 360))
    session = ServerSession(http, MemorySecrets(), Bus())
    await session.sign_in(email, PASSWORD)
    session._renewed = float("-inf")

    await session.token(renew=True)

    assert http.clock.is_measured
    assert session.state is SessionState.SIGNED_IN
    await http.close()


async def test_row_37_a_server_that_is_too_new_says_which_version_it_needs() -> None:
    pages = {"/v1/version": b'{"version":"9.0.0","oldest_client":"0.10.0","market":"demo","more":1}', "/v1/time": TIME}
    async with canned(lambda _method, path: (200, JSON, pages[path])) as found:
        for version, good in (("0.9.9", False), ("0.10.0", True), ("1.0.0", True)):
            http = CrsHttp(found.url, version=version)
            if good:
                await http.meet()
            else:
                with pytest.raises(VersionMismatch, match=r"needs CRS Desktop 0\.10\.0 or newer; this is 0\.9\.9"):
                    await http.meet()
            await http.close()


FROM_A_NEWER_SERVER: dict[type, bytes] = {
    Version: b'{"version":"2.0.0","oldest_client":"0.1.0","market":"demo","motto":"x","links":{"a":[1]}}',
    ServerTime: b'{"time_ms":1,"market_ms":1,"leap":false}',
    Ticket: b'{"ticket":"t","expires_ms":5,"uses":2}',
    Book: b'{"symbol":"A/B","seq":3,"at_ms":1,"bids":[["1","2"]],"asks":[],"checksum":7}',
    Frame: b'{"ch":"book:A/B","type":"diff","ts":1,"data":{"x":1},"seq":3,"flags":["new"],"shard":4}',
}
"""Golden answers of a later version: more fields than this one knows."""


@pytest.mark.parametrize("kind", FROM_A_NEWER_SERVER, ids=lambda kind: kind.__name__)
def test_row_37_fields_that_a_newer_server_adds_are_ignored(kind: type) -> None:
    assert msgspec.json.decode(FROM_A_NEWER_SERVER[kind], type=kind)


def test_row_37_records_of_a_newer_server_are_understood_as_far_as_they_go() -> None:
    listed = ListPair(PAIRS[0].pair)
    plain = msgspec.json.decode(encode(listed))
    plain["pair"]["base"]["chain"] = "bitcoin"
    plain["pair"]["funding"] = {"hours": 8}
    accepted = {
        "account": "U-1", "order_id": "a", "number": 1, "at": 5, "route": "fast",
        "order": {
            "account": "U-1", "order_id": "a", "symbol": "BTC/USDT", "side": "buy", "order_type": "limit", "qty": 3,
            "price": 7, "tif": "GTC", "stp": "none", "tags": ["x"],
        },
    }  # fmt: skip

    assert record_of(JournalRecord(1, 1, "ListPair", plain)) == listed
    found = record_of(JournalRecord(2, 5, "OrderAccepted", accepted))
    assert isinstance(found, OrderAccepted)
    assert (found.order.qty, found.order.price) == (3, 7)
    with pytest.raises(VersionMismatch, match="MarginCalled"):
        record_of(JournalRecord(3, 5, "MarginCalled", {"account": "U-1"}))
    with pytest.raises(NotACrsServer):
        record_of(JournalRecord(4, 5, "OrderAccepted", {"account": "U-1", "number": "many"}))
