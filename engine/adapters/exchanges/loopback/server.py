"""The loopback on a port of this machine: one venue's requests and sockets, and a way to ask for faults.

`/_loopback/…` is no part of any venue: `status`, `fault?drop=1%25`, `fault?clear`, `stage?speed=2`, `stage?play=10s`.
"""

from __future__ import annotations

import asyncio
import http
from types import TracebackType

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response

from engine.adapters.exchanges.loopback.connection import Connection
from engine.adapters.exchanges.loopback.control import control
from engine.adapters.exchanges.loopback.faults import Faults
from engine.adapters.exchanges.loopback.frame import Hangup
from engine.adapters.exchanges.loopback.houses import house_of
from engine.adapters.exchanges.loopback.played import moved
from engine.adapters.exchanges.loopback.stage import Stage
from engine.adapters.exchanges.loopback.told import Recorded, Told
from engine.adapters.exchanges.loopback.venue import Answer, Request, View
from engine.domain.number import Nanos
from engine.services.task import TaskOwner

HOST = "127.0.0.1"
BEAT_S = 0.1
PING_S, PONG_S = 20.0, 60.0
"""How often clients are pinged, and how long an answer may take (Binance)."""
CONTROL = "/_loopback/"


class Loopback:
    """One venue over a stage; `async with` it, or `start` and `close`.

    Args:
        stage: the market and its time; several venues may share one.
        venue: a name of `HOUSES`.
        faults: what is wrong; nothing if left out.
        ping_s: how often clients are pinged.
    """

    def __init__(
        self, stage: Stage, venue: str = "binance", *, faults: Faults | None = None, ping_s: float = PING_S
    ) -> None:
        self.stage, self.venue = stage, venue
        self.faults = Faults() if faults is None else faults
        self.faults.on_event = self._on_event
        view = View(stage.market, self._now, self.faults.pictured)
        self._house = house_of(venue, view, stage.source.venue)
        self._connections: set[Connection] = set()
        self._tasks = TaskOwner("loopback")
        self._server: Server | None = None
        self._ping_s = ping_s
        self.port = 0

    # From start to end

    async def start(self, port: int = 0) -> None:
        """Listen; `port` 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        self._server = await serve(
            self._serve, HOST, port, process_request=self._request, compression=None, max_size=1 << 20,
            ping_interval=self._ping_s, ping_timeout=PONG_S, close_timeout=1,
        )  # fmt: skip
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self._unlisten = self.stage.listen(self._tell)
        self._tasks.start(self._beat())

    async def close(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._unlisten()
            for connection in self._connections:
                connection.wake()
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        await self._tasks.join()

    async def __aenter__(self) -> Loopback:
        await self.start()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.close()

    # Where it is

    @property
    def rest_url(self) -> str:
        """Where requests go, without a path."""
        return f"http://{HOST}:{self.port}"

    @property
    def socket_url(self) -> str:
        """Where sockets go, without a path."""
        return f"ws://{HOST}:{self.port}"

    @property
    def clients(self) -> int:
        """Sockets that are open."""
        return len(self._connections)

    @property
    def waiting(self) -> int:
        """Frames that are not sent yet."""
        return sum(connection.waiting for connection in self._connections)

    @property
    def sent(self) -> int:
        """Frames that went out so far on the socket that had most."""
        return max((connection.sent for connection in self._connections), default=0)

    async def drained(self) -> None:
        """Wait until every client was sent what it has to know."""
        for connection in tuple(self._connections):
            await connection.drained()

    async def play(self, until: Nanos) -> None:
        """Let everything up to an instant happen, and wait until it is sent."""
        self.stage.play(until)
        await self.drained()

    def _now(self) -> Nanos:
        return Nanos(self.stage.now + self.faults.skew_ns)

    # What goes out

    def _tell(self, told: Told) -> None:
        if self.faults.skew_ns and not isinstance(told.what, Recorded):
            told = next(moved((told,), self.faults.skew_ns))
        for connection in self._connections:
            connection.tell(told)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            for connection in tuple(self._connections):
                connection.put(connection.session.beat(connection.open_s))

    def _on_event(self, name: str, seconds: float | None) -> None:
        for connection in tuple(self._connections):
            if name == "silence":
                connection.hush(seconds)
            elif name == "silence off":
                connection.wake()
            elif name == "shutdown":
                connection.put((*connection.session.farewell(), Hangup(1001, "")))
            elif name == "hangup":
                connection.put((Hangup(1001, "24 hours are over"),))

    # What comes in

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None, "the handshake is over"  # noqa: S101 - a promise of the library
        asked = Request.of(socket.request.path)
        session = self._house.session(asked.path, asked.query)
        assert session is not None, "other paths were refused"  # noqa: S101 - see `_request`
        connection = Connection(socket, session, self.faults, self._house.messages_per_s)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    def _request(self, _socket: ServerConnection, request: HttpRequest) -> Response | None:
        """Answer a plain request; None lets a socket be opened."""
        asked = Request.of(request.path, request.method)
        if asked.path.startswith(CONTROL):
            if not _is_of_this_machine(request.headers):
                return _response(Answer('{"error":"No page of a browser may do that."}', 403))
            return _response(control(asked, self.stage, self.faults, self.clients))
        if status := self.faults.take_limit():
            return _response(self._house.rest.refused(status, self.faults.retry_s))
        if "upgrade" in request.headers.get("Connection", "").lower():
            if self._house.session(asked.path, asked.query) is not None:
                return None
            return _response(Answer('{"msg":"Not Found"}', 404))
        return _response(self._house.rest.answer(asked))


def _is_of_this_machine(headers: Headers) -> bool:
    """Whether somebody at this machine asks, and no page that a browser shows there, under whatever name."""
    host = headers.get("Host", "").rpartition(":")[0]
    by_page = "Origin" in headers or headers.get("Sec-Fetch-Site", "none") != "none"
    return host in ("127.0.0.1", "localhost") and not by_page


def _response(answer: Answer) -> Response:
    body = answer.body.encode()
    headers = Headers({"Content-Type": "application/json;charset=UTF-8", **answer.headers})
    headers["Content-Length"] = str(len(body))
    headers["Connection"] = "close"
    return Response(answer.status, http.HTTPStatus(answer.status).phrase, headers, body)
