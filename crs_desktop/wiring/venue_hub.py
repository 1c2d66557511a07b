"""The connections of a window to public exchanges: each once, whoever wants something of it.

What is heavy to import is imported off the loop when the first one is wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from engine.bus import Bus

if TYPE_CHECKING:
    from engine.adapters.exchanges.venue.spec import VenueSpec


class VenueHub:
    """What venues list, their tickers and states go to the bus of a board; `close` ends all."""

    def __init__(self, board: Bus, url_of: Callable[[str], str | None]) -> None:
        """`url_of` says where a venue is, None for its own address."""
        self._board, self._url_of = board, url_of
        self._venues: Any = None  # the type is heavy to import
        self._loading = asyncio.Lock()

    async def connect(self, venue: str) -> None:
        """Have a venue on the board; calls nest.

        Raises:
            InvalidInput: it is not known.
            VenueUnavailable: it cannot be reached now.
        """
        await (await self._opened()).connect(venue)

    async def disconnect(self, venue: str) -> None:
        """Take one `connect` back."""
        if self._venues is not None:
            await self._venues.disconnect(venue)

    async def feed(self, venue: str, bus: Bus, history: Any = None) -> Any:  # noqa: ANN401 - types that are heavy to import
        """Return a feed of a venue that publishes on `bus`, and have the venue on the board until it is closed.

        Raises:
            As `connect`.
        """
        return await (await self._opened()).feed(venue, bus, history=history)

    async def close(self) -> None:
        """End all connections; safe to call twice."""
        if self._venues is not None:
            await self._venues.close()

    async def _opened(self) -> Any:  # noqa: ANN401 - likewise
        async with self._loading:
            if self._venues is None:
                name = "engine.adapters.exchanges.venues"
                module = await asyncio.get_running_loop().run_in_executor(None, import_module, name)
                specs = {each: self._placed(spec) for each, spec in module.SPECS.items()}
                self._venues = module.Venues(self._board, specs)
        return self._venues

    def _placed(self, spec: VenueSpec) -> VenueSpec:
        """Return where a venue is: at its own address, or where the command line says."""
        url = self._url_of(spec.name)
        if url is None:
            return spec
        parts = urlsplit(url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return spec.at(url, urlunsplit((scheme, parts.netloc, parts.path, "", "")))
