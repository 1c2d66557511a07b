"""The markets at a glance: last price, change of 24 hours, spark line, spread; the market's own pairs, or a list.

A list holds instruments of any connected venue. Those that the desk carries are told from its own prices, the others
from the board of all venues, with a word where they may be old.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.exchange.trust import WORDS
from crs_desktop.viewmodels.markets.day import day_of
from crs_desktop.viewmodels.markets.opening import open_row
from crs_desktop.viewmodels.markets.own import own_venue
from crs_desktop.viewmodels.markets.rowtext import change_bps, spread_text
from crs_desktop.viewmodels.watch_lists import Item
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.market import BookDiff, FeedState
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.services.alerts import AlertsChanged
from engine.services.board import BoardChanged, BoardListed

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from engine.services.board_row import BoardRow


class WatchRow(NamedTuple):
    """One market as texts."""

    symbol: str
    last: str
    change: str
    direction: int
    """Sign of the 24-hour change."""
    spread: str
    """In basis points."""
    flash: int
    """1 or -1 if the last price moved since the last look, else 0."""
    spark: tuple[float, ...]
    is_current: bool
    watched: bool = False
    """Whether an alert waits for it."""
    item: Item = Item("", "")
    venue: str = ""
    """The venue's name for the screen."""
    volume: str = ""
    """Of 24 hours, with its asset; empty if it is not known."""
    stale: Sentence = NOTHING
    """Why the prices may be old, in two words."""


