"""The scanner: every instrument of every connected venue, thousands of rows, sorted and filtered, live.

Figures are kept in columns (`figures`); texts are made only of rows that are looked at. Rows change places at most
once a second, and not at all while somebody points at them or works with one: they only say that the order is old.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.columns import Cell, Column
from crs_desktop.viewmodels.exchange.trust import WORDS
from crs_desktop.viewmodels.markets import sieve as sieves
from crs_desktop.viewmodels.markets.figures import Figures, Listed, order
from crs_desktop.viewmodels.markets.opening import open_row
from crs_desktop.viewmodels.markets.rowtext import change_cell, price_cell, spread_cell, volume_cell
from crs_desktop.viewmodels.markets.sieve import Sieve
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.watch_lists import Item
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.instrument import InstrumentKind
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND
from engine.services.board import BoardChanged, BoardListed

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk

RESORT_S = 1.0
"""At least so long between two orders of the rows."""
AT_ONCE = 500
"""Rows whose figures are taken for one refresh; the others follow with the next."""

COLUMNS = (
    Column("Venue", "venue", "left"),
    Column("Pair", "pair", "left"),
    Column("Kind", "kind", "left"),
    Column("Last", "last"),
    Column("24 h", "change"),
    Column("Bid", "bid", spare=2),
    Column("Ask", "ask", spare=2),
    Column("Spread, bps", "spread"),
    Column("Volume ≈ $", "volume"),
    Column("Age", "age", spare=1),
)
DOWN_FIRST = frozenset({"last", "change", "bid", "ask", "spread", "volume"})
"""Columns of which the most comes first when they are chosen."""
KINDS = {InstrumentKind.SPOT: say("spot"), InstrumentKind.PERPETUAL: say("perpetual")}


class Preset(NamedTuple):
    """An order of the rows that is often wanted."""

    name: str
    title: Sentence
    column: str
    descending: bool


PRESETS = (
    Preset("gainers", say("Gainers"), "change", True),
    Preset("losers", say("Losers"), "change", False),
    Preset("volume", say("Volume"), "volume", True),
    Preset("spread", say("Widest spread"), "spread", True),
)


class Step(NamedTuple):
    """What a refresh changed."""

    ordered: bool
    """Whether other rows are shown, or in another order."""
    changed: frozenset[int]
    """Rows with new figures, by number."""


class ScannerModel(ViewModel):
    """Rows by number; `shown` is the order on the screen. `clock` is monotonic, in seconds."""

    poll = 1.0

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(desk)
        self.connected, self._board, self._clock = desk.connected, desk.connected.board, clock
        self.figures = Figures(self._board)
        self.sieve = Sieve()
        self.column, self.descending = "volume", True
        self.held = False
        """Set while somebody points at rows or works with one."""
        self.pending = False
        """Whether the order of the rows is old."""
        self._news: dict[tuple[str, str], None] = {}
        self._listed, self._sifted, self._sorted = False, False, False
        self._sorted_at = clock()
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self._states: dict[str, tuple[FeedState, str]] = {}
        self._still = np.ones(len(self.figures.listed), dtype=np.bool_)
        self.shown = self._order()
        bus = self.connected.bus
        self._keep(bus.subscribe(BoardChanged, self._on_changed))
        self._keep(bus.subscribe(BoardListed, self._on_listed))
        self._keep(self.connected.on_change(self.touch))

    # -- what to show -----------------------------------------------------------------------------

    def sort(self, column: str, *, descending: bool | None = None) -> None:
        """Sort by a column; once more turns the order round."""
        if descending is None:
            descending = not self.descending if column == self.column else column in DOWN_FIRST
        self.column, self.descending = column, descending
        self._sorted = False
        self.hurry()

    def sort_now(self) -> None:
        """Bring the rows in order though somebody looks at them."""
        self._sorted = False
        self.hurry()

    @property
    def preset(self) -> str:
        """The name of the order in force if it is one of `PRESETS`, else empty."""
        here = self.column, self.descending
        return next((each.name for each in PRESETS if (each.column, each.descending) == here), "")

    def sift(self, sieve: Sieve) -> None:
        """Show what passes."""
        if sieve != self.sieve:
            if sieve.still != self.sieve.still:
                self._sifted = False
            self.sieve, self._sorted = sieve, False
            self.hurry()

    def quotes(self) -> list[str]:
        """Return the quote assets that there are, those of the most pairs first."""
        counts = self.figures.quotes
        return sorted(counts, key=lambda code: (-counts[code], code))

    def kinds(self) -> list[InstrumentKind]:
        """Return the kinds of instruments that there are."""
        return [kind for kind in InstrumentKind if kind in self.figures.kinds]

    # -- what there is ----------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many instruments there are."""
        return len(self.figures.listed)

    def advance(self) -> Step:
        """Take what is new; a bounded part of it if it is much."""
        if not self._listed_now():
            return Step(True, frozenset())
        taken = list(self._news)[:AT_ONCE]
        for key in taken:
            del self._news[key]
        changed = frozenset(self.figures.update(taken))
        for number in changed:
            self._cells.pop(number, None)
        self._look_at_states()
        self.pending = self.pending or bool(changed)
        old = self.pending and not self.held and self._clock() - self._sorted_at >= RESORT_S
        ordered = False
        if not self._sorted or old:
            before, self.shown = self.shown, self._order()
            ordered = not np.array_equal(before, self.shown)
        return Step(ordered, changed)

    @property
    def complete(self) -> bool:
        """Whether the last step took all that was new."""
        return not self._news

    def cells(self, number: int) -> tuple[Cell, ...]:
        """Return a row's texts; how old it is, is not kept."""
        made = self._cells.get(number)
        if made is None:
            made = self._cells[number] = self._made(number)
        return (*made, self._age(number))

    def key(self, number: int) -> Item:
        """Return which instrument a row is."""
        listed = self.figures.listed[number]
        return Item(listed.venue, listed.symbol)

    def is_current(self, number: int) -> bool:
        """Whether a row is the pair of the desk."""
        listed, exchange = self.figures.listed[number], self.desk.trust.exchange
        own = exchange.venue if exchange is not None else self.desk.feed.label.value.lower()
        return listed.symbol == self.desk.symbol and listed.venue == own

    def is_stale(self, number: int) -> bool:
        """Whether the prices of a row may be old: its venue is not in step."""
        state = self._states.get(self.figures.listed[number].venue)
        return state is None or state[0] is not FeedState.SYNCED

    def open(self, number: int) -> None:
        """Look at an instrument: on the desk if it is of this venue, else offer to go there."""
        open_row(self.desk, self.key(number))

    def watch(self, number: int) -> str | None:
        """Put an instrument on the watchlist; return the list's name, None if it is on it."""
        found = self.connected.lists.add(self.key(number))
        return None if found is None else found.name

    # -- inside -----------------------------------------------------------------------------------

    def _listed_now(self) -> bool:
        """Take another list of instruments if there is one; False if everything was taken anew."""
        if self._listed:
            self._listed = self._sifted = self._sorted = False
            self._news.clear()
            self._cells.clear()
            self.figures.reload()
            self._sift()
            self.shown = self._order()
            return False
        if not self._sifted:
            self._sift()
        return True

    def _sift(self) -> None:
        listed, still = self.figures.listed, self.sieve.still
        everything = still.is_open
        self._still = np.fromiter((everything or still.passes(each) for each in listed), np.bool_, len(listed))
        self._sifted, self._sorted = True, False

    def _order(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        self.figures.value()
        among = np.flatnonzero(sieves.passing(self.sieve, self.figures, self._still))
        self._sorted, self.pending, self._sorted_at = True, False, self._clock()
        return order(self.figures.columns[self.column], among, descending=self.descending)

    def _look_at_states(self) -> None:
        states = {each.venue: (each.state, each.text) for each in self._board.venues()}
        if states != self._states:
            self._states = states
            self._cells.clear()

    def _made(self, number: int) -> tuple[Cell, ...]:
        listed = self.figures.listed[number]
        found, pair = self._board.ticker(listed.venue, listed.symbol), listed.instrument.pair
        venue, kind = self._venue(listed), Cell(KINDS[listed.instrument.kind], "muted")
        name = Cell(listed.symbol, "text" if listed.instrument.trading else "faint", tip=_tip(listed))
        if found is None:
            return venue, name, kind, *(MISSING,) * 6
        ticker = found[0]
        tone = "faint" if self.is_stale(number) else "text"
        return (
            venue, name, kind, price_cell(pair, ticker.last, tone), change_cell(ticker, stale=tone == "faint"),
            price_cell(pair, ticker.bid, tone), price_cell(pair, ticker.ask, tone), spread_cell(ticker, tone),
            volume_cell(float(self.figures.columns["volume"][number]), pair, ticker),
        )  # fmt: skip

    def _venue(self, listed: Listed) -> Cell:
        state, text = self._states.get(listed.venue, (FeedState.CONNECTING, ""))
        if state is FeedState.SYNCED:
            return Cell(listed.title, "muted")
        return Cell(say("{venue} · {state}", venue=listed.title, state=str(WORDS[state])), "warn", tip=text)

    def _age(self, number: int) -> Cell:
        listed = self.figures.listed[number]
        row = self._board.row(listed.venue, listed.symbol)
        age = None if row is None else self._board.age_s(row)
        return MISSING if age is None else Cell(fmt.age(int(age * NANOS_PER_SECOND)), "muted")

    def _on_changed(self, event: BoardChanged) -> None:
        self._news.update(dict.fromkeys((event.venue, symbol) for symbol in event.symbols))
        self.touch()

    def _on_listed(self, _event: BoardListed) -> None:
        self._listed = True
        self.hurry()


def _tip(listed: Listed) -> Sentence:
    if not listed.instrument.trading:
        return say("{symbol} does not trade on {venue} now.", symbol=listed.symbol, venue=listed.title)
    return say("{symbol} on {venue}", symbol=listed.symbol, venue=listed.title)
