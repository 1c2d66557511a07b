"""The heatmap of the desk's pair: the book ten times a second, from the moment the pane was opened.

Columns are taken as updates come, whether anybody looks or not; while nothing comes, the same book goes on. At a
faster market time a column stands for more of it. The view is live, or stands still somewhere in the past.
"""

from __future__ import annotations

import numpy as np

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.figures import Figures
from crs_desktop.viewmodels.heat_picture import HeatPicture, cut
from crs_desktop.viewmodels.heat_ring import COLUMNS, ROWS, Flow, HeatRing
from crs_desktop.viewmodels.ladder_centre import Centre
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.market import BookDiff, FeedState
from engine.domain.order import Side
from engine.ports.feed import FeedStateChanged, TradesPrinted

SAMPLE_NS = 100_000_000
"""Between two columns, at the pace of real time."""
SPAN = 6.0
"""The window is at first so many times as high as the book is deep."""
WIDEST = 0.01
"""But no higher than this share of the price."""
COLUMN_PX = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Widths of a column that can be chosen."""
LEAST_ROWS = 24
LOOSE = (1.25, 1.6, 2.6)
"""Rows in view are at least, at first, and at most so many times those that the market's range needs."""
LOWEST, HIGHEST = 0.25, 0.985
"""Quantiles of what rests between which the colours run."""


