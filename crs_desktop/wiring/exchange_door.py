"""The public exchanges of a profile and the way in: who is contacted, what is remembered, an engine over one.

Everything that is heavy to import (network, ccxt) is imported off the loop when it is first wanted.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crs_desktop.run import Run
from crs_desktop.viewmodels.exchange.offered import CCXT, Offered, offered
from crs_desktop.viewmodels.exchange.places import ExchangePlaces
from engine.errors import InvalidInput, VenueUnavailable
from engine.services.offload import offload

if TYPE_CHECKING:
    from engine.ports.exchange import ExchangeFeed


class ExchangeDoor:
    """Opens paper accounts on public exchanges; `first` is the pair that the last one was opened with."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places: ExchangePlaces | None = None
        self.first = ""

    @property
    def places(self) -> ExchangePlaces:
        """The exchanges that are known, read when first asked for."""
        if self._places is None:
            self._places = ExchangePlaces(self._run.profile.exchanges_file)
        return self._places

    @property
    def has_others(self) -> bool:
        """Whether the extra that knows many more exchanges is installed."""
        return find_spec("ccxt") is not None

    def hosts(self, venue: Offered) -> tuple[str, ...]:
        """Return who is contacted: the venue's own, or the one that the command line names instead."""
        url = self.url_of(venue.name)
        return venue.hosts if url is None else (urlsplit(url).netloc or url,)

    def url_of(self, name: str) -> str | None:
        """Return the address that the command line names for a venue; None for the venue's own."""
        options = self._run.options
        return options.venue_url if name == options.venue else None

    async def others(self) -> tuple[str, ...]:
        """Return the names of all exchanges that ccxt streams from."""

        def names() -> tuple[str, ...]:
            return tuple(import_module("ccxt.pro").exchanges)

        return await offload(names)

    async def open(self, name: str) -> Any:  # noqa: ANN401 - the engine's type is heavy to import
        """Open the paper account on an exchange, with one of its pairs followed.

        Raises:
            InvalidInput: there is no exchange of that name.
            CrsError: as `open_public`.
        """
        venue = offered(name)
        if venue is None:
            raise InvalidInput(f"There is no exchange {name!r} here.")
        public = await asyncio.get_running_loop().run_in_executor(None, import_module, "engine.bootstrap.public")
        beside = self._run.engine
        lock = beside.share_lock() if beside is not None else None
        engine = await public.open_public(self._run.profile, name, url=self.url_of(name), lock=lock)
        try:
            self.first = await self._follow_one(engine.feed, venue)
            await offload(self.places.agree, name)
        except BaseException:
            await engine.close()
            raise
        return engine

    async def _follow_one(self, feed: ExchangeFeed, venue: Offered) -> str:
        """Follow the pair to begin with: the one on show now, or there last, or the usual one."""
        listed = {each.symbol: each for each in feed.instruments()}
        here = self._run.arrangement.layout.here.symbol
        wanted = (*self.places.pairs(venue.name)[:1], here, *self.places.pairs(venue.name), *venue.first)
        trading = (each.symbol for each in listed.values() if each.trading)
        first = next((each for each in wanted if each in listed), None) or next(trading, None)
        if first is None:
            raise VenueUnavailable(f"{venue.title} lists no market now. Try again later.")
        await feed.follow(first)
        return first


def other(own: str) -> str:
    """Return our name for an exchange through ccxt."""
    return f"{CCXT}{own}"
