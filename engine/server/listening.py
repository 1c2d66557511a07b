"""Sockets that are taken before anything else, and uvicorn servers that stop when we say so.

uvicorn takes over the signals of a process and raises them again at its end, which would make a drained end look like
a crash. Here the program keeps its signals, and every server of it stops in order.
"""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from engine.errors import InvalidInput, VenueUnavailable

ENDS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def taken(host: str, port: int, option: str = "--port") -> Iterator[socket.socket]:
    """Lend a socket that has an address and does not listen yet; `option` is how another one is chosen.

    Raises:
        VenueUnavailable: somebody else listens there.
        InvalidInput: there is no such address here, or the system keeps it to itself.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken_socket = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise InvalidInput(f"The server cannot listen on {host}: {error}.") from error
    with taken_socket:
        if sys.platform != "win32":  # there it would let two servers share a port
            taken_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken_socket.bind(address)
        except (OSError, OverflowError) as error:
            if getattr(error, "errno", None) == errno.EADDRINUSE:
                raise VenueUnavailable(
                    f"Port {port} of {host} is in use by another program. Stop that, or choose another with {option}."
                ) from error
            raise InvalidInput(f"The server cannot listen on {host}, port {port}: {error}.") from error
        yield taken_socket


def address_of(taken_socket: socket.socket) -> str:
    """Return a socket's address as a URL."""
    host, port = taken_socket.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class Listener(uvicorn.Server):
    """A uvicorn server that leaves signals alone and says when it listens."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._on_listening()


@contextmanager
def asked_to_stop() -> Iterator[asyncio.Event]:
    """Lend an event that SIGTERM and SIGINT set, from now on."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    before = {each: signal.getsignal(each) for each in ENDS}
    for each in ENDS:
        try:
            loop.add_signal_handler(each, stop.set)
        except NotImplementedError:  # a loop of Windows
            signal.signal(each, lambda *_: loop.call_soon_threadsafe(stop.set))
    try:
        yield stop
    finally:
        for each, handler in before.items():
            try:
                loop.remove_signal_handler(each)
            except NotImplementedError:
                signal.signal(each, handler)
