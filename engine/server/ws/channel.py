"""A channel: one stream of messages, the same bytes for everybody who listens."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from engine.server.ws.frame import text_frame

if TYPE_CHECKING:
    from engine.server.ws.client import Client

ONLY: Hashable = ""
"""The key of a channel that shows one thing."""


class Channel:
    """A named stream. Messages are encoded before they come here, once, whoever listens.

    A message either must reach everybody (`publish`) or only counts while it is the newest of its key (`replace`):
    a client that does not keep up gets the newest one when it reads again. `fresh` makes a whole new picture for
    such a client, and for whoever comes; without it that is the last message.
    """

    __slots__ = ("_fresh", "_last", "clients", "name", "on_empty")

    def __init__(
        self,
        name: str,
        *,
        fresh: Callable[[], bytes | None] | None = None,
        on_empty: Callable[[Channel], None] | None = None,
    ) -> None:
        self.name = name
        self.clients: dict[Client, None] = {}
        """Who listens, in the order of coming."""
        self.on_empty = on_empty
        """Called when the last one has gone."""
        self._fresh = fresh
        self._last: dict[Hashable, bytes] = {}

    def publish(self, payload: bytes) -> None:
        """Send a message that nobody may miss; it ends what waits of the channel, for that is older."""
        self._last.clear()
        frame = text_frame(payload)
        for client in self.clients:
            client.forget(self)
            client.tell(frame)

    def replace(self, payload: bytes, key: Hashable = ONLY) -> None:
        """Send a message of which only the newest counts."""
        frame = text_frame(payload)
        if self._fresh is None:
            self._last[key] = frame
        for client in self.clients:
            client.offer(self, key, frame)

    def newest(self, key: Hashable = ONLY) -> bytes | None:
        """Return the frame for a client that missed some; None if there is nothing to show."""
        if self._fresh is None:
            return self._last.get(key)
        payload = self._fresh()
        return None if payload is None else text_frame(payload)

    def add(self, client: Client) -> None:
        """Let a client listen, and show it what is there."""
        self.clients[client] = None
        if self._fresh is not None:
            frame = self.newest()
            if frame is not None:
                client.offer(self, ONLY, frame)
        else:
            for key, frame in self._last.items():
                client.offer(self, key, frame)

    def remove(self, client: Client) -> None:
        """Let a client listen no more."""
        if self.clients.pop(client, self) is self:
            return
        client.forget(self)
        if not self.clients and self.on_empty is not None:
            self.on_empty(self)
