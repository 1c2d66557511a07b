"""The public exchanges that are known, and those that are connected. Nothing connects before somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from engine.adapters.exchanges import allmarket
from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.binance.rest import BinanceRest
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.advanced_rest import CoinbaseAdvancedRest
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.coinbase.exchange_rest import CoinbaseExchangeRest
from engine.adapters.exchanges.feed.feed import History, PublicFeed
from engine.adapters.exchanges.kraken.rest import KrakenRest
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.net.rest import RestLimits
from engine.adapters.exchanges.net.socket import SocketLimits
from engine.adapters.exchanges.tickers import Tickers
from engine.adapters.exchanges.venue.connection import Connection
from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.bus import Bus
from engine.domain.instrument import InstrumentKind
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput, VenueUnavailable
from engine.ports.exchange import OpenedFeed

CCXT = "ccxt-"
"""How the names of venues begin that are reached through ccxt."""

BINANCE = VenueSpec(
    name="binance",
    title="Binance",
    kind=InstrumentKind.SPOT,
    rest_url="https://data-api.binance.vision",
    socket_url="wss://data-stream.binance.vision/stream",
    documentation="github.com/binance/binance-spot-api-docs",
    rest_limits=RestLimits(per_minute=4_800, burst=2_400, used_header="X-MBX-USED-WEIGHT-1M"),
    socket_limits=SocketLimits(streams=1_024, messages_per_s=5, natives_per_message=100),
    socket=BinanceDialect,
    rest=BinanceRest,
    tickers_every_s=20.0,
    tickers=allmarket.BinanceTickers,
    ticker_natives=allmarket.ALL_BINANCE,
)
BINANCE_USDM = VenueSpec(
    name="binance_usdm",
    title="Binance perpetuals",
    kind=InstrumentKind.PERPETUAL,
    rest_url="https://fapi.binance.com",
    socket_url="wss://fstream.binance.com/stream",
    documentation="developers.binance.com/docs/derivatives/usds-margined-futures",
    rest_limits=RestLimits(per_minute=1_900, burst=950, used_header="X-MBX-USED-WEIGHT-1M"),
    socket_limits=SocketLimits(streams=200, messages_per_s=8, natives_per_message=100),
    socket=lambda: BinanceDialect(is_perpetual=True),
    rest=lambda: BinanceRest(is_perpetual=True),
    numbers_prints=False,  # liquidations have numbers, but are not told
    tickers_every_s=20.0,
    tickers=lambda: allmarket.BinanceTickers(is_perpetual=True),
    ticker_natives=allmarket.ALL_BINANCE,
    note="Contracts without an end, settled in USDT: prices are shown, nothing is traded.",
)
COINBASE = VenueSpec(
    name="coinbase",
    title="Coinbase",
    kind=InstrumentKind.SPOT,
    rest_url="https://api.coinbase.com",
    socket_url="wss://advanced-trade-ws.coinbase.com",
    documentation="docs.cdp.coinbase.com/advanced-trade",
    rest_limits=RestLimits(per_minute=360, burst=8),
    socket_limits=SocketLimits(streams=300, messages_per_s=8, natives_per_message=50, connects_per_5_min=100),
    socket=CoinbaseAdvancedDialect,
    rest=CoinbaseAdvancedRest,
    tickers_every_s=60.0,
    tickers=allmarket.CoinbaseTickers,
)
COINBASE_EXCHANGE = VenueSpec(
    name="coinbase_exchange",
    title="Coinbase Exchange",
    kind=InstrumentKind.SPOT,
    rest_url="https://api.exchange.coinbase.com",
    socket_url="wss://ws-feed.exchange.coinbase.com",
    documentation="docs.cdp.coinbase.com/exchange",
    rest_limits=RestLimits(per_minute=360, burst=8),
    socket_limits=SocketLimits(streams=300, messages_per_s=8, natives_per_message=50, connects_per_5_min=100),
    socket=CoinbaseExchangeDialect,
    rest=CoinbaseExchangeRest,
    tickers_every_s=60.0,
    tickers=allmarket.CoinbaseExchangeTickers,
    note="The same market as Coinbase, by its older interface; updates of books carry no numbers.",
)
KRAKEN = VenueSpec(
    name="kraken",
    title="Kraken",
    kind=InstrumentKind.SPOT,
    rest_url="https://api.kraken.com",
    socket_url="wss://ws.kraken.com/v2",
    documentation="docs.kraken.com/api",
    rest_limits=RestLimits(per_minute=50, burst=8),
    socket_limits=SocketLimits(streams=400, messages_per_s=4, natives_per_message=50, connects_per_5_min=75),
    socket=KrakenDialect,
    rest=KrakenRest,
    tickers_every_s=15.0,
    tickers=allmarket.KrakenTickers,
    clock_grain=NANOS_PER_SECOND,
)

SPECS: Mapping[str, VenueSpec] = {
    spec.name: spec for spec in (BINANCE, COINBASE, KRAKEN, BINANCE_USDM, COINBASE_EXCHANGE)
}
"""By name, in the order in which they are offered."""


def spec_of(venue: str) -> VenueSpec:
    """Return what is known of a venue; of any that is named `ccxt-…`, how ccxt reaches it.

    Raises:
        InvalidInput: it is not known; the message lists those that are.
    """
    spec = SPECS.get(venue)
    if spec is None and venue.startswith(CCXT) and venue != CCXT:
        return _through_ccxt(venue)
    if spec is None:
        raise InvalidInput(f"{venue[:40]!r} is no public exchange here; choose one of {', '.join(SPECS)}.")
    return spec


def _through_ccxt(venue: str) -> VenueSpec:
    def none() -> NoReturn:
        raise InvalidInput(f"{venue} is reached through ccxt alone.")

    return VenueSpec(
        name=venue,
        title=f"{venue.removeprefix(CCXT)} (ccxt)",
        kind=InstrumentKind.SPOT,
        rest_url="",
        socket_url="",
        documentation="docs.ccxt.com",
        rest_limits=RestLimits(per_minute=60, burst=1),
        socket_limits=SocketLimits(streams=100, messages_per_s=1),
        socket=none,
        rest=none,
        numbers_prints=False,
        note="Through ccxt: slower, a hundred levels a side, and what was missed in between is not known.",
    )


async def open_feed(
    venue: str, bus: Bus, *, spec: VenueSpec | None = None, history: History | None = None
) -> OpenedFeed:
    """Connect to a venue and return its feed, which follows no pair yet; `close` it.

    Args:
        venue: one of `SPECS`, or `ccxt-` and the name of an exchange of ccxt (the extra `ccxt`).
        bus: where its events go.
        spec: another one, for a venue on this machine (`spec_of(venue).at(…)`).
        history: puts a cache before its bars.

    Raises:
        InvalidInput: the venue is not known.
        VenueUnavailable: it cannot be reached now.
    """
    if venue.startswith(CCXT):
        from engine.adapters.exchanges.ccxt.feed import open_ccxt

        return await open_ccxt(spec or spec_of(venue), bus, history=history)
    connection = Connection(spec or spec_of(venue), bus)
    try:
        await connection.open()
    except BaseException:
        await connection.close()
        raise
    return PublicFeed(bus, connection, history=history)


@dataclass(slots=True)
class _Connected:
    """A venue that somebody asked for."""

    connection: Connection
    tickers: Tickers
    count: int = 0


class Venues:
    """The venues that are connected for boards, each once, however many ask; `close` ends all.

    Instruments, tickers and states of all go to one bus. A feed of one of them shares its connection; give it a bus of
    its own if another feed is on this one, for books and prints carry the names of pairs, not of venues.
    """

    def __init__(self, bus: Bus, specs: Mapping[str, VenueSpec] = SPECS) -> None:
        self._bus, self.specs = bus, specs
        self._connected: dict[str, _Connected] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._is_closed = False

    def connected(self) -> tuple[str, ...]:
        """Return the names of the venues that are connected."""
        return tuple(self._connected)

    async def connect(self, venue: str) -> None:
        """Have a venue on the board; calls nest.

        Raises:
            InvalidInput: it is not known.
            VenueUnavailable: it cannot be reached now.
        """
        await self._take(venue)

    async def disconnect(self, venue: str) -> None:
        """Take one `connect` back."""
        async with self._turn(venue):
            found = self._connected.get(venue)
            if found is None:
                return
            found.count -= 1
            if found.count <= 0:
                await self._end(venue)

    async def feed(self, venue: str, bus: Bus | None = None, *, history: History | None = None) -> OpenedFeed:
        """Return a feed over a venue's connection, which counts as asked for until the feed is closed; errors alike.

        One through ccxt has a connection of its own, and is not on the board.
        """
        if venue.startswith(CCXT):
            return await open_feed(venue, bus or self._bus, history=history)
        found = await self._take(venue)
        return SharedFeed(self, bus or self._bus, found.connection, history)

    async def close(self) -> None:
        """End all connections, those as well that are being made; safe to call twice."""
        self._is_closed = True
        for venue in tuple(self._turns):
            async with self._turn(venue):
                await self._end(venue)

    async def _end(self, venue: str) -> None:
        found = self._connected.pop(venue, None)
        if found is not None:
            await found.tickers.close()
            await found.connection.close()

    async def _take(self, venue: str) -> _Connected:
        async with self._turn(venue):
            if self._is_closed:
                raise VenueUnavailable("The venues are not connected any more.")
            found = self._connected.get(venue)
            if found is None:
                found = self._connected[venue] = await self._opened(venue)
            found.count += 1
            return found

    async def _opened(self, venue: str) -> _Connected:
        if venue.startswith(CCXT):
            raise InvalidInput(
                f"{spec_of(venue).title} cannot be watched beside others: ccxt asks for one pair at a time."
            )
        connection = Connection(self.specs.get(venue) or spec_of(venue), self._bus)
        try:
            await connection.open()
        except BaseException:
            await connection.close()
            raise
        tickers = Tickers(self._bus, connection)
        tickers.start()
        return _Connected(connection, tickers)

    def _turn(self, venue: str) -> asyncio.Lock:
        return self._turns.setdefault(venue, asyncio.Lock())


class SharedFeed(PublicFeed):
    """A feed over a connection of `Venues`."""

    def __init__(self, venues: Venues, bus: Bus, connection: Connection, history: History | None) -> None:
        super().__init__(bus, connection, history=history, owns=False)
        self._venues: Venues | None = venues

    async def close(self) -> None:
        """End what the feed has for itself, and the connection if nobody else wants it."""
        await super().close()
        venues, self._venues = self._venues, None
        if venues is not None:
            await venues.disconnect(self.venue)
