"""Stock ccxt.pro and our dialects read one stream of the loopback, and end with the book that it was made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.wire.heard import WireLevel
from engine.domain.number import Nanos
from tests.engine.adapters.exchanges.loopback import END, loopback, small
from tests.engine.adapters.exchanges.reader import Reader, reading, until

SYMBOL = "BTC/USDT"
SECOND = 1_000_000_000


class Peer(NamedTuple):
    """A venue, and how ccxt and we read it."""

    venue: str
    ccxt: Callable[[Loopback], Any]
    symbol: str
    dialect: Callable[[], Dialect]
    limit: int | None = None


def _binance(venue: Loopback) -> Any:  # noqa: ANN401 - ccxt has no types
    import ccxt.pro

    exchange = ccxt.pro.binance({"options": {"fetchMarkets": {"types": ["spot"]}}})
    exchange.urls["api"]["public"] = f"{venue.rest_url}/api/v3"
    exchange.urls["api"]["ws"]["spot"] = f"{venue.socket_url}/stream/ws"  # it takes what has no /stream for futures
    return exchange


def _perpetuals(venue: Loopback) -> Any:  # noqa: ANN401
    import ccxt.pro

    exchange = ccxt.pro.binanceusdm({"options": {"fetchMarkets": {"types": ["linear"]}}})
    for name in ("fapiPublic", "fapiPublicV2", "fapiPublicV3"):
        exchange.urls["api"][name] = f"{venue.rest_url}/fapi/v1"
    exchange.urls["api"]["ws"]["future"] = f"{venue.socket_url}/ws"
    return exchange


def _kraken(venue: Loopback) -> Any:  # noqa: ANN401
    import ccxt.pro

    exchange = ccxt.pro.kraken()
    exchange.urls["api"]["public"] = venue.rest_url
    exchange.urls["api"]["ws"] = dict.fromkeys(exchange.urls["api"]["ws"], f"{venue.socket_url}/v2")
    return exchange


def _coinbase_exchange(venue: Loopback) -> Any:  # noqa: ANN401
    import ccxt.pro

    exchange = ccxt.pro.coinbaseexchange({"apiKey": "none", "secret": "bm9uZQ==", "password": "none"})
    exchange.urls["api"] |= {"public": venue.rest_url, "ws": venue.socket_url}
    return exchange


def _coinbase_advanced(venue: Loopback) -> Any:  # noqa: ANN401
    import ccxt.pro

    exchange = ccxt.pro.coinbase()
    exchange.urls["api"] |= {"rest": venue.rest_url, "ws": venue.socket_url}
    return exchange


PEERS = (
    Peer("binance", _binance, SYMBOL, BinanceDialect),
    Peer("binance_usdm", _perpetuals, "BTC/USDT:USDT", lambda: BinanceDialect(is_perpetual=True)),
    Peer("kraken", _kraken, SYMBOL, lambda: KrakenDialect(1000), 1000),
    Peer("coinbase_exchange", _coinbase_exchange, SYMBOL, CoinbaseExchangeDialect),
    Peer("coinbase_advanced", _coinbase_advanced, SYMBOL, CoinbaseAdvancedDialect),
)


class Watched:
    """What ccxt has; `losses` counts how often it gave its book up."""

    def __init__(self, exchange: Any, peer: Peer) -> None:  # noqa: ANN401
        self.exchange, self.peer, self.losses = exchange, peer, 0
        self._book: Any = None

    async def run(self) -> None:
        """Watch as its manual says: again after it gave up."""
        from ccxt.base.errors import ChecksumError

        limit = () if self.peer.limit is None else (self.peer.limit,)
        while True:
            try:
                self._book = await self.exchange.watch_order_book(self.peer.symbol, *limit)
            except ChecksumError:
                self.losses += 1

    def top(self, count: int) -> tuple[list[list[float]], list[list[float]]]:
        """Return the best levels; floats, for ccxt keeps no texts."""
        if self._book is None:
            return [], []
        bids, asks = ([list(level[:2]) for level in self._book[side][:count]] for side in ("bids", "asks"))
        return bids, asks


@asynccontextmanager
async def watching(venue: Loopback, peer: Peer) -> AsyncIterator[Watched]:
    """Stock ccxt.pro at work."""
    exchange = peer.ccxt(venue)
    exchange.has["fetchCurrencies"], exchange.enableRateLimit = False, False
    watched = Watched(exchange, peer)
    task = asyncio.create_task(watched.run())
    try:
        yield watched
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await exchange.close()


def floats(sides: tuple[list[WireLevel], list[WireLevel]]) -> tuple[list[list[float]], list[list[float]]]:
    """Return levels as ccxt has them."""
    bids, asks = ([[float(price), float(qty)] for price, qty in side] for side in sides)
    return bids, asks


def have_all(venue: Loopback, reader: Reader, watched: Watched) -> bool:
    """Whether both end with the top 20 of the market."""
    wanted = venue.stage.market.pairs[SYMBOL].top(20)
    bids, asks = wanted
    return reader.top(SYMBOL) == (bids, asks) and watched.top(20) == floats((list(bids), list(asks)))


async def both_begun(venue: Loopback, reader: Reader, watched: Watched) -> bool:
    """Let time go on until both have a book."""
    for _ in range(100):
        await venue.play(Nanos(venue.stage.market.now + SECOND // 10))
        if await until(lambda: reader.is_synced(SYMBOL) and watched.top(1) != ([], []), 0.1):
            return True
    return False


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.venue)
async def test_ccxt_and_we_end_with_the_same_top_20(peer: Peer) -> None:
    async with (
        loopback(small(), peer.venue) as venue,
        reading(venue, peer.dialect(), SYMBOL) as reader,
        watching(venue, peer) as watched,
    ):
        assert await both_begun(venue, reader, watched)

        await venue.play(END)

        assert await until(lambda: have_all(venue, reader, watched))
        assert watched.losses == sum(book.gaps for book in reader.books.values()) == 0


async def test_ccxt_and_we_both_notice_the_same_lost_diff_and_both_recover() -> None:
    peer = PEERS[0]
    async with (
        loopback(small(), peer.venue) as venue,
        reading(venue, peer.dialect(), SYMBOL) as reader,
        watching(venue, peer) as watched,
    ):
        assert await both_begun(venue, reader, watched)
        venue.faults.put("drop", "next:2@book")  # one for each of the two connections

        for _ in range(40):
            await venue.play(Nanos(venue.stage.market.now + SECOND // 10))
            if await until(lambda: have_all(venue, reader, watched) and watched.losses > 0, 0.1):
                break

        assert await until(lambda: have_all(venue, reader, watched))
        assert watched.losses == sum(book.gaps for book in reader.books.values()) == 1


async def test_ccxt_reads_what_is_asked_for() -> None:
    for peer in PEERS:
        async with loopback(small(), peer.venue) as venue:
            await venue.play(END)
            exchange = peer.ccxt(venue)
            exchange.has["fetchCurrencies"], exchange.enableRateLimit = False, False
            try:
                last = float(venue.stage.market.pairs[SYMBOL].prints[-1].price)
                since = venue.stage.market.now // 1_000_000 - 120_000
                bars = await exchange.fetch_ohlcv(peer.symbol, "1m", since, 5)
                ticker = await exchange.fetch_ticker(peer.symbol)
                trades = await exchange.fetch_trades(peer.symbol, limit=10)
                book = await exchange.fetch_order_book(peer.symbol, 20)
            finally:
                await exchange.close()

        assert bars[-1][4] == ticker["last"] == trades[-1]["price"] == last
        bids, asks = venue.stage.market.pairs[SYMBOL].top(20)
        assert [level[0] for level in book["bids"][:20]] == [float(price) for price, _ in bids][: len(book["bids"])]
        assert [level[0] for level in book["asks"][:20]] == [float(price) for price, _ in asks][: len(book["asks"])]
        assert exchange.markets[peer.symbol]["precision"]["price"] == pytest.approx(0.01)
