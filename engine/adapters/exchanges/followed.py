"""One pair that is followed: its venue's book becomes ours, as diffs that always chain.

What has been published is remembered on its own. A book that its venue sent anew, or of which something is missing,
never shows: only the difference from what was published to what is whole again does.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from engine.adapters.exchanges.grid import MOST_STEPS, Grid
from engine.adapters.exchanges.heard import BookHeard, WireLevel
from engine.adapters.exchanges.instant import DAY, believed
from engine.adapters.exchanges.leap import Leaps
from engine.adapters.exchanges.sync import BookSync, Outcome, Rule
from engine.adapters.exchanges.wirebook import MOST
from engine.domain.instrument import Instrument
from engine.domain.market import BookDiff, BookSnapshot, FeedState, Level
from engine.domain.number import Lots, Nanos, Ticks
from engine.errors import InvalidInput

Shown = dict[Ticks, Lots]


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
        self.told: tuple[FeedState, str] = FeedState.CONNECTING, ""
        """What was last published of its state."""
        self.is_refused = False
        """Whether the venue refused its subscription."""
        self.updates = 0
        """What was heard of the book on this connection."""
        self.seq, self.at = 0, Nanos(0)
        """Our number of the last diff, and its instant."""
        self._bids: Shown = {}
        self._asks: Shown = {}

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
        self.sync.lost()
        self.sync.asked()

    def lost(self, why: str) -> None:
        """The connection is gone; the book is kept to look at."""
        self.is_open, self.quiet_s, self.why = False, 0.0, why
        self.sync.lost()

    # -- its book ---------------------------------------------------------------------------------

    def hear(self, heard: BookHeard, now: Nanos) -> tuple[Outcome, BookDiff | None]:
        """Take in what was said of the book; return what became of it, and the diff to publish, if any."""
        self.updates += 1
        try:
            outcome = self.sync.hear(heard)
        except InvalidInput:
            return Outcome.GAP, None
        if outcome is Outcome.APPLIED:
            bids, asks = self.grid.levels(heard.bids), self.grid.levels(heard.asks)
            bids += self._fallen(self._bids, bids, self.sync.book.bids, is_bid=True)
            asks += self._fallen(self._asks, asks, self.sync.book.asks, is_bid=False)
            return outcome, self._diff(bids, asks, believed(heard.at, now, self._ahead))
        if outcome is Outcome.REPLACED:
            book = self.sync.book
            bids, asks = self._difference(self._bids, book.bids), self._difference(self._asks, book.asks)
            return outcome, self._diff(bids, asks, believed(heard.at, now, self._ahead), always=not self.seq)
        return outcome, None

    def snapshot(self, depth: int) -> BookSnapshot:
        """Return the book as published, best levels first."""
        bids = tuple([Level(price, self._bids[price]) for price in heapq.nlargest(depth, self._bids)])
        asks = tuple([Level(price, self._asks[price]) for price in heapq.nsmallest(depth, self._asks)])
        return BookSnapshot(self.symbol, bids, asks, self.seq, self.at)

    def _diff(
        self, bids: Sequence[Level], asks: Sequence[Level], at: Nanos, *, always: bool = False
    ) -> BookDiff | None:
        if not (bids or asks or always):
            return None
        _put(self._bids, bids)
        _put(self._asks, asks)
        self.seq, self.at = self.seq + 1, Nanos(max(self.at, at))
        return BookDiff(self.symbol, tuple(bids), tuple(asks), self.seq, self.seq, self.at)

    def _difference(self, shown: Shown, book: dict[int, WireLevel]) -> list[Level]:
        """Return what changes what was published into a whole book; its keys are prices, so no text is read again."""
        unit, lots, now = self.grid.ticks.unit, self.grid.lots, dict[Ticks, Lots]()
        for key, level in book.items():
            tick, off = divmod(key, unit)
            lot = None if off or tick > MOST_STEPS else lots[level[1]]
            if lot is None:
                self.grid.left_out += 1
            elif lot:
                now[Ticks(tick)] = Lots(lot)
        changed = [Level(price, qty) for price, qty in now.items() if shown.get(price) != qty]
        return changed + [Level(price, Lots(0)) for price in shown if price not in now]

    def _fallen(
        self, shown: Shown, changes: Sequence[Level], book: dict[int, WireLevel], *, is_bid: bool
    ) -> list[Level]:
        """Return the levels that the venue stopped keeping, for it never says so, or that are too many here."""
        if len(book) < (self.sync.book.depth or MOST):
            return []
        unit = self.grid.ticks.unit
        worst = min(book) if is_bid else max(book)
        prices = (*shown, *(level.price for level in changes))
        gone = [price for price in prices if (price * unit < worst if is_bid else price * unit > worst)]
        return [Level(price, Lots(0)) for price in dict.fromkeys(gone)]


def _put(shown: Shown, levels: Sequence[Level]) -> None:
    for price, qty in levels:
        if qty:
            shown[price] = qty
        else:
            shown.pop(price, None)
