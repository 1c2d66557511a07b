"""One pair that is followed: its venue's book becomes ours, as diffs that always chain.

What has been published is remembered on its own. A book that its venue sent anew, or of which something is missing,
never shows: only the difference from what was published to what is whole again does.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.book.leap import Leaps
from engine.adapters.exchanges.book.shown import Best, ShownSide, best_of
from engine.adapters.exchanges.book.sync import BookSync, Outcome, Rule
from engine.adapters.exchanges.book.wirebook import MOST
from engine.adapters.exchanges.wire.heard import BookHeard
from engine.adapters.exchanges.wire.instant import DAY, believed
from engine.domain.instrument import Instrument
from engine.domain.market import BookDiff, BookSnapshot, FeedState, Level
from engine.domain.number import Nanos
from engine.errors import InvalidInput


class FollowedPair:
    """The book of one pair: `hear` what the venue says, publish the diffs that it returns."""

    def __init__(
        self, instrument: Instrument, rule: Rule, grid: Grid, ahead: int = DAY, leaps: Leaps | None = None
    ) -> None:
        """Keep the book of an instrument; stamps further `ahead` (ns) of the venue's clock are not believed.

        `leaps` judges where the touch goes; None lets it go anywhere.
        """
        self._ahead = ahead
        self.instrument = instrument
        self.symbol, self.native = instrument.symbol, instrument.native
        self.grid = grid
        self.asks_snapshot = rule.asks_snapshot
        self.leaps = leaps or Leaps()
        self.sync = BookSync(rule, leaps=leaps)
        self.count = 0
        """How often it was asked to be followed."""
        self.is_open = False
        """Whether its connection is there…"""
        self.quiet_s = 0.0
        """…and for how long nothing was heard on it, once that is long."""
        self.why = ""
        """Why it is not synced, if more is known than its state says."""
        self.left_out = 0
        """What was off its grid when that was looked into last."""
        self.outgrown = ""
        """Why its book cannot be told on the grid on which it is followed any more: a sentence, or empty."""
        self.told: tuple[FeedState, str] = FeedState.CONNECTING, ""
        """What was last published of its state."""
        self.is_refused = False
        """Whether the venue refused its subscription."""
        self.updates = 0
        """What was heard of the book on this connection."""
        self.seq, self.at = 0, Nanos(0)
        """Our number of the last diff, and its instant."""
        self._is_muted = False
        self._bids, self._asks = ShownSide(grid, is_bid=True), ShownSide(grid, is_bid=False)

    # -- its state --------------------------------------------------------------------------------

    @property
    def has_book(self) -> bool:
        """Whether a book was published."""
        return self.seq > 0

    @property
    def is_whole(self) -> bool:
        """Whether the book is what the venue has, as far as it is heard."""
        return self.sync.state is FeedState.SYNCED

    @property
    def state(self) -> FeedState:
        """How far the book can be trusted."""
        if self.outgrown:
            return FeedState.STALE
        if not self.is_open:
            return FeedState.STALE if self.has_book else FeedState.CONNECTING
        if self.sync.state is FeedState.SYNCED and self.quiet_s:
            return FeedState.STALE
        return self.sync.state

    @property
    def last_number(self) -> int:
        """The venue's own number of the last update; ours where it has none."""
        return (self.sync.last.last if self.sync.last is not None else 0) or self.seq

    def opened(self) -> None:
        """A connection begins: what comes does not follow."""
        self.is_open, self.quiet_s, self.why, self.updates, self.is_refused = True, 0.0, "", 0, False
        self._is_muted = False
        self.sync.lost()
        self.sync.asked()

    def lost(self, why: str) -> None:
        """The connection is gone; the book is kept to look at."""
        self.is_open, self.quiet_s, self.why = False, 0.0, why
        self.sync.lost()

    def listed(self, now: Instrument, title: str) -> None:
        """Take in how its venue lists it now: on a finer grid its prices cannot all be told on this one."""
        was = self.instrument.pair
        if now.pair.tick % was.tick or now.pair.lot % was.lot:
            self.outgrown = (
                f"{title} has changed the steps of prices or amounts of {self.symbol}. Close it and open it again."
            )
        elif self.outgrown and (now.pair.tick, now.pair.lot) == (was.tick, was.lot):
            self.outgrown = ""
            self.sync.doubted()

    # -- its book ---------------------------------------------------------------------------------

    def hear(self, heard: BookHeard, now: Nanos) -> tuple[Outcome, BookDiff | None]:
        """Take in what was said of the book; return what became of it, and the diff to publish, if any."""
        self.updates += 1
        if self.outgrown:
            return Outcome.OLD, None
        was_whole = self.is_whole
        try:
            outcome = self.sync.hear(heard)
        except InvalidInput:
            return Outcome.GAP, None
        if self._is_muted and was_whole:
            return outcome, None
        self._is_muted = False  # what was told is not trusted: whatever is whole is better
        book, depth = self.sync.book, self.sync.book.depth or MOST
        if outcome is Outcome.APPLIED:
            bids, asks = (
                self._bids.changed(heard.bids, book.bids, depth),
                self._asks.changed(heard.asks, book.asks, depth),
            )
            return outcome, self._diff(bids, asks, believed(heard.at, now, self._ahead))
        if outcome is Outcome.REPLACED:
            bids_now, asks_now = self._best(heard)
            bids, asks = self._bids.replaced(bids_now), self._asks.replaced(asks_now)
            return outcome, self._diff(bids, asks, believed(heard.at, now, self._ahead), always=not self.seq)
        return outcome, None

    def mute(self) -> None:
        """Keep the book and tell nothing of it: what comes goes over again what was told already."""
        self._is_muted = True

    def unmute(self, now: Nanos) -> BookDiff | None:
        """Tell again; return what became of the book meanwhile, if that is known."""
        was_muted, self._is_muted = self._is_muted, False
        if not was_muted or not self.is_whole or not self.has_book:
            return None
        bids, asks = self._best_now()
        return self._diff(self._bids.replaced(bids), self._asks.replaced(asks), now)

    def snapshot(self, depth: int) -> BookSnapshot:
        """Return the book as published, best levels first."""
        return BookSnapshot(self.symbol, self._bids.top(depth), self._asks.top(depth), self.seq, self.at)

    def _best(self, heard: BookHeard) -> tuple[Best, Best]:
        """Return the best levels of a book that is whole again; as they were made ready, if it is no more than that."""
        picture = heard.picture
        if picture is not None and picture.instrument is self.instrument and self.sync.last is heard:
            return picture.bids, picture.asks
        return self._best_now()

    def _best_now(self) -> tuple[Best, Best]:
        book = self.sync.book
        return best_of(book.bids, self.grid, is_bid=True), best_of(book.asks, self.grid, is_bid=False)

    def _diff(
        self, bids: Sequence[Level], asks: Sequence[Level], at: Nanos, *, always: bool = False
    ) -> BookDiff | None:
        if not (bids or asks or always):
            return None
        self.seq, self.at = self.seq + 1, Nanos(max(self.at, at))
        return BookDiff(self.symbol, tuple(bids), tuple(asks), self.seq, self.seq, self.at)
