"""What bounds a connection on which a venue may send anything: where it leads, what waits unread, what is unpacked."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from websockets.asyncio.client import ClientConnection, connect

from engine.errors import VenueUnavailable

MOST_WAITING = 128 * 2**20
"""Bytes that may wait here to be read; a venue that sends more, faster than they are read, is left."""
FRAME_HEAD = 14
"""Bytes before what a frame holds, at most."""
GZIP = 16 + zlib.MAX_WBITS
MOST_REFUSAL = 64 * 1024
"""Bytes that are read of an answer that is no success: it holds a sentence at most."""


class Connected(ClientConnection):
    """A WebSocket that ends when too much waits; count with `took` what was read."""

    arrived = taken = 0
    """Bytes from the network, and those of them that are read."""
    is_flooded = False

    def data_received(self, data: bytes) -> None:
        """Take in what the network brings."""
        self.arrived += len(data)
        if self.arrived - self.taken > MOST_WAITING:
            self.is_flooded = True
            self.transport.abort()
            return
        super().data_received(data)

    def took(self, size: int) -> None:
        """Say that a frame of so many bytes was read."""
        self.taken = min(self.arrived, self.taken + size + FRAME_HEAD)


class Straight(connect):
    """A way to a venue that leads nowhere else: what answers with another address is not followed."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Take a redirect for the refusal that it is."""
        return exc


def no_cookies() -> CookieJar:
    """Return a jar that keeps nothing: a venue shall not know us again."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


async def body_of(reply: httpx.Response, title: str, most_bytes: int) -> bytes:
    """Read an answer, as far as it may go: no small one unpacks into a large one. Of a refusal the beginning is read.

    Raises:
        VenueUnavailable: it is longer than it may be, or packed in a way that was not asked for.
    """
    most = most_bytes if reply.is_success else MOST_REFUSAL
    chunks, size = list[bytes](), 0
    async for chunk in _unpacked(reply, title, most):
        size += len(chunk)
        if size > most:
            if not reply.is_success:
                break
            raise VenueUnavailable(f"{title} answers with more than {most >> 20} MB; it was not used.")
        chunks.append(chunk)
    return b"".join(chunks)


async def _unpacked(reply: httpx.Response, title: str, most: int) -> AsyncIterator[bytes]:
    """Yield what was sent, each piece at most one byte longer than an answer may be."""
    packing = reply.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        async for chunk in reply.aiter_raw():
            yield chunk
        return
    if packing not in ("gzip", "x-gzip"):
        raise VenueUnavailable(f"{title} packs its answer in a way that was not asked for; it was not used.")
    unpack = zlib.decompressobj(GZIP)
    try:
        async for chunk in reply.aiter_raw():
            yield unpack.decompress(chunk, most + 1)
    except zlib.error as error:
        raise VenueUnavailable(f"An answer of {title} broke off; it was not used.") from error
    if not unpack.eof:
        raise VenueUnavailable(f"An answer of {title} broke off; it was not used.")
