"""What may be asked of `/v1/ws`, and how a socket ends; over real sockets and a small market."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.server.auth.port import AccessEnded
from engine.server.principal import Scope
from tests.engine.server.ws.served import Served, end_of, listening, streams_of, trader
from tests.engine.server.ws.small import SmallCore


@pytest.fixture
async def core() -> SmallCore:
    return SmallCore()


@pytest.fixture
async def server(core: SmallCore) -> AsyncIterator[Served]:
    async with streams_of(core, subscriptions=4, sockets_per_user=2, message_bytes=2_000, asks_per_s=200) as each:
        yield each


async def test_asks_are_answered_in_order_under_their_own_numbers(server: Served) -> None:
    async with listening(server.url) as client:
        first = await client.ask("ping", id=7)
        second = await client.ask("subscribe", id=8, channels=["book:BTC/USDT", "trades:ETH/USDT"])
        third = await client.ask("unsubscribe", id=9, channels=["book:BTC/USDT"])

    assert first == {"op": "ping", "ok": True, "id": 7, "text": "pong"}
    assert second == {"op": "subscribe", "ok": True, "id": 8, "channels": ["book:BTC/USDT", "trades:ETH/USDT"]}
    assert third == {"op": "unsubscribe", "ok": True, "id": 9, "channels": ["trades:ETH/USDT"]}


NONSENSE: tuple[tuple[str | bytes, str], ...] = (
    ("{", "cannot be used"),
    ("[" * 1_900, "cannot be used"),
    ('{"op":"ping","more":1}', "unknown field"),
    ('{"op":1}', "Expected `str`"),
    ('{"op":"dance"}', "no op 'dance'"),
    ('{"op":"subscribe"}', "at least one"),
    ('{"op":"subscribe","channels":["gossip"]}', "no channel 'gossip'"),
    ('{"op":"subscribe","channels":["book:XYZ/USDT"]}', "XYZ/USDT is not traded"),
    ('{"op":"subscribe","channels":["book:"]}', "is not traded"),
    ('{"op":"subscribe","channels":["status:x"]}', "no channel"),
    ('{"op":"subscribe","channels":["orders"]}', "Sign in"),
    ('{"op":"subscribe","channels":["a","b","c","d","e"]}', "4 channels"),
    ('{"op":"unsubscribe","channels":["status"]}', "do not listen"),
    ('{"op":"auth"}', "ticket"),
    ('{"op":"auth","ticket":"of another time"}', "not good"),
    (b"\x00\x01", "Only text"),
    ('{"op":"subscribe","channels":["bars:BTC/USDT"]}', "a timeframe"),
    ('{"op":"subscribe","channels":["bars:BTC/USDT:2m"]}', "no timeframe"),
    ('{"op":"subscribe","channels":["bars:XYZ/USDT:1m"]}', "is not traded"),
)


async def test_what_cannot_be_used_is_refused_in_a_sentence_and_the_socket_lives_on(server: Served) -> None:
    for sent, said in NONSENSE:
        async with listening(server.url) as client:
            await client.socket.send(sent)
            reply = await client.reply()
            after = await client.ask("ping")

        assert reply["ok"] is False
        assert said in reply["text"], sent
        assert reply.get("channels", []) == []
        assert after["ok"] is True


async def test_a_list_of_channels_of_which_one_is_unknown_subscribes_to_none(server: Served) -> None:
    async with listening(server.url) as client:
        reply = await client.ask("subscribe", channels=["book:BTC/USDT", "book:XYZ/USDT"])
        after = await client.ask("ping")

    assert (reply["ok"], after.get("channels")) == (False, None)


async def test_who_sends_nothing_but_nonsense_is_sent_away_and_counted(server: Served) -> None:
    async with connect(server.url) as socket:
        for _ in range(20):
            await socket.send("{")
        assert await end_of(socket) == 1008

    assert server.services.hub.counters.malformed == 20
    assert server.services.hub.counters.closed[1008] == 1


async def test_more_messages_a_second_than_allowed_are_refused(core: SmallCore) -> None:
    async with streams_of(core, asks_per_s=5) as server, listening(server.url) as client:
        replies = [await client.ask("ping") for _ in range(8)]

    assert [each["ok"] for each in replies[:5]] == [True] * 5
    assert "5 messages a second" in replies[-1]["text"]


async def test_web_pages_of_unknown_origin_are_refused_and_programs_and_named_pages_are_not(server: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(server.url, origin="https://evil.test"):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403
    assert b"origin" in refused.value.response.body

    async with connect(server.url, origin="https://desk.test") as socket:  # type: ignore[arg-type]
        await socket.send('{"op":"ping"}')
        assert "pong" in str(await socket.recv())


async def test_more_sockets_of_one_address_than_allowed_are_refused_and_a_closed_one_makes_room(
    core: SmallCore,
) -> None:
    async with streams_of(core, sockets_per_address=2) as server:
        async with connect(server.url), connect(server.url):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(server.url):
                    pass
        async with asyncio.timeout(3):
            while server.services.hub.clients:  # noqa: ASYNC110 - the server's side of the goodbye
                await asyncio.sleep(0.01)
        async with connect(server.url):
            pass

    assert refused.value.response.status_code == 429


async def test_a_ticket_opens_once_and_three_bad_ones_close_the_socket(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "engine.server.ws")
    ticket = server.door.issue(trader(1))
    async with listening(server.url) as client, listening(server.url) as thief:
        assert (await client.ask("auth", ticket=ticket))["ok"]
        assert not (await thief.ask("auth", ticket=ticket))["ok"]
        await thief.ask("auth", ticket="guess")
        await thief.socket.send('{"op":"auth","ticket":"guess"}')

        assert await end_of(thief.socket) == 4001
        assert (await client.ask("ping"))["ok"]
    told = [(each.message, each.status, each.who) for each in caplog.records]  # type: ignore[attr-defined] # from extra
    assert told == [("request refused", 401, "127.0.0.1")] * 3
    assert ticket not in caplog.text


async def test_an_account_can_be_chosen_among_ones_own_only(server: Served) -> None:
    async with listening(server.url) as client:
        mine = await client.ask("auth", ticket=server.door.issue(trader(1, "a", "b")), account="b")
        again = await client.ask("auth", ticket=server.door.issue(trader(1, "a", "b")))
        theirs = await client.ask("auth", ticket=server.door.issue(trader(1, "a", "b")), account="c")
        other = await client.ask("auth", ticket=server.door.issue(trader(2, "c")), account="c")

    assert (mine["ok"], mine["text"]) == (True, "Signed in for b.")
    assert again["text"] == "Signed in for b."
    assert (theirs["ok"], theirs["text"]) == (False, "You have no such account.")
    assert (other["ok"], other["text"]) == (False, "This socket is somebody else's; open another one.")


async def test_a_key_that_may_not_read_signs_nobody_in(server: Served) -> None:
    blind = trader(1, scopes=frozenset({Scope.TRADE}), key_id=4, session_id=None)
    async with listening(server.url) as client:
        reply = await client.ask("auth", ticket=server.door.issue(blind))

    assert (reply["ok"], reply["text"]) == (False, "This key may not read.")


async def test_more_sockets_of_one_user_than_allowed_are_refused(server: Served) -> None:
    async with listening(server.url) as one, listening(server.url) as two, listening(server.url) as three:
        replies = [await each.ask("auth", ticket=server.door.issue(trader(1))) for each in (one, two, three)]

    assert [each["ok"] for each in replies] == [True, True, False]


def in_seconds(seconds: float) -> Nanos:
    return Nanos(time.time_ns() + int(seconds * 1e9))


async def test_who_is_warned_signs_in_again_on_the_same_socket_and_stays(server: Served) -> None:
    async with listening(server.url) as client:
        await client.ask("auth", ticket=server.door.issue(trader(1, expires_at=in_seconds(30))))
        server.services.hub.sweep()
        server.services.hub.sweep()
        warning = await client.until(lambda each: each["type"] == "expiring")
        await client.ask("auth", ticket=server.door.issue(trader(1, expires_at=in_seconds(600))))
        server.services.hub.sweep()
        reply = await client.ask("ping")

    assert warning["ch"] == "session"
    assert 28_000 < warning["data"]["expires_ms"] - time.time_ns() // 1_000_000 <= 30_000
    assert reply["ok"]
    assert len(client.heard) == 1


async def test_a_session_whose_time_is_over_is_closed_though_a_stranger_stays(server: Served) -> None:
    async with listening(server.url) as client, listening(server.url) as stranger:
        await client.ask("auth", ticket=server.door.issue(trader(1, expires_at=in_seconds(-1))))

        assert await end_of(client.socket) == 4001
        assert (await stranger.ask("ping"))["ok"]


@pytest.mark.parametrize(
    ("subject", "ended"),
    [
        ("*", ["session", "key", "other"]),
        ("user:1", ["key"]),
        ("session:s1", ["session"]),
        ("key:3", ["key"]),
        ("session:None", []),
        ("user:3", []),
    ],
)
async def test_who_may_no_longer_is_closed_at_once_and_nobody_else(
    core: SmallCore, server: Served, subject: str, ended: list[str]
) -> None:
    sockets: dict[str, ClientConnection] = {}
    people = {
        "session": trader(1),
        "key": replace(trader(1), session_id=None, key_id=3),
        "other": trader(2),
    }
    async with AsyncExitStack() as stack:
        for name, person in people.items():
            client = await stack.enter_async_context(listening(server.url))
            await client.ask("auth", ticket=server.door.issue(person))
            sockets[name] = client.socket

        core.bus.publish(AccessEnded(frozenset({subject})))

        for name, socket in sockets.items():
            if name in ended:
                assert await end_of(socket) == 4001
            else:
                await socket.send('{"op":"ping"}')
                assert "pong" in str(await socket.recv())


async def test_the_state_of_the_market_is_told_at_once_and_when_it_changes(core: SmallCore, server: Served) -> None:
    async with listening(server.url, "status") as client:
        now = await client.until(lambda each: each["ch"] == "status")
        core.say(FeedState.PAUSED, "The disk is full.")
        later = await client.until(lambda each: each["data"]["state"] == "paused")

    assert now["data"]["state"] == "synced"
    assert later["data"]["text"] == "The disk is full."


async def test_a_server_that_stops_says_so_even_to_who_does_not_read(core: SmallCore) -> None:
    async with streams_of(core) as server:
        reader = await connect(server.url)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2.5
    assert await end_of(reader) == 1001


async def test_nobody_is_left_over(core: SmallCore) -> None:
    before = core.bus.subscriber_count
    async with streams_of(core) as server:
        async with listening(server.url, "book:BTC/USDT", "status") as client:
            await client.ask("auth", ticket=server.door.issue(trader(1)))
            await client.ask("subscribe", channels=["orders", "journal"])
        async with asyncio.timeout(3):
            while server.services.hub.clients:  # noqa: ASYNC110 - the server's side of the goodbye
                await asyncio.sleep(0.01)
        counters, channels = server.services.hub.counters, server.services.channels
        assert (channels.open, counters.clients, counters.signed_in) == (0, 0, 0)

    assert core.bus.subscriber_count == before
