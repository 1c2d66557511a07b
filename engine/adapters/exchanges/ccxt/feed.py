"""Market data through ccxt as a feed: each book as it comes is the difference from the one before.

It keeps the promises of `MarketFeed` about what it publishes. What it cannot know is what it was not told: whether
prints are missing, and what a book was between two looks at it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.book.unnumbered import UnnumberedRule
from engine.adapters.exchanges.ccxt.bars import CcxtBars
from engine.adapters.exchanges.ccxt.peer import Configure, Peer, text_of
from engine.adapters.exchanges.feed.feed import MOST_PAIRS, History
from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.feed.standing import Standing
from engine.adapters.exchanges.net.clock import VenueClock, is_near
from engine.adapters.exchanges.venue.pastbars import SecondBars, last_bars
from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.adapters.exchanges.venue.venuestate import VenueState
from engine.adapters.exchanges.wire.heard import UNKNOWN, BookHeard, PrintHeard, WireLevel
from engine.adapters.exchanges.wire.instant import DAY, believed
from engine.bus import Bus
from engine.domain.instrument import Instrument
from engine.domain.market import BookSnapshot, DataLabel, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput, VenueUnavailable
from engine.ports.exchange import BarSource, FeedHealth, InstrumentsListed, PairsFollowed
from engine.ports.feed import BarArrays, TradesPrinted
from engine.services.backoff import Backoff
from engine.services.task import TaskOwner

DEPTH = 100
"""Levels a side that are taken over."""
BOOK_S = 0.1
"""At least so long between two looks at a book."""
LONGEST_NAME = 200
KNOWN_PRINTS = 2_000
"""Prints of a pair that are remembered by ccxt's names for them, so that none comes twice."""
MILLI = 1_000_000

log = logging.getLogger(__name__)


