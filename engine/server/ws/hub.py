"""All clients of the streams: who may open a socket, whose time is over, who must go."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Hashable, Iterable

import msgspec

from engine.bus import Bus
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.clock import Clock
from engine.server.auth.port import AccessEnded
from engine.server.core.port import EventsMissed
from engine.server.principal import Principal
from engine.server.refusal import Refusal
from engine.server.settings import Streams
from engine.server.ws.channel import Channel
from engine.server.ws.client import Client
from engine.server.ws.counters import Counters
from engine.server.ws.frame import text_frame
from engine.server.ws.outlet import Outlet
from engine.services.task import TaskOwner
from engine.wire.stream import GOING_AWAY, SLOW_CONSUMER, UNAUTHORIZED, Expiring, Message

SWEEP_S = 1.0
"""How often clients are looked at."""

WARNING_NS = 60 * NANOS_PER_SECOND
"""How long before its end a session is told."""

_ENCODER = msgspec.json.Encoder()


class Hub:
    """The clients of one server process, whatever they speak; `start` it, `close` it."""

    def __init__(self, bus: Bus, clock: Clock, limits: Streams) -> None:
        self.limits, self.counters = limits, Counters()
        self.clients: dict[Client, None] = {}
        self._clock = clock
        self._by_address: Counter[Hashable] = Counter()
        self._by_user: Counter[Hashable] = Counter()
        self._tasks = TaskOwner("streams")
        self._subscriptions = (
            bus.subscribe(AccessEnded, self._on_revoked),
            bus.subscribe(EventsMissed, self._on_missed),
        )

    def start(self) -> None:
        """Look after the clients from now on."""
        self._tasks.start(self._run())

    async def close(self) -> None:
        """Send everybody away and look no more."""
        for subscription in self._subscriptions:
            subscription.close()
        await self._tasks.join()
        self.close_all()

    def open(self, outlet: Outlet, *, ip: str) -> Client:
        """Take a socket in, before or after the handshake.

        Raises:
            Refusal: too many of one address.
        """
        if self._by_address[ip] >= self.limits.sockets_per_address:
            self.counters.refused += 1
            raise Refusal(429, "too_many", "Too many sockets of your address are open.", retry_after_s=10.0)
        client = Client(outlet, ip, self.limits, self.counters)
        self.clients[client] = None
        self._by_address[ip] += 1
        self.counters.opened += 1
        self.counters.clients += 1
        return client

    def sign_in(self, client: Client, principal: Principal) -> None:
        """Let a socket act for somebody, again or for the first time.

        Raises:
            Refusal: too many sockets of one user, or it was somebody else's until now.
        """
        known = client.principal
        if known is not None and known.user_id != principal.user_id:
            raise Refusal(403, "forbidden", "This socket is somebody else's; open another one.")
        if known is None:
            if self._by_user[principal.user_id] >= self.limits.sockets_per_user:
                raise Refusal(429, "too_many", "Too many of your sockets are open.", retry_after_s=10.0)
            self._by_user[principal.user_id] += 1
            self.counters.signed_in += 1
        client.principal, client.warned = principal, False

    def check_room(self, client: Client, names: Iterable[str]) -> None:
        """Refuse what would be too many channels for one socket.

        Raises:
            Refusal: it would be.
        """
        if len({*client.channels, *names}) > self.limits.subscriptions:
            raise Refusal(429, "too_many", f"A socket listens to {self.limits.subscriptions} channels at most.")

    def listen(self, client: Client, channel: Channel) -> None:
        """Let a client listen to a channel, and show it what is there; twice is once.

        Raises:
            Refusal: as `check_room`.
        """
        if channel.name in client.channels or client.closing:
            return
        self.check_room(client, (channel.name,))
        client.channels[channel.name] = channel
        channel.add(client)

    def leave(self, client: Client, names: Iterable[str]) -> None:
        """Let a client listen to these no more."""
        for name in names:
            channel = client.channels.pop(name, None)
            if channel is not None:
                channel.remove(client)

    def drop(self, client: Client) -> None:
        """Forget a client whose socket has ended; twice is once."""
        if self.clients.pop(client, self) is self:
            return
        self.leave(client, tuple(client.channels))
        if client.outlet.failed:
            self.counters.closed[client.outlet.failed] += 1
        self.counters.clients -= 1
        _count_down(self._by_address, client.ip)
        if client.principal is not None:
            _count_down(self._by_user, client.principal.user_id)
            self.counters.signed_in -= 1
        client.closing = True

    def close_all(self) -> None:
        """Tell everybody that the server stops."""
        for client in tuple(self.clients):
            client.close(GOING_AWAY, "The server stops; come back soon.")

    def sweep(self) -> None:
        """Send away who reads nothing and whose time is over; warn whose time is almost over."""
        now, wall = time.monotonic(), self._clock.wall()
        for client in tuple(self.clients):
            if client.is_stalled(now):
                client.close(SLOW_CONSUMER, "You do not read.")
            principal = client.principal
            if principal is None or principal.expires_at - wall > WARNING_NS:
                continue
            if principal.expires_at <= wall:
                client.close(UNAUTHORIZED, "Your session's time is over; sign in again.")
            elif not client.warned:
                client.warned = True
                at_ms = principal.expires_at // 1_000_000
                warning = Message(ch="session", type="expiring", ts=wall // 1_000_000, data=Expiring(at_ms))
                client.tell(text_frame(_ENCODER.encode(warning)))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep()

    def _on_revoked(self, event: AccessEnded) -> None:
        for client in tuple(self.clients):
            if client.principal is not None and _is_ended(client.principal, event.subjects):
                client.close(UNAUTHORIZED, "Your session was ended; sign in again.")

    def _on_missed(self, _event: EventsMissed) -> None:
        """Let those who follow an account come again: what they were not told they find by asking."""
        for client in tuple(self.clients):
            if client.principal is not None:
                client.close(GOING_AWAY, "Events were missed here; come back and read what happened.")


def _count_down(counts: Counter[Hashable], key: Hashable) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]


def _is_ended(principal: Principal, subjects: frozenset[str]) -> bool:
    """Whether somebody may not go on: the session or key is named, or it is a key of a user of whom something changed.

    Of a user alone is told when a role changes, or the user is locked, which names the sessions too.
    """
    if principal.key_id is not None:
        named = {"*", f"user:{principal.user_id}", f"key:{principal.key_id}"}
    else:
        named = {"*", f"session:{principal.session_id}"}
    return not named.isdisjoint(subjects)
