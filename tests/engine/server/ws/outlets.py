"""A socket in memory, whose other side reads when a test says so."""

from __future__ import annotations

from collections.abc import Callable

from engine.server.settings import Streams
from engine.server.ws.client import Client
from engine.server.ws.counters import Counters


class MemoryOutlet:
    """An `Outlet` with room for so many frames between two reads."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.room = room
        self.full = room <= 0
        self.on_room: Callable[[], None] = lambda: None
        self.failed = 0
        self.got: list[str] = []
        """Payloads, in order."""
        self.closed: tuple[int, str] | None = None

    def write(self, frame: bytes) -> None:
        """Take a frame; it must not come when there is no room, nor after the end."""
        assert not self.full
        assert self.closed is None
        self.got.append(payload_of(frame))
        self.room -= 1
        self.full = self.room <= 0

    def close(self, code: int, reason: str) -> None:
        """Take the end."""
        self.closed = (code, reason)

    def read(self, room: int = 1_000_000) -> None:
        """Make room, as a client that reads does."""
        self.room, self.full = room, room <= 0
        if not self.full:
            self.on_room()


def payload_of(frame: bytes) -> str:
    """Return the text of a server's frame (RFC 6455, section 5.2)."""
    assert frame[0] == 0x81
    size, at = frame[1], 2
    if size == 126:
        size, at = int.from_bytes(frame[2:4], "big"), 4
    elif size == 127:
        size, at = int.from_bytes(frame[2:10], "big"), 10
    assert len(frame) == at + size
    return frame[at:].decode()


def client_over(outlet: MemoryOutlet, **limits: int) -> Client:
    """Return a client of the streams over a socket in memory."""
    return Client(outlet, "127.0.0.1", Streams(**limits), Counters())
