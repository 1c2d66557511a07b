"""uvicorn's WebSocket protocol with the door that the hub writes through.

uvicorn's `send` is a coroutine that waits while the socket's buffer is full, so a server of a thousand clients would
need a task for each, and could not even say goodbye to one that reads nothing. Here frames are written to the
transport at once, and the hub is told when a buffer is full and when there is room again. A closing socket that does
not empty is cut off after `LINGER_S`.
"""

from __future__ import annotations

import socket
from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

from engine.server.settings import ServerSettings
from engine.server.ws.outlet import EXTENSION
from engine.wire.stream import GOING_AWAY

HIGH_WATER_BYTES = 65_536
"""More than this in the transport's buffer and newer messages wait, where they can be replaced."""

KERNEL_BYTES = 262_144
"""The kernel's send buffer: what lies there can no longer be replaced."""

NO_ANSWER, INVALID_DATA = 1011, 1007
"""Close codes: no pong in time; text that is none."""

LINGER_S = 3.0
"""How long a socket that was closed may take to end."""


class StreamProtocol(WebSocketsSansIOProtocol):
    """One WebSocket; the `Outlet` of its client."""

    full = False
    failed = 0
    on_room: Callable[[], None] = staticmethod(lambda: None)

    def connection_made(self, transport: BaseTransport) -> None:
        """Keep the buffers small, so that old messages do not pile up in them."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)

    def handle_connect(self, event: Any) -> None:  # noqa: ANN401 - the handshake's request, as uvicorn passes it
        """Begin the application with this outlet in its scope."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def write(self, frame: bytes) -> None:
        """Send a whole frame."""
        if not self.close_sent and not self.disconnected and self.conn.state is State.OPEN:
            self.transport.write(frame)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and cut off if that does not arrive."""
        if self.close_sent or self.disconnected or self.conn.state is not State.OPEN:
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # the other side's goodbye must be read
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.abort)

    def shutdown(self) -> None:
        """The server stops: say so with the code for it."""
        if self.handshake_complete:
            self.close(GOING_AWAY, "The server stops; come back soon.")
        else:
            super().shutdown()

    def keepalive_timeout(self) -> None:
        """No sign of life: end it, without waiting for a buffer that nobody empties."""
        super().keepalive_timeout()
        self.failed = NO_ANSWER
        self.loop.call_later(LINGER_S, self.transport.abort)

    def handle_close(self, event: Frame) -> None:
        """The other side says goodbye; cut off if its socket does not end."""
        super().handle_close(event)
        if self.close_timer is None and not self.disconnected:
            self.close_timer = self.loop.call_later(LINGER_S, self.transport.abort)

    def handle_parser_exception(self) -> None:
        """What was received is no WebSocket: uvicorn has said why; cut off if that does not arrive."""
        super().handle_parser_exception()
        self.failed = self.conn.close_sent.code if self.conn.close_sent is not None else 0
        self.loop.call_later(LINGER_S, self.transport.abort)

    def send_receive_event_to_app(self) -> None:
        """Take a whole message; text that is no UTF-8 ends the socket, without a word in the log of errors."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.fail(INVALID_DATA, "no UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def pause_writing(self) -> None:
        """The buffer is full."""
        super().pause_writing()
        self.full = True

    def resume_writing(self) -> None:
        """There is room again."""
        super().resume_writing()
        self.full = False
        self.on_room()


def stream_options(settings: ServerSettings) -> dict[str, Any]:
    """Return uvicorn's options for WebSockets."""
    streams = settings.streams
    return {
        "ws": StreamProtocol,
        "ws_max_size": streams.message_bytes,
        "ws_ping_interval": streams.ping_s,
        "ws_ping_timeout": streams.pong_s,
        "ws_per_message_deflate": False,
    }