class HeatmapModel(ViewModel):
    """Samples the book into a ring, and remembers which part of it is looked at."""

    pace = 0.1
    poll = 0.1

    def __init__(self, desk: Desk, *, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self._size = (columns, rows)
        self.ring: HeatRing | None = None
        self.centre = Centre()
        self.column_px = 2.0
        self.right: int | None = None
        """The column after the last one in view; None follows the newest."""
        self.visible_rows: int | None = None
        """As many rows as the user wants to see; None shows where the market was."""
        self._fitted = 0
        self.bubbles = True
        self._due = 0
        self._flow, self._trusted = Flow(), True
        self._scale = (1.0, 2.0)
        super().__init__(desk)
        self._symbol = desk.symbol
        self.figures = Figures(desk.pair)
        self._listen(BookDiff, self._on_diff)
        self._listen(TradesPrinted, self._on_trades)
        self._listen(FeedStateChanged, self._on_state)

    # -- what is shown ------------------------------------------------------------------------------

    def picture(self, width: float) -> HeatPicture | None:
        """Return the columns that fit into so many logical pixels; None while there is nothing."""
        self._sample(self.desk.feed.now)
        ring = self.ring
        if ring is None or not ring.count or ring.low is None:
            return None
        stop = ring.count if self.right is None else min(max(self.right, ring.first + 1), ring.count)
        first = stop - max(1, int(width / self.column_px))
        market = self._market(ring, first, stop)
        rows = self.rows_in_view
        if self.centre.follow(market, rows):
            self.touch()
        middle = self.centre.at if self.centre.at is not None else ring.low + ring.rows // 2
        low = middle - rows // 2
        return cut(ring, first, stop, low, low + rows)

    @property
    def rows_in_view(self) -> int:
        """How many rows are shown."""
        return self.visible_rows or self._fitted or self._size[1] // 4

    @property
    def is_live(self) -> bool:
        """Whether the newest column is in view and moves along."""
        return self.right is None

    @property
    def state(self) -> Sentence | None:
        """What to say while there is nothing to see."""
        if self.ring is not None and self.ring.count:
            return None
        return say("The book is recorded from now on. The first columns appear in a moment.")

    @property
    def doubt(self) -> Sentence:
        """Why what is recorded now cannot be trusted; NOTHING while it can, and in the past."""
        return self.desk.trust.told(self.desk.symbol) if self.is_live else NOTHING

    def scale(self) -> tuple[float, float]:
        """Return the shades at which the colours begin and end; they hold still while the market changes little."""
        if self.ring is not None:
            low, high = self.ring.quantile(LOWEST), self.ring.quantile(HIGHEST)
            high = max(high, low + 8)
            if abs(low - self._scale[0]) > 3 or abs(high - self._scale[1]) > 3:
                self._scale = (low, high)
        return self._scale

    # -- what is looked at --------------------------------------------------------------------------

    def set_paused(self, on: bool) -> None:
        """Stand still at the newest column, or follow it again; recording goes on."""
        self.right = self.ring.count if on and self.ring is not None else None
        self.hurry()

    def pan(self, columns: int) -> None:
        """Look further back (columns < 0) or forward; at the newest column it is live again."""
        ring = self.ring
        if ring is None:
            return
        right = (ring.count if self.right is None else self.right) + columns
        self.right = None if right >= ring.count else max(right, ring.first + 1)
        self.hurry()

    def pan_prices(self, rows: int) -> None:
        """Look at higher prices (rows > 0) or lower ones; they stay there."""
        self.centre.scroll(rows)
        self.hurry()

    def zoom(self, steps: int) -> None:
        """Make columns wider (steps > 0) or narrower."""
        at = COLUMN_PX.index(self.column_px) + steps
        self.column_px = COLUMN_PX[min(max(at, 0), len(COLUMN_PX) - 1)]
        self.hurry()

    def zoom_prices(self, steps: int) -> None:
        """Show fewer rows (steps > 0) or more."""
        rows = round(self.rows_in_view * 0.8**steps)
        self.visible_rows = min(max(rows, LEAST_ROWS), self._size[1])
        self.hurry()

    def show_newest(self) -> None:
        """Follow time and prices again."""
        self.right = self.visible_rows = None
        self.centre.centre()
        self.hurry()

    # -- sampling -----------------------------------------------------------------------------------

    def _sample(self, now: int) -> None:
        """Add the columns that are due at an instant of the venue's time."""
        book = self.desk.book(self.desk.symbol)
        if self.ring is None:
            step = self._first_step()
            if step is None:
                return
            columns, rows = self._size
            self.ring, self._due = HeatRing(step, columns=columns, rows=rows), now
        if now < self._due:
            return
        ring, before, every = self.ring, self._trusted, self._every()
        self._trusted = self.desk.is_synced
        missed = (now - self._due) // every
        if ring.count:
            for number in range(max(0, missed - ring.columns), missed):
                ring.repeat(self._due + number * every, trusted=before)
        ring.write(book, now, trusted=self._trusted, flow=self._flow)
        self._flow = Flow()
        self._due += (missed + 1) * every
        self.touch()

    def _market(self, ring: HeatRing, first: int, stop: int) -> int | None:
        """Return the row in the middle of where the market was, and let the rows in view follow its range."""
        places = np.arange(max(first, ring.first), stop) % ring.columns
        known = np.concatenate((ring.bid[places], ring.ask[places]))
        known = known[~np.isnan(known)]
        if not len(known):
            return None
        low, high = float(known.min()) / ring.step, float(known.max()) / ring.step
        needed = int(high - low) + ring.rows // 8
        if not needed * LOOSE[0] <= self._fitted <= needed * LOOSE[2]:
            self._fitted = min(round(needed * LOOSE[1]), ring.rows)
        return int((low + high) / 2)

    def _every(self) -> int:
        """Return how much of the venue's time one column stands for."""
        runner = self.desk.runner
        return round(SAMPLE_NS * max(1.0, runner.speed if runner is not None else 1.0))

    def _first_step(self) -> int | None:
        """Return how many ticks a row should hold for this book, None while it is empty."""
        book = self.desk.book(self.desk.symbol)
        bid, ask = book.best_bid, book.best_ask
        if bid is None or ask is None:
            return None
        lowest, highest = int(book.columns(Side.BUY)[0].min()), int(book.columns(Side.SELL)[0].max())
        ticks = min((highest - lowest) * SPAN, ask * WIDEST) / self._size[1]
        step = 1
        while step < ticks:
            step = next(each for each in (step * 2, step * 5 // 2) if str(each)[0] in "125")
        return step

    def _on_diff(self, diff: BookDiff) -> None:
        if diff.symbol == self.desk.symbol:
            self._sample(diff.at)

    def _on_trades(self, event: TradesPrinted) -> None:
        if event.symbol != self.desk.symbol:
            return
        bought, bought_value, sold, sold_value = self._flow
        for tick in event.ticks:
            if tick.side is Side.BUY:
                bought, bought_value = bought + tick.qty, bought_value + tick.qty * tick.price
            else:
                sold, sold_value = sold + tick.qty, sold_value + tick.qty * tick.price
        self._flow = Flow(bought, bought_value, sold, sold_value)

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump, a restart: another time
            self._start_again()
        self.hurry()

    def _desk_changed(self, desk: Desk) -> None:
        if desk.symbol != self._symbol:
            self._symbol, self.figures = desk.symbol, Figures(desk.pair)
            self._start_again()
        super()._desk_changed(desk)

    def _start_again(self) -> None:
        self.ring, self.right, self._flow, self._due = None, None, Flow(), 0
        self._fitted = 0
        self.centre.forget()
