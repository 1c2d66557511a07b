"""Market data of a public exchange as a feed: books and prints of what is followed, trusted only while it is whole.

What is published keeps the promises of `MarketFeed` whatever the venue does: diffs chain, prints come once and in
order, a book that was taken anew comes as the difference from the one before. What became of a break is found out
pair by pair (`healing`); only if prints of the past cannot be had any more is everything cached declared void.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.book.leap import Leaps
from engine.adapters.exchanges.book.picture import pictured
from engine.adapters.exchanges.book.sync import Outcome
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.feed.healing import Healing
from engine.adapters.exchanges.feed.mishaps import Mishaps
from engine.adapters.exchanges.feed.outgoing import Outgoing
from engine.adapters.exchanges.feed.printed import PairPrints
from engine.adapters.exchanges.feed.standing import Standing
from engine.adapters.exchanges.net.lines import Lines
from engine.adapters.exchanges.net.refused import plain
from engine.adapters.exchanges.venue.connection import Connection
from engine.adapters.exchanges.venue.pastbars import VenueBars, last_bars
from engine.adapters.exchanges.wire.heard import Answered, BookHeard, Heard, TradesHeard
from engine.adapters.exchanges.wire.instant import AHEAD, DAY
from engine.bus import Bus
from engine.domain.instrument import Instrument
from engine.domain.market import BookSnapshot, DataLabel, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import Garbled, InvalidInput
from engine.ports.exchange import BarSource, FeedHealth, PairsFollowed, PastPrints
from engine.ports.feed import BarArrays

MOST_PAIRS = 200
"""Pairs that can be followed at once; tickers of all others are on the board."""
CHANNELS = (Channel.BOOK, Channel.TRADES)

History = Callable[[BarSource], BarSource]
"""Puts something before a venue's bars, such as a cache."""

log = logging.getLogger(__name__)


