"""The HTTP connection with its deadlines and bounds: what uvicorn leaves to a proxy in front.

The head of a request has 64 KB and 10 s to arrive, its body 10 s more; whoever is slower is told 408 and hung up on,
and holds up nobody else meanwhile. An address has so many connections, all of them together so many.
"""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import Any, Literal, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from engine.server.http.address import network_of
from engine.server.http.reply import SECURITY, problem_parts
from engine.server.http.whole import answering
from engine.server.limits.doorkeeper import Doorkeeper
from engine.server.refusal import Refusal

GRACE_S = 1.0
"""How much later than the application, which can answer properly, the connection gives up on a body."""

MOST_HEAD = 65_536
"""Bytes of request line and headers."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection; what is not here is set by `guarded`."""

    keeper: Doorkeeper
    head_s: float
    body_s: float

    _net = ""
    _deadline: asyncio.TimerHandle | None = None
    _reading: Literal["head", "body", ""] = ""
    """What of a request has not come whole."""
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Begin to wait for a head, unless there are too many connections."""
        super().connection_made(transport)
        net = network_of(self.client[0]) if self.client else "unknown"
        if not self.keeper.lets_in(net):
            self._hang_up(Refusal(503, "too_many_connections", "There are too many connections; close some."))
            return
        self._net = net
        self._reading = "head"
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop_waiting()
        if self._net:
            self.keeper.left(self._net)
            self._net = ""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, within bounds; a clock runs only while something has not come whole."""
        if not self._reading and self.parser is not None and (self.cycle is None or self.cycle.response_complete):
            self._reading, self._head_bytes = "head", 0
        if self._reading == "head":
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._reading or self.transport.is_closing():
            return
        if self._reading == "head" and self._head_bytes > MOST_HEAD:
            self._hang_up(Refusal(431, "head_too_large", f"Headers have at most {MOST_HEAD:,} bytes here."))
        elif self._deadline is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Wait for the body from now on."""
        self._stop_waiting("body")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing."""
        self._stop_waiting()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand over to the WebSocket, which stays counted until its connection ends."""
        self._stop_waiting()
        net, keeper, self._net = self._net, self.keeper, ""
        super().handle_websocket_upgrade()
        successor: Any = self.transport.get_protocol()
        lost = successor.connection_lost

        def connection_lost(exc: Exception | None) -> None:
            keeper.left(net)
            lost(exc)

        successor.connection_lost = connection_lost

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - as uvicorn types it
        super()._start_asgi_task(cycle, answering(cycle, app))

    def send_400_response(self, msg: str) -> None:
        """Answer to what is no HTTP, as a problem."""
        self._hang_up(Refusal(400, "bad_request", "That is no HTTP request."))

    def _wait(self) -> None:
        within_s = self.head_s if self._reading == "head" else self.body_s
        self._deadline = self.loop.call_later(within_s, self._too_slow, self._reading)

    def _stop_waiting(self, then: Literal["body", ""] = "") -> None:
        self._reading = then
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self, what: str) -> None:
        self._deadline = None
        self.keeper.timed_out += 1
        if what == "head" and not self._head_bytes:
            self.transport.close()  # nothing was asked, so nothing is answered
        elif what == "body" and self.cycle is not None and self.cycle.response_started:
            self.transport.close()
        else:
            self._hang_up(Refusal(408, "too_slow", f"The {what} of the request took too long to arrive."))

    def _hang_up(self, refusal: Refusal) -> None:
        """Answer and close, whatever the application is about to say."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        request_id = token_hex(8)
        status, headers, body = problem_parts(refusal, request_id)
        headers += [
            *SECURITY, (b"cache-control", b"no-store"), (b"connection", b"close"),
            (b"x-request-id", request_id.encode()),
            (b"x-ratelimit-limit", b"0"), (b"x-ratelimit-remaining", b"0"), (b"x-ratelimit-reset", b"0"),
        ]  # fmt: skip
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", body]))
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def guarded(keeper: Doorkeeper, timeout_s: float) -> type[asyncio.Protocol]:
    """Return the protocol for a server whose connections this keeper counts; head and body have `timeout_s` each."""
    own = {"keeper": keeper, "head_s": timeout_s, "body_s": timeout_s + GRACE_S}
    return cast(type[asyncio.Protocol], type("Guarded", (GuardedProtocol,), own))