class WatchlistModel(ViewModel):
    """All pairs that have prices in the venue's order, or the list in front in the user's."""

    pace = 0.25

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.connected, self._board = desk.connected, desk.connected.board
        self.lists = desk.connected.lists
        self.cursor: Item | None = None
        """The row that keys act on in a list of the user's."""
        self._seen: dict[Item, int] = {}
        self._listen(TradesPrinted, self.touch)
        self._listen(BookDiff, self.touch)
        self._listen(FeedStateChanged, self.touch)
        self._listen(AlertsChanged, self.touch)
        self._keep(self.connected.bus.subscribe(BoardChanged, self._on_board))
        self._keep(self.connected.bus.subscribe(BoardListed, self._on_board))
        self._keep(self.lists.on_change(lambda _lists: self.hurry()))

    @property
    def poll(self) -> float:  # type: ignore[override]
        """A list tells ages."""
        return 0.0 if self.lists.shown is None else 1.0

    def _on_board(self, _event: object) -> None:
        if self.lists.shown is not None:
            self.touch()

    # -- what there is ----------------------------------------------------------------------------

    def items(self) -> list[Item]:
        """Return what is listed."""
        if self.lists.shown is not None:
            return list(self.lists.shown.items)
        own = own_venue(self.desk).name
        return [Item(own, symbol) for symbol in self.desk.markets]

    def rows(self) -> list[WatchRow]:
        """Return every market of the list as it is now."""
        own = own_venue(self.desk)
        carried = set(self.desk.markets)
        return [
            self._own_row(item, own.title)
            if item.venue == own.name and item.symbol in carried
            else self._board_row(item, own.name)
            for item in self.items()
        ]

    @property
    def title(self) -> str:
        """The name of the list in front; the venue's for its own pairs."""
        return own_venue(self.desk).title if self.lists.shown is None else self.lists.shown.name

    @property
    def is_own(self) -> bool:
        """Whether the market's own pairs are shown, which cannot be changed."""
        return self.lists.shown is None

    @property
    def is_synced(self) -> bool:
        """Whether the prices are up to date; a list says it of each row."""
        return self.desk.is_synced or not self.is_own

    @property
    def empty(self) -> Sentence:
        """What a list is for, while nothing is in it."""
        return say("A list of your own holds instruments of any connected venue, in your order.")

    # -- doing ------------------------------------------------------------------------------------

    def select(self, item: Item | str) -> None:
        """Look at a market; one of another venue is offered to whoever can go there."""
        chosen = item if isinstance(item, Item) else Item(own_venue(self.desk).name, item)
        self.cursor = chosen
        open_row(self.desk, chosen)
        self.hurry()

    def step(self, steps: int) -> None:
        """Go to the next or previous market; one of another venue is only pointed at."""
        if self.is_own:
            self.desk.step_symbol(steps)
            return
        items = self.items()
        if items:
            at = items.index(self.cursor) if self.cursor in items else (-1 if steps > 0 else 0)
            self._point(items[(at + steps) % len(items)])

    def _point(self, item: Item) -> None:
        self.cursor = item
        own = own_venue(self.desk)
        if item.venue == own.name and self._board_lists(item):
            open_row(self.desk, item)
        self.hurry()

    def open(self) -> None:
        """Look at the market that is pointed at."""
        if self.cursor is not None:
            self.select(self.cursor)

    def move(self, item: Item, to: int) -> None:
        """Let a market stand at another place of the list."""
        self.lists.move(item, to)

    def shift(self, steps: int) -> None:
        """Move the market that is pointed at up or down."""
        items = self.items()
        if not self.is_own and self.cursor in items:
            self.lists.move(self.cursor, items.index(self.cursor) + steps)

    def remove(self, item: Item | None = None) -> None:
        """Take a market (the one that is pointed at) off the list; it can be undone."""
        gone = self.cursor if item is None else item
        shown, items = self.lists.shown, self.items()
        if gone is None or shown is None:
            return
        before = self.lists.remove(gone)
        if before is None:
            return
        at, left = items.index(gone), self.items()
        self.cursor = left[min(at, len(left) - 1)] if left else None
        what = say("{symbol} is off “{name}”", symbol=gone.symbol, name=shown.name)
        self.connected.removed(what, lambda: self.lists.restore(before))

    # -- rows -------------------------------------------------------------------------------------

    def _board_lists(self, item: Item) -> bool:
        return item.symbol in self.desk.markets or self._board.row(item.venue, item.symbol) is not None

    def _is_current(self, item: Item, *, own: bool) -> bool:
        if self.is_own:
            return item.symbol == self.desk.symbol
        return item == self.cursor if self.cursor in self.items() else own and item.symbol == self.desk.symbol

    def _flash(self, item: Item, last: int | None) -> int:
        if last is None:
            return 0
        before = self._seen.get(item)
        self._seen[item] = last
        return 0 if before is None or before == last else (1 if last > before else -1)

    def _own_row(self, item: Item, title: str) -> WatchRow:
        symbol = item.symbol
        pair, data = self.desk.pairs[symbol], self.desk.market_data
        day, quote, last = day_of(self.desk, symbol), data.quote(symbol), data.last_price(symbol)
        spread = fmt.DASH
        if quote.bid is not None and quote.ask is not None:
            spread = fmt.basis_points(2 * (quote.ask - quote.bid), quote.ask + quote.bid)
        change = day.change_bps
        volume = f"{fmt.compact(float(pair.qty_text(day.volume)))} {pair.base.code}" if day.volume else ""
        stale = NOTHING if self.is_own or self.desk.trust.trusts(symbol) else self._stale_own(symbol)
        return WatchRow(
            symbol=symbol,
            last=fmt.price(pair, last) if last is not None else fmt.DASH,
            change=fmt.percent(change),
            direction=_sign(change),
            spread=spread,
            flash=self._flash(item, last),
            spark=day.spark,
            is_current=self._is_current(item, own=True),
            watched=any(each.active for each in self.desk.alerts.of(symbol)),
            item=item,
            venue=title,
            volume=volume,
            stale=stale,
        )

    def _stale_own(self, symbol: str) -> Sentence:
        badge = self.desk.trust.badge(symbol)
        return badge if badge.source else WORDS[self.desk.trust.state(symbol)]

    def _board_row(self, item: Item, own: str) -> WatchRow:
        row = self._board.row(item.venue, item.symbol)
        title = self.connected.title(item.venue)
        is_current = self._is_current(item, own=item.venue == own)
        ticker = None if row is None else row.ticker
        if row is None or ticker is None:
            stale = say("no price yet") if row is not None else self._absent(item.venue)
            return WatchRow(
                item.symbol, fmt.DASH, fmt.percent(None), 0, fmt.DASH, 0, (), is_current, item=item, venue=title,
                stale=stale,
            )  # fmt: skip
        pair, change = row.instrument.pair, change_bps(ticker)
        volume = "" if ticker.volume is None else f"{fmt.compact(float(pair.qty(ticker.volume)))} {pair.base.code}"
        last = fmt.DASH if ticker.last is None else fmt.price(pair, ticker.last)
        return WatchRow(
            item.symbol, last, fmt.percent(change), _sign(change), spread_text(ticker),
            self._flash(item, ticker.last), (), is_current, item=item, venue=title, volume=volume,
            stale=self._stale(row),
        )  # fmt: skip

    def _absent(self, venue: str) -> Sentence:
        """Return why an instrument is not on the board."""
        state = self._board.state(venue)
        if state is FeedState.ENDED:
            return say("not connected")
        return say("not listed") if state is FeedState.SYNCED else WORDS[state]

    def _stale(self, row: BoardRow) -> Sentence:
        state = self._board.state(row.venue)
        if state is FeedState.SYNCED:
            return NOTHING
        age = self._board.age_s(row)
        return say(
            "{state} {age}", state=str(WORDS[state]), age="" if age is None else fmt.age(int(age * NANOS_PER_SECOND))
        )


def _sign(change: int | None) -> int:
    return 0 if not change else (1 if change > 0 else -1)