class PublicFeed:
    """An `ExchangeFeed` over a connection, and the `LineListener` of its lines."""

    label = DataLabel.PUBLIC

    def __init__(self, bus: Bus, connection: Connection, *, history: History | None = None, owns: bool = True) -> None:
        """Feed a bus from a connection, which ends with it if it `owns` it; `history` goes before the venue's bars."""
        self._bus, self._connection, self.spec, self._owns = bus, connection, connection.spec, owns
        venue_bars = VenueBars(connection.rest, connection.dialect, lambda: connection.now)
        self.source: BarSource = venue_bars if history is None else history(venue_bars)
        """Where bars of the past come from."""
        self._ahead = AHEAD if connection.spec.is_public else DAY
        """How far stamps may be ahead of the venue's clock: one on this machine may play faster than time goes."""
        self._wire = connection.spec.socket()
        """For rules of books only; every socket has a dialect of its own."""
        self._pairs: dict[str, FollowedPair] = {}
        self._by_native: dict[str, FollowedPair] = {}
        self._prints: dict[str, PairPrints] = {}
        self._past: dict[str, tuple[Nanos, Sequence[TradeTick]]] = {}
        self._lines = Lines(connection.spec.plan(), self)
        self._standing = Standing(bus, connection.spec, connection.state, lambda: connection.now)
        self._healing = Healing(connection, self._lines, self)
        self._mishaps = Mishaps(connection.spec)
        self._outgoing = Outgoing(bus, self._mishaps)
        self._is_closed = False
        connection.on_listed.append(self._listed)

    # -- who it is --------------------------------------------------------------------------------

    @property
    def venue(self) -> str:
        """Its name, e.g. `binance`."""
        return self.spec.name

    @property
    def title(self) -> str:
        """Its name for the screen."""
        return self.spec.title

    @property
    def state(self) -> FeedState:
        """How far the data can be trusted now: the worst of all pairs that are followed."""
        return self._standing.state

    @property
    def now(self) -> Nanos:
        """The venue's time."""
        return self._connection.now

    @property
    def is_catching_up(self) -> bool:
        """Whether prints of a pair wait for missed ones that are being fetched."""
        return any(prints.is_holding for prints in self._prints.values())

    def instruments(self) -> tuple[Instrument, ...]:
        """Return everything the venue lists."""
        return tuple(self._connection.instruments.values())

    # -- what is followed -------------------------------------------------------------------------

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the pairs that are followed."""
        return tuple(each.instrument.pair for each in self._pairs.values())

    async def follow(self, symbol: str) -> None:
        """Carry a pair from now on; see `ExchangeFeed.follow`."""
        pair = self._pairs.get(symbol)
        if pair is None:
            pair = self._begin(symbol)
        pair.count += 1

    def _begin(self, symbol: str) -> FollowedPair:
        instrument = self._connection.instruments.get(symbol)
        if instrument is None:
            raise InvalidInput(f"{self.title} does not list {symbol[:40]}. Search its instruments for what it has.")
        if self._is_closed:
            raise InvalidInput(f"{self.title} is not connected any more.")
        if len(self._pairs) >= MOST_PAIRS:
            raise InvalidInput(f"{MOST_PAIRS} pairs of {self.title} are followed; close some of them first.")
        grid = Grid(instrument)
        pair = self._pairs[symbol] = FollowedPair(instrument, self._wire.rule(), grid, self._ahead, Leaps())
        self._by_native[instrument.native] = pair
        self._prints[symbol] = PairPrints(
            grid, numbered=self.spec.numbers_prints, clock=lambda: self.now, ahead=self._ahead
        )
        self._outgoing.began(pair)
        self._standing.added(pair)
        self._bus.publish(PairsFollowed(self.venue, (symbol,), ()))
        if self._lines.subscribe(instrument.native, CHANNELS):
            self._open(pair)
        self._standing.look()
        return pair

    async def unfollow(self, symbol: str) -> None:
        """Take one `follow` back."""
        pair = self._pairs.get(symbol)
        if pair is None:
            return
        pair.count -= 1
        if pair.count > 0:
            return
        self._outgoing.ended(symbol)
        del self._pairs[symbol], self._by_native[pair.native], self._prints[symbol]
        self._past.pop(symbol, None)
        self._healing.forget(symbol)
        self._standing.removed(pair)
        self._bus.publish(PairsFollowed(self.venue, (), (symbol,)))
        self._standing.look()
        await self._lines.unsubscribe(pair.native)

    def followed(self, symbol: str) -> FollowedPair:
        """Return a pair that is followed.

        Raises:
            InvalidInput: it is not.
        """
        pair = self._pairs.get(symbol)
        if pair is None:
            raise InvalidInput(f"{symbol[:40]} of {self.title} is not followed.")
        return pair

    # -- what it tells ----------------------------------------------------------------------------

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        """Return the book as of the last published diff; see `MarketFeed.snapshot`."""
        return self.followed(symbol).snapshot(depth)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end`; see `MarketFeed.bars`."""
        followed = self._pairs.get(symbol)  # on its grid then, whatever the venue lists by now
        instrument = self._connection.instruments.get(symbol) if followed is None else followed.instrument
        if instrument is None:
            raise InvalidInput(f"{self.title} does not list {symbol[:40]}.")
        shortest = self.source.timeframes(instrument)[:1]
        if shortest and timeframe.seconds < shortest[0].seconds:
            return self._outgoing.seconds(symbol).last(end, count, self.now)
        return await last_bars(self.source, instrument, timeframe, end=Nanos(min(end, self.now)), count=count)

    def past_prints(self, symbol: str) -> tuple[Nanos, Sequence[TradeTick]] | None:
        """Return since when prints of a pair are known, and those before the first published one; None if none are."""
        return self._past.get(symbol)

    def state_of(self, symbol: str) -> FeedState:
        """Return how far the book of a followed pair can be trusted."""
        return self.followed(symbol).state

    def health(self, symbol: str | None = None) -> FeedHealth:
        """Return the feed's condition; see `ExchangeFeed.health`."""
        pairs = tuple(self._pairs.values())
        one = None if symbol is None else self._pairs.get(symbol)
        age_s = self._lines.age_s
        return FeedHealth(
            venue=self.venue,
            state=self.state if one is None else one.state,
            age_ms=None if age_s is None else age_s * 1e3,
            last_seq=None if one is None else one.last_number,
            gaps=sum(each.sync.gaps for each in pairs),
            resyncs=sum(each.sync.resyncs for each in pairs),
            skew_ms=self._connection.clock.skew_ms,
            frames=self._lines.frames,
            reconnects=self._lines.reconnects,
            left_out=sum(each.grid.left_out for each in pairs),
            quarantined=sum(each.leaps.count + self._outgoing.quarantined(each.symbol) for each in pairs),
        )

    def retry(self) -> None:
        """Wait no longer for the next try to connect."""
        self._lines.retry()

    async def close(self) -> None:
        """End all its connections; safe to call twice."""
        self._is_closed = True
        self._outgoing.close()
        await self._lines.close()
        await self._healing.close()  # after the lines: what they say begins new work
        self._connection.on_listed = [each for each in self._connection.on_listed if each != self._listed]
        self._standing.ended()
        if self._owns:
            await self._connection.close()

    # -- what its lines say -----------------------------------------------------------------------

    def ready(self, heard: Sequence[Heard]) -> Sequence[Heard]:
        """Make large books ready; on a thread, so nothing of a pair that the loop changes is touched."""
        return [self._ready(each) if isinstance(each, BookHeard) else each for each in heard]

    def _ready(self, heard: BookHeard) -> BookHeard:
        pair = self._by_native.get(heard.native)
        if pair is None or not heard.is_snapshot:
            return heard
        try:
            return pictured(heard, pair.instrument)
        except Garbled:  # told when it is heard
            return heard

    def heard(self, heard: Sequence[Heard]) -> None:
        """Take in what a frame says; what goes wrong here with a pair ends nothing but its trust."""
        for each in heard:
            if isinstance(each, TradesHeard | BookHeard):
                pair = self._by_native.get(each.native)
                if pair is None:
                    continue
                try:
                    if isinstance(each, TradesHeard):
                        self._on_trades(pair, each)
                    else:
                        self.on_book(pair, each)
                except Exception as error:  # a bug of ours: the pair begins anew, the others go on
                    self.failed(pair, error)
            elif isinstance(each, Answered) and each.error:
                self._on_refused(each)

    def failed(self, pair: FollowedPair, error: Exception) -> None:
        """Begin a pair anew after an error of this program, which is logged, and said once."""
        why = self._mishaps.met(pair.symbol, error)
        pair.sync.doubted()
        pair.why = why or pair.why
        self._prints[pair.symbol].hold()
        self._healing.broken(pair)
        self._healing.missed(pair)
        self.look()

    def opened(self, natives: Sequence[str]) -> None:
        """Take every book anew; prints are held until the missed ones are here."""
        pairs = self._of(natives)
        if any(pair.has_book for pair in pairs):  # it was away, and the machine may have slept
            self._connection.look_at_clock()
        for pair in pairs:
            self._open(pair)
        self.look()

    def _open(self, pair: FollowedPair) -> None:
        pair.opened()
        self._prints[pair.symbol].hold()
        self._healing.opened(pair)

    def repeating(self, natives: Sequence[str], *, begins: bool) -> None:
        """Let no book go back to where it was: it is told again when it has caught up."""
        for pair in self._of(natives):
            if begins:
                pair.mute()
                continue
            self._outgoing.send(pair.symbol)
            diff = pair.unmute(self.now)
            if diff is not None:
                self._bus.publish(diff)

    def lost(self, natives: Sequence[str], text: str, retry_in_s: float) -> None:
        """Say that nothing comes any more."""
        for pair in self._of(natives):
            self._healing.forget(pair.symbol)
            pair.lost(f"{text} Next try in {retry_in_s:.0f} s." if retry_in_s >= 1 else text)
        self.look()

    def _listed(self) -> None:
        """See what of the pairs that are followed the venue lists on another grid now."""
        for pair in self._pairs.values():
            now = self._connection.instruments.get(pair.symbol)
            if now is not None:
                pair.listed(now, self.title)
                if pair.sync.state is FeedState.GAP:
                    self._healing.broken(pair)
        self.look()

    def spoilt(self, natives: Sequence[str]) -> None:
        """Doubt every book of which an update may have been lost."""
        for pair in self._of(natives):
            pair.sync.spoilt()
            if pair.sync.state is FeedState.GAP:
                self._healing.broken(pair)
            if not self.spec.numbers_prints:  # where they are numbered, the next one tells
                self._prints[pair.symbol].hold()
                self._healing.missed(pair)
        self.look()

    def quiet(self, natives: Sequence[str], seconds: float) -> None:
        """Say that what is shown is getting old, or is not any more."""
        for pair in self._of(natives):
            pair.quiet_s = seconds
        self.look()

    def _of(self, natives: Sequence[str]) -> list[FollowedPair]:
        return [self._by_native[native] for native in natives if native in self._by_native]

    def _on_refused(self, answer: Answered) -> None:
        pair = self._by_native.get(answer.native)
        text = f"{self.title} refuses: {plain(answer.error)}"
        log.info("subscription refused", extra={"venue": self.venue, "text": text})
        for each in (pair,) if pair is not None else tuple(self._pairs.values()):
            if not each.has_book:
                each.why = text
                each.is_refused = pair is not None
        self._standing.look()

    # -- books and prints -------------------------------------------------------------------------

    def on_book(self, pair: FollowedPair, heard: BookHeard) -> Outcome:
        """Take in a snapshot or diff, and publish what follows from it."""
        self._outgoing.send(pair.symbol)
        before = pair.sync.state
        outcome, diff = pair.hear(heard, self.now)
        if pair.grid.left_out > pair.left_out:
            pair.left_out = pair.grid.left_out
            self._connection.look_at_listing()
        if diff is not None:
            self._bus.publish(diff)
            self._outgoing.book_moved(pair.symbol)
        if outcome is Outcome.APPLIED and before is FeedState.SYNCED:
            return outcome
        if pair.sync.state is FeedState.SYNCED:
            pair.why = ""
        elif pair.sync.state in (FeedState.GAP, FeedState.SNAPSHOT, FeedState.RESYNCING):
            if outcome is Outcome.GAP and pair.leaps.is_doubting:
                pair.why = self._mishaps.leapt(pair)
            self._healing.broken(pair)
        if pair.sync.state is not before:
            self.look()
        return outcome

    def _on_trades(self, pair: FollowedPair, heard: TradesHeard) -> None:
        prints = self._prints[pair.symbol]
        self._outgoing.add(pair.symbol, prints.hear(heard))
        if prints.is_holding:
            self._healing.missed(pair)

    # -- what healing finds -----------------------------------------------------------------------

    def prints_of(self, symbol: str) -> PairPrints | None:
        """Return the prints of a pair; None if it is not followed any more."""
        return self._prints.get(symbol)

    def joined(self, pair: FollowedPair, past: Sequence[TradeTick], fresh: Sequence[TradeTick], *, whole: bool) -> None:
        """Take what was fetched of a pair's prints; if some are missing for good, all that is cached is void."""
        symbol = pair.symbol
        self._outgoing.past(symbol, past, whole=whole)
        if past or not whole:
            since = past[0].at if past else (fresh[0].at if fresh else self.now)
            self._past[symbol] = since, tuple(past)
            if not whole:
                self._standing.void(f"Some trades of {symbol} could not be had any more; charts are read anew.")
            self._bus.publish(PastPrints(symbol, since, tuple(past)))
        self._outgoing.add(symbol, fresh)

    def look(self) -> None:
        """Tell what changed of the pairs' states, after the prints that came before."""
        self._outgoing.send_all()
        self._standing.look()
