"""The public prints of the desk's pair, newest first: filtered, joined, with the large ones marked.

Lines are numbered from the first one on. While the user points at the tape or has scrolled, it is held at a line and
new ones are only counted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.figures import Figures
from crs_desktop.viewmodels.tape_filter import LargeSizes, TapeFilter, TapeLine, joined, line_of
from crs_desktop.viewmodels.tape_pulse import TapePulse
from crs_desktop.viewmodels.ticket_price import read_number
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.market import FeedState, TradeTick
from engine.domain.number import Ticks
from engine.domain.order import Side
from engine.ports.feed import FeedStateChanged, TradesPrinted

KEPT = 500
"""Lines that can be scrolled through."""


class Print(NamedTuple):
    """One line as texts; `weight` is its size against the largest in view, 0 to 1."""

    time: str
    price: str
    qty: str
    side: Side
    weight: float
    ticks: Ticks
    large: bool = False
    prints: int = 1
    """How many prints it is made of."""


class TapeModel(ViewModel):
    """What was traded since the pane was opened, and the prints that the market data service has from before."""

    pace = 0.12
    poll = 1.0

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.filter = TapeFilter(together=False)
        self.least_text = self.large_text = ""
        self.least_problem: Sentence | None = None
        self.large_problem: Sentence | None = None
        self._large_from: Decimal | None = None
        self._large, self._flow = LargeSizes(), TapePulse()
        self._figures = Figures(desk.pair)
        self._lines: deque[TapeLine] = deque(maxlen=KEPT)
        self._count = 0
        """Lines that ever were."""
        self._held: int | None = None
        self._symbol = desk.symbol
        self._listen(TradesPrinted, self._on_trades)
        self._listen(FeedStateChanged, self._on_state)
        self._start_again()

    # -- what is shown ------------------------------------------------------------------------------

    def prints(self, count: int, skip: int = 0) -> list[Print]:
        """Return up to `count` lines, newest (or where it is held) first, leaving out the first `skip`."""
        skip += self.waiting
        lines = list(islice(reversed(self._lines), skip, skip + count))
        largest = max((line.qty for line in lines), default=1)
        limit = self._large.limit if self._large_from is None else None
        return [self._told(line, largest, limit) for line in lines]

    @property
    def total(self) -> int:
        """How many lines can be scrolled through."""
        return len(self._lines) - self.waiting

    @property
    def waiting(self) -> int:
        """How many lines came since the tape is held."""
        return 0 if self._held is None else min(self._count - self._held, max(0, len(self._lines) - 1))

    @property
    def state(self) -> Sentence | None:
        """What to say while there is nothing."""
        if self._lines:
            return None
        if self.desk.market_data.tape(self.desk.symbol):
            return say("No trade passes the filter yet.")
        return say("No trades yet. They appear here as they happen.")

    @property
    def is_synced(self) -> bool:
        """Whether the prints are up to date; if not they are greyed."""
        return self.desk.is_synced

    def flow(self) -> tuple[float, float, str, str]:
        """Return prints per second, the bought share of the volume (0.5 for none), and both volumes as texts."""
        speed, bought, sold = self._flow.read(self.desk.feed.now)
        share = bought / (bought + sold) if bought + sold else 0.5
        return speed, share, self._figures.quantity(bought, 7), self._figures.quantity(sold, 7)

    # -- what the user chooses ----------------------------------------------------------------------

    def hold(self, on: bool) -> None:
        """Stand still, or go on with the newest line."""
        if on != (self._held is not None):
            self._held = self._count if on else None
            self.hurry()

    def set_side(self, side: Side | None) -> None:
        """Show what takers of one side did, or all."""
        self._choose(replace(self.filter, side=side))

    def set_together(self, on: bool) -> None:
        """Show prints of one instant and side as one line, or each."""
        self._choose(replace(self.filter, together=on))

    def set_in_quote(self, on: bool) -> None:
        """Judge sizes by their value in the quote asset, or by quantity."""
        self._choose(replace(self.filter, in_quote=on))

    def set_least(self, text: str) -> None:
        """Take the least size that is shown, as typed; empty shows all."""
        self.least_text = text
        value, self.least_problem = _amount(text)
        self._choose(replace(self.filter, least=value or Decimal(0)))

    def set_large(self, text: str) -> None:
        """Take the size from which a line is marked, as typed; empty marks the largest of the session."""
        self.large_text = text
        self._large_from, self.large_problem = _amount(text)
        self.hurry()

    @property
    def is_filtered(self) -> bool:
        """Whether something is left out."""
        return bool(self.filter.least) or self.filter.side is not None

    # -- inside -------------------------------------------------------------------------------------

    def _told(self, line: TapeLine, largest: int, limit: int | None) -> Print:
        if self._large_from is not None:
            large = self.filter.measure(self.desk.pair, line) >= self._large_from
        else:
            large = limit is not None and line.qty >= limit
        return Print(
            fmt.clock(line.at),
            self._figures.price(line.price),
            self._figures.quantity(line.qty, 10),
            line.side,
            line.qty / largest,
            line.price,
            large,
            line.prints,
        )

    def _choose(self, chosen: TapeFilter) -> None:
        self.filter = chosen
        self._held = None
        self._fill()
        self.hurry()

    def _fill(self) -> None:
        """Take the prints that are known through the filter anew."""
        self._lines.clear()
        self._newest: TapeLine | None = None
        self._count = 0
        for tick in self.desk.market_data.tape(self.desk.symbol):
            self._take(tick)

    def _take(self, tick: TradeTick) -> None:
        """Add a print, to the line before it if they belong together."""
        before, pair = self._newest, self.desk.pair
        both = joined(before, tick) if before is not None and self.filter.together else None
        if both is not None and before is not None and self.filter.passes(pair, before):
            self._lines.pop()
            self._count -= 1
        self._newest = line = both or line_of(tick)
        if self.filter.passes(pair, line):
            self._lines.append(line)
            self._count += 1

    def _on_trades(self, event: TradesPrinted) -> None:
        if event.symbol != self.desk.symbol:
            return
        for tick in event.ticks:
            self._take(tick)
        self._large.add(tick.qty for tick in event.ticks)
        self._flow.add(event.ticks)
        self._touched = True

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump, a restart: another time
            self._start_again()
        self.touch()

    def _desk_changed(self, desk: Desk) -> None:
        if desk.symbol != self._symbol:
            self._symbol, self._figures = desk.symbol, Figures(desk.pair)
            self.least_text = self.large_text = ""
            self._large_from = self.least_problem = self.large_problem = None
            self.filter = replace(self.filter, least=Decimal(0))
            self._start_again()
        super()._desk_changed(desk)

    def _start_again(self) -> None:
        known = self.desk.market_data.tape(self.desk.symbol)
        self._held = None
        self._large.clear()
        self._flow.clear()
        self._large.add(tick.qty for tick in known)
        self._flow.add(known)
        self._fill()


def _amount(text: str) -> tuple[Decimal | None, Sentence | None]:
    if not text.strip():
        return None, None
    return read_number(text, say("Enter an amount."))
