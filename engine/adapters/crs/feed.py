"""Market data of a CRS server as a feed: books from snapshot and diffs, prints, bars; trusted only while it is whole.

The diffs that are published always chain. A snapshot that comes in between (after a gap, a reconnect, or because we
read too slowly) is published as the diff from what was known to it, so that nobody above ever holds a book that
never was. Prints that a broken connection missed are fetched and published late; only if they cannot be had, or the
server's market is another one now, everything cached is declared void.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec
import numpy as np

from engine.adapters.crs.grid import levels_of, lots_of, ticks_of
from engine.adapters.crs.http import CrsHttp
from engine.adapters.crs.link import Frame
from engine.bus import Bus
from engine.domain.market import BookDiff, BookSnapshot, DataLabel, FeedState, Level, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput, NotACrsServer, Unavailable, VenueUnavailable
from engine.market.l2 import L2Book
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from engine.ports.server import Query
from engine.services.backoff import Backoff
from engine.services.task import TaskOwner
from engine.wire.market import Bars, Book, BookChange, Trade, Trades
from engine.wire.stream import MarketState

MILLI = 1_000_000
MOST_BARS = 1_500
"""Of one request."""
MOST_TRADES = 1_000
SNAPSHOT_S = 8.0
"""How long the first pictures of all books may take."""
PICTURE_S = 2.0
"""How long a picture that was asked for may take before it is asked for again, so many times…"""
PICTURE_TRIES = 3
"""…before the connection is given up."""
PATIENCE_S = 30.0
"""How long bars are asked for again while the server cannot be reached."""
DEPTH = 1_000_000

_BOOK, _CHANGE = msgspec.json.Decoder(Book), msgspec.json.Decoder(BookChange)
_TRADES, _STATE = msgspec.json.Decoder(tuple[Trade, ...]), msgspec.json.Decoder(MarketState)

log = logging.getLogger(__name__)


class CrsFeed:
    """A `MarketFeed` over a server, and a `Listener` of its stream."""

    label = DataLabel.SERVER

    def __init__(self, bus: Bus, http: CrsHttp, pairs: Sequence[TradingPair], now: Nanos) -> None:
        self._bus, self._http = bus, http
        self._pairs = {pair.symbol: pair for pair in pairs}
        self.state, self._text = FeedState.CONNECTING, ""
        self._now = now
        self._books = {symbol: L2Book(symbol) for symbol in self._pairs}
        self._waiting: set[str] = set()
        """Pairs whose picture is still to come."""
        self._pictured = asyncio.Event()
        self._reading: set[str] = set()
        """Pairs whose picture is being asked for anew."""
        self._last_trade: dict[str, int] = {}
        """The newest print of each pair…"""
        self._held: dict[str, list[TradeTick]] | None = None
        """…and those that came while missed ones are being fetched."""
        self._past: dict[str, tuple[Nanos, Sequence[TradeTick]]] = {}
        """The prints before the first that was published, and since when they are known."""
        self._void = True
        """Whether what is known is of another market, or of none yet."""
        self._market_text = ""
        self._market_open = True
        self.resyncs = 0
        """How often a book had to be taken anew."""
        self.again: Callable[[str], Awaitable[None]] | None = None
        """Has a channel's picture sent anew…"""
        self.give_up: Callable[[], object] = lambda: None
        """…or ends the connection, so that everything is."""
        self._tasks = TaskOwner("feed of the server")

    @property
    def now(self) -> Nanos:
        """The server's market time, as of the last message."""
        return self._now

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the pairs it carries."""
        return tuple(self._pairs.values())

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        """Return the book as of the last published diff; see `MarketFeed.snapshot`."""
        self._check(symbol)
        book = self._books[symbol]
        bids, asks = tuple(book.top(Side.BUY, depth)), tuple(book.top(Side.SELL, depth))
        return BookSnapshot(symbol, bids, asks, book.seq, book.at)

    def book(self, symbol: str) -> L2Book:
        """Return the live book of a pair (read only)."""
        return self._books[symbol]

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end`; see `MarketFeed.bars`."""
        self._check(symbol)
        pair, found = self._pairs[symbol], list[BarArrays]()
        until, left = end - end % timeframe.nanos, count
        while left > 0:
            wanted = min(left, MOST_BARS)
            query = {"timeframe": timeframe.value, "end_ms": until // MILLI, "count": wanted}
            page = _columns(pair, await self._bars_page(symbol, query))
            if not len(page):
                break
            found.insert(0, page)
            left -= len(page)
            until = int(page.start[0])
            if len(page) < wanted:
                break
        return _joined(found)

    def past_prints(self, symbol: str) -> tuple[Nanos, Sequence[TradeTick]] | None:
        """Return since when prints of a pair are known, and those before the first published one; None if none are."""
        return self._past.get(symbol)

    async def _bars_page(self, symbol: str, query: Query) -> Bars:
        """Fetch a page, patiently: a chart that asks while the connection is broken would stay empty."""
        backoff, until = Backoff(), time.monotonic() + PATIENCE_S
        while True:
            try:
                return await self._http.call("GET", self._path(symbol, "bars"), Bars, query=query, signed=False)
            except VenueUnavailable as error:
                wait = backoff.next(error.retry_after_s or 0.0)
                if time.monotonic() + wait > until:
                    self._void = True  # somebody's picture has a hole: it is drawn anew with the next connection
                    raise
                await asyncio.sleep(wait)

    async def close(self) -> None:
        """Fetch nothing more."""
        await self._tasks.join()

    # -- what the connection says -----------------------------------------------------------------

    def channels(self) -> Sequence[str]:
        """Return the channels of all pairs, and the market's own state."""
        names = [f"{kind}:{symbol}" for symbol in self._pairs for kind in ("book", "trades")]
        return (*names, "status")

    def opened(self) -> None:
        """Wait for a picture of every book; prints are held back until the missed ones are there."""
        self._waiting = set(self._pairs)
        self._pictured.clear()
        self._held = {}
        self._say(FeedState.CONNECTING if self._void else FeedState.RESYNCING, f"Reading {self._http.host}…")

    async def caught_up(self) -> None:
        """Wait for the pictures, fetch the missed prints; then the data is trusted."""
        try:
            async with asyncio.timeout(SNAPSHOT_S):
                await self._pictured.wait()
        except TimeoutError:
            raise VenueUnavailable(f"{self._http.host} sends no picture of its books.") from None
        held = {} if self._held is None else self._held
        whole = await self._fetch_missed(held) and not self._void
        self._held = None
        if not whole:
            self._void = False
            self._say(FeedState.SNAPSHOT, f"The market as {self._http.host} shows it now.")
        for symbol, ticks in held.items():
            self._print(symbol, ticks)
        self._trust()

    def lost(self, text: str, retry_in_s: float) -> None:
        """Say that nothing comes any more."""
        again = "" if retry_in_s == float("inf") else f" Next try in {retry_in_s:.0f} s."
        self._say(FeedState.STALE if not self._void else FeedState.CONNECTING, f"{text}{again}")

    def quiet(self, seconds: float) -> None:
        """Say that what is shown is getting old."""
        if self.state is FeedState.SYNCED or self.state is FeedState.STALE:
            self._say(FeedState.STALE, f"{self._http.host} has been silent for {seconds:.0f} s; prices may be old.")

    def heard(self, frame: Frame) -> None:
        """Take a message of one of the channels in."""
        kind, _, symbol = frame.ch.partition(":")
        self._now = Nanos(max(self._now, frame.ts * MILLI))
        try:
            if kind == "book":
                self._on_book(self._pairs[symbol], frame)
            elif kind == "trades":
                self._on_trades(self._pairs[symbol], _TRADES.decode(frame.data))
            else:
                self._on_status(_STATE.decode(frame.data))
        except (msgspec.DecodeError, ValueError) as error:
            raise NotACrsServer(f"{self._http.host} sent market data that cannot be; it was not used.") from error
        if self.state is FeedState.STALE:
            self._trust()

    # -- books ------------------------------------------------------------------------------------

    def _on_book(self, pair: TradingPair, frame: Frame) -> None:
        if frame.type == "snapshot":
            self._on_picture(pair, _BOOK.decode(frame.data))
            return
        told = _CHANGE.decode(frame.data)
        book = self._books[pair.symbol]
        if pair.symbol in self._waiting or told.seq <= book.seq:
            return
        diff = BookDiff(
            pair.symbol, levels_of(pair, told.bids), levels_of(pair, told.asks), told.first_seq, told.seq,
            Nanos(told.at_ms * MILLI),
        )  # fmt: skip
        if not book.apply_diff(diff) or book.is_crossed:
            self._on_gap(pair)
        elif not self._void:
            self._bus.publish(diff)

    def _on_gap(self, pair: TradingPair) -> None:
        """Show the book as it was, and have its picture sent anew."""
        self.resyncs += 1
        self._waiting.add(pair.symbol)
        self._say(FeedState.GAP, f"Updates of {pair.symbol} are missing; its book is read anew.")
        if pair.symbol not in self._reading:
            self._tasks.start(self._read_anew(pair.symbol))

    async def _read_anew(self, symbol: str) -> None:
        """Have a picture sent until it is here."""
        self._reading.add(symbol)
        try:
            for _ in range(PICTURE_TRIES):
                with suppress(Unavailable):
                    if self.again is not None:
                        await self.again(f"book:{symbol}")
                for _ in range(10):
                    if symbol not in self._waiting:
                        return
                    await asyncio.sleep(PICTURE_S / 10)
            log.info("no new picture of %s", symbol)
            self.give_up()
        finally:
            self._reading.discard(symbol)

    def _on_picture(self, pair: TradingPair, told: Book) -> None:
        book = self._books[pair.symbol]
        bids, asks, at = levels_of(pair, told.bids), levels_of(pair, told.asks), Nanos(told.at_ms * MILLI)
        if told.seq < book.seq and pair.symbol in self._waiting:  # the server counts from the beginning again
            self._void = True
        diff = _difference(book, bids, asks, told.seq, at)
        book.apply_snapshot(BookSnapshot(pair.symbol, bids, asks, told.seq, at))
        if not self._void and diff is not None:
            self._bus.publish(diff)
        if pair.symbol in self._waiting:
            self._waiting.discard(pair.symbol)
            if not self._waiting:
                self._pictured.set()
                if self._held is None:
                    self._trust()

    # -- prints -----------------------------------------------------------------------------------

    def _on_trades(self, pair: TradingPair, told: Sequence[Trade]) -> None:
        ticks = _ticks(pair, told)
        if self._held is not None:
            self._held.setdefault(pair.symbol, []).extend(ticks)
        else:
            self._print(pair.symbol, ticks)

    def _print(self, symbol: str, ticks: Sequence[TradeTick]) -> None:
        """Publish prints, each once."""
        last = self._last_trade.get(symbol, 0)
        fresh = tuple(tick for tick in ticks if tick.trade_id > last)
        if fresh:
            self._last_trade[symbol] = fresh[-1].trade_id
            self._now = Nanos(max(self._now, fresh[-1].at))
            self._bus.publish(TradesPrinted(symbol, fresh))

    async def _fetch_missed(self, held: dict[str, list[TradeTick]]) -> bool:
        """Put the prints before those held back; return whether none is missing.

        If some are, those that were fetched are the past now, and what comes is counted from them.
        """
        told = await asyncio.gather(*(self._last_prints(pair) for pair in self._pairs.values()))
        fetched = dict(zip(self._pairs, told, strict=True))
        if self._void or not all(self._follows(symbol, ticks) for symbol, ticks in fetched.items()):
            self._past = {symbol: (ticks[0].at if ticks else self._now, ticks) for symbol, ticks in fetched.items()}
            self._last_trade = {symbol: ticks[-1].trade_id for symbol, ticks in fetched.items() if ticks}
            return False
        for symbol, ticks in fetched.items():
            newest = ticks[-1].trade_id if ticks else 0
            held[symbol] = [*ticks, *(tick for tick in held.get(symbol, ()) if tick.trade_id > newest)]
        return True

    async def _last_prints(self, pair: TradingPair) -> list[TradeTick]:
        path, query = self._path(pair.symbol, "trades"), {"limit": MOST_TRADES}
        return _ticks(pair, (await self._http.call("GET", path, Trades, query=query, signed=False)).trades)

    def _follows(self, symbol: str, ticks: Sequence[TradeTick]) -> bool:
        """Whether fetched prints join those that are known: neither a hole, nor another market's numbers."""
        last = self._last_trade.get(symbol, 0)
        if not ticks:
            return last == 0
        whole = len(ticks) < MOST_TRADES or ticks[0].trade_id <= last
        return whole and ticks[-1].trade_id >= last

    # -- states -----------------------------------------------------------------------------------

    def _on_status(self, told: MarketState) -> None:
        self._market_open = told.state in (FeedState.SYNCED, FeedState.PAUSED)
        self._market_text = told.text
        if self._held is None and not self._waiting:
            self._trust()

    def _trust(self) -> None:
        if self._waiting or self._held is not None or self._void:
            return
        if self._market_open:
            self._say(FeedState.SYNCED, "")
        else:
            self._say(FeedState.STALE, self._market_text or f"The market of {self._http.host} stands still.")

    def _say(self, state: FeedState, text: str) -> None:
        if (state, text) != (self.state, self._text):
            self.state, self._text = state, text
            self._bus.publish(FeedStateChanged(state, text, self._now))

    def _check(self, symbol: str) -> None:
        if symbol not in self._pairs:
            raise InvalidInput(f"{symbol} is not traded at {self._http.host}; it has {', '.join(self._pairs)}.")

    def _path(self, symbol: str, what: str) -> str:
        return f"/v1/markets/{symbol.replace('/', '-')}/{what}"


def _difference(book: L2Book, bids: tuple[Level, ...], asks: tuple[Level, ...], seq: int, at: Nanos) -> BookDiff | None:
    """Return the diff from a book to a picture of it; None if there is none, or no book yet."""
    if not book.seq or seq <= book.seq:
        return None
    sides = []
    for side, now in ((Side.BUY, bids), (Side.SELL, asks)):
        before = {level.price: level.qty for level in book.top(side, DEPTH)}
        after = {level.price: level.qty for level in now}
        changed = [Level(price, qty) for price, qty in after.items() if before.get(price) != qty]
        changed += [Level(price, type(qty)(0)) for price, qty in before.items() if price not in after]
        sides.append(tuple(changed))
    return BookDiff(book.symbol, sides[0], sides[1], book.seq + 1, seq, at)


def _ticks(pair: TradingPair, told: Sequence[Trade]) -> list[TradeTick]:
    return [
        TradeTick(
            pair.symbol, ticks_of(pair, each.price), lots_of(pair, each.qty), Side(each.side),
            Nanos(each.at_ms * MILLI), each.trade_id,
        )
        for each in told
    ]  # fmt: skip


def _columns(pair: TradingPair, told: Bars) -> BarArrays:
    bars = told.bars
    try:
        prices = [[float(ticks_of(pair, text)) for text in (b.open, b.high, b.low, b.close)] for b in bars]
        volumes = [float(lots_of(pair, each.volume)) for each in bars]
    except ValueError as error:
        raise NotACrsServer(f"The server's bars of {pair.symbol} cannot be; they were not used.") from error
    table = np.array(prices, dtype=np.float64).reshape(len(bars), 4)
    start = np.array([each.start_ms * MILLI for each in bars], dtype=np.int64)
    opened, high, low, close = (table[:, column].copy() for column in range(4))
    return BarArrays(start, opened, high, low, close, np.array(volumes, dtype=np.float64))


def _joined(pages: Sequence[BarArrays]) -> BarArrays:
    if len(pages) == 1:
        return pages[0]
    names = ("open", "high", "low", "close", "volume")
    if not pages:
        empty = np.empty(0, dtype=np.float64)
        return BarArrays(np.empty(0, dtype=np.int64), empty, empty, empty, empty, empty)
    columns = [np.concatenate([getattr(page, name) for page in pages]) for name in names]
    return BarArrays(np.concatenate([page.start for page in pages]), *columns)
