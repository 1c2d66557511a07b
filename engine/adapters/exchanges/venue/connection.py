"""The connection to one venue: its requests, its clock, what it lists. Shared by whoever wants something of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx

from engine.adapters.exchanges.dialect.listing import Listing
from engine.adapters.exchanges.dialect.rest import Ask, RestDialect
from engine.adapters.exchanges.net.clock import VenueClock, is_near
from engine.adapters.exchanges.net.rest import PATIENCE_S, VenueRest
from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.adapters.exchanges.venue.venuestate import VenueState
from engine.bus import Bus
from engine.domain.instrument import Instrument
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.errors import CrsError, Garbled, VenueUnavailable
from engine.ports.exchange import InstrumentsListed
from engine.services.offload import offload_bulk
from engine.services.task import TaskOwner

REQUESTS = "requests"
"""Who reports to the venue's state."""
OPEN_PATIENCE_S = 4.0
"""How long a venue may fail to answer at first: whoever opens it waits for that, and can try again."""
LOOKS, LOOK_S = 5, 0.2
"""Looks at the venue's clock at the beginning, and how far apart…"""
AGAIN_S = 600.0
"""…and how often it is looked at again, a few times: clocks drift."""
LISTS_S = 6 * 3600.0
"""How often the list of instruments is read again…"""
LISTS_AT_LEAST_S = 3600.0
"""…and how long at least between two times, however often something seems to have changed: it may be 15 MB."""

log = logging.getLogger(__name__)


class Connection:
    """Requests to one venue, its clock and instruments; `open` it, `close` it."""

    def __init__(self, spec: VenueSpec, bus: Bus, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.spec, self._bus = spec, bus
        self.rest = VenueRest(spec.title, spec.rest_url, spec.rest_limits, transport=transport)
        self.clock = VenueClock()
        self.dialect: RestDialect = spec.rest()
        self.state = VenueState(bus, spec.name, lambda: self.clock.now)
        self.instruments: dict[str, Instrument] = {}
        """What it lists, by our symbols…"""
        self.by_native: dict[str, Instrument] = {}
        """…and by its own."""
        self.listing: Listing | None = None
        self.on_listed: list[Callable[[], None]] = []
        """Told when it lists something else than before, after it is known here."""
        self._listed_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._tasks = TaskOwner(f"connection to {spec.title}")

    @property
    def now(self) -> Nanos:
        """The venue's time."""
        return self.clock.now

    async def open(self) -> None:
        """Measure its clock and read what it lists.

        Raises:
            VenueUnavailable: it cannot be reached, or does not answer as it should.
        """
        self.state.say(REQUESTS, FeedState.CONNECTING, f"Connecting to {self.spec.title}…")
        try:
            await self.measure(1, OPEN_PATIENCE_S)
            await self.read_listing(OPEN_PATIENCE_S)
        except CrsError as error:
            self.state.say(REQUESTS, FeedState.CONNECTING, str(error))
            raise
        self.state.say(REQUESTS, FeedState.SYNCED, "")
        self._tasks.start(self._measure_often())
        self._tasks.start(self._read_often())

    async def close(self) -> None:
        """End it; safe to call twice."""
        await self._tasks.join()
        await self.rest.close()
        self.state.ended()

    async def measure(self, looks: int, patience_s: float = PATIENCE_S) -> None:
        """Look at the venue's clock so many times; errors as `open`."""
        ask = self.dialect.ask_time()
        for number in range(looks):
            if number:
                await asyncio.sleep(LOOK_S)
            asked: list[int] = []
            answer = await self.rest.get(
                ask.path, ask.query, weight=ask.weight, patience_s=patience_s, on_sent=self._note(asked)
            )
            received = self.clock.elapsed()
            with reading(self.spec.title):
                self._take_time(self.dialect.hear_time(answer), asked[-1], received)

    def _take_time(self, venue_at: Nanos, sent: int, received: int) -> None:
        if self.spec.is_public and not is_near(venue_at):
            raise Garbled(
                "Its clock and this machine's are more than a day apart; set this machine's, if it is the wrong one."
            )
        self.clock.measured(venue_at, sent, received, self.spec.clock_grain)

    def look_at_clock(self) -> None:
        """Have the venue's clock measured anew, soon."""
        if self._looking is None or self._looking.done():
            self._looking = self._tasks.start(self._look_anew())

    async def _look_anew(self) -> None:
        self.clock.forget()
        with suppress(CrsError):
            await self.measure(min(3, LOOKS))

    async def read_listing(self, patience_s: float = PATIENCE_S) -> None:
        """Read what the venue lists, and tell if it changed; errors as `open`."""
        answer = await self.ask(self.dialect.ask_listing(), patience_s=patience_s)
        with reading(self.spec.title):
            listing = await offload_bulk(self.dialect.hear_listing, answer)
        if self.listing is not None and listing.instruments == self.listing.instruments:
            return
        self.listing = listing
        self.instruments = {each.symbol: each for each in listing.instruments}
        self.by_native = {each.native: each for each in listing.instruments}
        if listing.left_out:
            log.info("instruments left out", extra={"venue": self.spec.name, "reasons": dict(listing.left_out)})
        self._bus.publish(InstrumentsListed(self.spec.name, self.spec.title, listing.instruments))
        for told in tuple(self.on_listed):
            told()

    def look_at_listing(self) -> None:
        """Have the list read again, soon and not often: something of it seems to have changed."""
        if time.monotonic() - self._listed_at > LISTS_AT_LEAST_S:
            self._listed_at = time.monotonic()
            self._tasks.start(self._read_again())

    async def ask(self, ask: Ask, *, patience_s: float = PATIENCE_S) -> bytes:
        """Return the answer to a request; errors as `VenueRest.get`."""
        return await self.rest.get(ask.path, ask.query, weight=ask.weight, patience_s=patience_s)

    def _note(self, sent: list[int]) -> Callable[[], None]:
        return lambda: sent.append(self.clock.elapsed())

    async def _measure_often(self) -> None:
        with suppress(CrsError):
            await self.measure(LOOKS)
        while True:
            await asyncio.sleep(AGAIN_S)
            try:
                await self.measure(3)
            except CrsError as error:
                log.info("clock not measured", extra={"venue": self.spec.name, "text": str(error)})

    async def _read_often(self) -> None:
        while True:
            await asyncio.sleep(LISTS_S)
            await self._read_again()

    async def _read_again(self) -> None:
        try:
            await self.read_listing()
        except CrsError as error:
            log.info("list not read", extra={"venue": self.spec.name, "text": str(error)})


@contextmanager
def reading(title: str) -> Iterator[None]:
    """Lend a block in which an answer that cannot be read is a venue that cannot be asked."""
    try:
        yield
    except Garbled as error:
        raise VenueUnavailable(f"An answer of {title} cannot be read; it was not used. {error}") from error