class CcxtFeed:
    """An `OpenedFeed` over ccxt."""

    label = DataLabel.PUBLIC

    def __init__(self, bus: Bus, peer: Peer, spec: VenueSpec, history: History | None = None) -> None:
        self._bus, self._peer, self.spec = bus, peer, spec
        self.clock = VenueClock()
        bars = CcxtBars(peer, lambda: self.now)
        self.source: BarSource = bars if history is None else history(bars)
        """Where bars of the past come from."""
        self._pairs: dict[str, FollowedPair] = {}
        self._seconds: dict[str, SecondBars] = {}
        self._tasks: dict[str, TaskOwner] = {}
        self._state = VenueState(bus, spec.name, lambda: self.now)
        self._standing = Standing(bus, spec, self._state, lambda: self.now)
        self._frames = self._breaks = 0
        bus.publish(InstrumentsListed(spec.name, spec.title, self.instruments()))

    @property
    def venue(self) -> str:
        """Its name, e.g. `ccxt-kucoin`."""
        return self.spec.name

    @property
    def title(self) -> str:
        """Its name for the screen."""
        return self.spec.title

    @property
    def state(self) -> FeedState:
        """How far the data can be trusted now."""
        return self._standing.state

    @property
    def now(self) -> Nanos:
        """The venue's time, if it tells it; this machine's otherwise."""
        return self.clock.now

    def instruments(self) -> tuple[Instrument, ...]:
        """Return everything the exchange lists that ccxt can stream."""
        return tuple(self._peer.instruments.values())

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the pairs that are followed."""
        return tuple(each.instrument.pair for each in self._pairs.values())

    # -- what is followed -------------------------------------------------------------------------

    async def follow(self, symbol: str) -> None:
        """Carry a pair from now on; see `ExchangeFeed.follow`."""
        pair = self._pairs.get(symbol)
        if pair is None:
            instrument = self._peer.instruments.get(symbol)
            if instrument is None:
                raise InvalidInput(f"{self.title} does not list {symbol[:40]}.")
            if len(self._pairs) >= MOST_PAIRS:
                raise InvalidInput(f"{MOST_PAIRS} pairs of {self.title} are followed; close some of them first.")
            pair = self._pairs[symbol] = FollowedPair(instrument, UnnumberedRule(), Grid(instrument))
            self._seconds[symbol] = SecondBars(symbol)
            self._standing.added(pair)
            self._bus.publish(PairsFollowed(self.venue, (symbol,), ()))
            tasks = self._tasks[symbol] = TaskOwner(f"{symbol} of {self.title}")
            tasks.start(self._watch_book(pair))
            if self._peer.can("watchTrades"):
                tasks.start(self._watch_trades(pair))
            self._standing.look()
        pair.count += 1

    async def unfollow(self, symbol: str) -> None:
        """Take one `follow` back."""
        pair = self._pairs.get(symbol)
        if pair is None:
            return
        pair.count -= 1
        if pair.count > 0:
            return
        del self._pairs[symbol], self._seconds[symbol]
        tasks = self._tasks.pop(symbol)
        self._standing.removed(pair)
        self._bus.publish(PairsFollowed(self.venue, (), (symbol,)))
        self._standing.look()
        await tasks.join()

    def _followed(self, symbol: str) -> FollowedPair:
        pair = self._pairs.get(symbol)
        if pair is None:
            raise InvalidInput(f"{symbol[:40]} of {self.title} is not followed.")
        return pair

    # -- what it tells ----------------------------------------------------------------------------

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        """Return the book as of the last published diff; see `MarketFeed.snapshot`."""
        return self._followed(symbol).snapshot(depth)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end`; see `MarketFeed.bars`."""
        instrument = self._peer.instruments.get(symbol)
        if instrument is None:
            raise InvalidInput(f"{self.title} does not list {symbol[:40]}.")
        known = self.source.timeframes(instrument)
        if not known or timeframe.seconds < known[0].seconds:
            return self._seconds.get(symbol, SecondBars(symbol)).last(end, count, self.now)
        return await last_bars(self.source, instrument, timeframe, end=Nanos(min(end, self.now)), count=count)

    def past_prints(self, symbol: str) -> tuple[Nanos, Sequence[TradeTick]] | None:
        """Return nothing: prints are known from the beginning on only."""
        return None

    def state_of(self, symbol: str) -> FeedState:
        """Return how far the book of a followed pair can be trusted."""
        return self._followed(symbol).state

    def health(self, symbol: str | None = None) -> FeedHealth:
        """Return the feed's condition; gaps are not known here."""
        one = None if symbol is None else self._pairs.get(symbol)
        return FeedHealth(
            venue=self.venue,
            state=self.state if one is None else one.state,
            age_ms=None,
            last_seq=None if one is None else one.seq,
            gaps=0,
            resyncs=sum(each.sync.resyncs for each in self._pairs.values()),
            skew_ms=self.clock.skew_ms,
            frames=self._frames,
            reconnects=self._breaks,
            left_out=sum(each.grid.left_out for each in self._pairs.values()),
        )

    def retry(self) -> None:
        """Do nothing: ccxt connects again by itself."""

    async def close(self) -> None:
        """End everything; safe to call twice."""
        for tasks in tuple(self._tasks.values()):
            await tasks.join()
        self._standing.ended()
        self._state.ended()
        await self._peer.close()

    # -- what comes -------------------------------------------------------------------------------

    async def _watch_book(self, pair: FollowedPair) -> None:
        backoff = Backoff()
        while True:
            try:
                with self._peer.failing():
                    book = await self._peer.exchange.watch_order_book(pair.symbol)
                    self._take(pair, book)
                    backoff.reset()
                    await asyncio.sleep(BOOK_S)
                    self._take(pair, book)  # ccxt changes it in place, and tells nobody who does not wait just then
            except VenueUnavailable as error:
                self._breaks += pair.is_open
                wait = backoff.next(0.2)
                pair.lost(f"{error} Next try in {wait:.0f} s.")
                self._standing.look()
                await asyncio.sleep(wait)

    def _take(self, pair: FollowedPair, book: Any) -> None:  # noqa: ANN401 - of a library without types
        self._frames += 1
        if not pair.is_open:
            pair.opened()
        at = Nanos(int(book["timestamp"]) * MILLI) if book.get("timestamp") else UNKNOWN
        bids, asks = _levels(book["bids"]), _levels(book["asks"])
        _, diff = pair.hear(BookHeard(pair.native, True, bids, asks, at=at), self.now)
        if diff is not None:
            self._bus.publish(diff)
        self._standing.look()

    async def _watch_trades(self, pair: FollowedPair) -> None:
        backoff, known, count = Backoff(), deque[str](maxlen=KNOWN_PRINTS), 0
        last = Nanos(0)
        while True:
            try:
                with self._peer.failing():
                    told = await self._peer.exchange.watch_trades(pair.symbol)
                    prints = [(_name(each), _print(each, self.now, 0)) for each in told]
            except VenueUnavailable as error:
                log.info("prints not heard", extra={"venue": self.venue, "text": str(error)})
                await asyncio.sleep(backoff.next(0.2))
                continue
            backoff.reset()
            ticks: list[TradeTick] = []
            for name, each in prints:
                if name in known:
                    continue
                known.append(name)
                tick = pair.grid.tick_of(each._replace(trade_id=count + 1))
                if tick is not None:
                    count, last = count + 1, Nanos(max(last, tick.at))
                    ticks.append(tick._replace(at=last))
            if ticks and pair.symbol in self._seconds:
                self._seconds[pair.symbol].add(ticks)
                self._bus.publish(TradesPrinted(pair.symbol, tuple(ticks)))


async def open_ccxt(
    spec: VenueSpec, bus: Bus, *, history: History | None = None, configure: Configure = lambda _exchange: None
) -> CcxtFeed:
    """Connect to an exchange through ccxt; `configure` changes ccxt's object before it is used.

    Raises:
        InvalidInput: ccxt is not installed, or does not know it.
        VenueUnavailable: it cannot be reached now.
    """
    peer = Peer(spec.name, configure)
    try:
        await peer.open()
        feed = CcxtFeed(bus, peer, spec, history)
        if peer.can("fetchTime"):
            sent = feed.clock.elapsed()
            with peer.failing():
                told = await peer.exchange.fetch_time()
            if told and is_near(int(told) * MILLI):
                feed.clock.measured(int(told) * MILLI, sent, feed.clock.elapsed())
    except BaseException:
        await peer.close()
        raise
    return feed


def _levels(levels: Any) -> list[WireLevel]:  # noqa: ANN401 - likewise
    return [(text_of(level[0]), text_of(level[1])) for level in levels[:DEPTH]]


def _name(told: dict[str, Any]) -> str:
    return str(told.get("id") or (told.get("timestamp"), told.get("price"), told.get("amount")))[:LONGEST_NAME]


def _print(told: dict[str, Any], now: Nanos, number: int) -> PrintHeard:
    side = Side.SELL if told.get("side") == "sell" else Side.BUY
    at = believed(int(told["timestamp"]) * MILLI, now, behind=DAY) if told.get("timestamp") else now
    return PrintHeard(text_of(told["price"]), text_of(told["amount"]), side, at, number)
