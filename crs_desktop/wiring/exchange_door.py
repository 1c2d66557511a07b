"""The public exchanges of a profile and the way in: who is contacted, what is remembered, an engine over one.

Everything that is heavy to import (network, ccxt) is imported off the loop when it is first wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crs_desktop.run import Run
from crs_desktop.viewmodels.exchange.offered import CCXT, Offered
from crs_desktop.viewmodels.exchange.places import ExchangePlaces
from crs_desktop.wiring.venue_hub import VenueHub
from engine.bus import Bus
from engine.domain.instrument import InstrumentKind
from engine.errors import SecretsLocked
from engine.services.offload import offload

if TYPE_CHECKING:
    from engine.ports.exchange import ExchangeFeed
    from engine.ports.secrets import SecretStore


USUAL = "BTC/USDT"
"""What a workspace shows that never showed anything else."""
THROUGH_CCXT = "engine.adapters.exchanges.ccxt"
"""What reaches exchanges through ccxt."""


class ExchangeDoor:
    """Opens paper accounts on public exchanges."""

    def __init__(self, run: Run, secrets: Callable[[], Awaitable[SecretStore]], board: Bus) -> None:
        """`secrets` opens the place for secrets; `board` hears what venues list, their tickers and states."""
        self._run, self._secrets = run, secrets
        self._places: ExchangePlaces | None = None
        self.hub = VenueHub(board, self.url_of)
        self.wanted: dict[str, str] = {}
        """The pair to begin with on an exchange that is gone to next."""

    @property
    def places(self) -> ExchangePlaces:
        """The exchanges that are known, read when first asked for."""
        if self._places is None:
            self._places = ExchangePlaces(self._run.profile.exchanges_file)
        return self._places

    @property
    def has_others(self) -> bool:
        """Whether the extra that knows many more exchanges is installed."""
        return find_spec("ccxt") is not None and find_spec(THROUGH_CCXT) is not None

    def hosts(self, venue: Offered) -> tuple[str, ...]:
        """Return who is contacted: the venue's own, or the one that the command line names instead."""
        url = self.url_of(venue.name)
        return venue.hosts if url is None else (urlsplit(url).netloc or url,)

    def url_of(self, name: str) -> str | None:
        """Return the address that the command line names for a venue; None for the venue's own."""
        return self._run.options.url_of(name)

    async def others(self) -> tuple[str, ...]:
        """Return the names of all exchanges that ccxt streams from."""

        def names() -> tuple[str, ...]:
            return tuple(import_module("ccxt.pro").exchanges)

        return await offload(names)

    async def open(self, name: str) -> Any:  # noqa: ANN401 - the engine's type is heavy to import
        """Connect to an exchange and open the paper account on it, with one of its pairs followed.

        Whoever closes the engine closes its feed (`engine.public.feed`) after it.

        Raises:
            InvalidInput: there is no exchange of that name.
            VenueUnavailable: it cannot be reached now.
            CrsError: as `open_public`.
        """
        history, public = await self._imported()
        bus = Bus()
        kept = history.kept_in(self._run.profile.bars_dir) if self.url_of(name) is None else None
        feed: Any = await self.hub.feed(name, bus, kept)
        try:
            engine = await self._over(public.open_public, feed, bus)
            try:
                await offload(self.places.agree, name)
            except BaseException:  # stopped at the last moment: nobody else has it yet
                await engine.close()
                raise
        except BaseException:
            await feed.close()
            raise
        return engine

    async def _over(self, open_public: Any, feed: ExchangeFeed, bus: Bus) -> Any:  # noqa: ANN401 - likewise
        """Open the accounts over a feed; those that are encrypted when their key is there."""

        async def opened(secrets: SecretStore | None = None) -> Any:  # noqa: ANN401 - likewise
            beside, first = self._run.engine, self._first(feed, feed.venue)
            lock = beside.share_lock() if beside is not None else None
            return await open_public(
                self._run.profile, feed.venue, feed=feed, bus=bus, follow=first, secrets=secrets, lock=lock
            )

        try:
            return await opened()
        except SecretsLocked:
            return await opened(await self._secrets())

    async def _imported(self) -> tuple[Any, Any]:
        def load() -> tuple[Any, Any]:
            return import_module("engine.adapters.history.kept"), import_module("engine.bootstrap.public")

        return await asyncio.get_running_loop().run_in_executor(None, load)

    def _first(self, feed: ExchangeFeed, name: str) -> tuple[str, ...]:
        """Return the pair to begin with: what was on show there last, or is now; none leaves it to the engine."""
        listed = {each.symbol: each for each in feed.instruments()}
        here = self._run.arrangement.layout.here.symbol or USUAL
        wanted = (self.wanted.pop(name, ""), *self.places.pairs(name)[:1], here, *self.places.pairs(name))
        first = tuple(each for each in wanted if each in listed)[:1]
        if not first and all(each.kind is InstrumentKind.PERPETUAL for each in listed.values()):
            names = [each.symbol for each in listed.values() if each.trading]
            same = (each for each in names if each.partition(":")[0] in (here, USUAL))
            first = tuple(same)[:1] or tuple(names[:1])
        return first


def other(own: str) -> str:
    """Return our name for an exchange through ccxt."""
    return f"{CCXT}{own}"
