"""The markets at a glance: last price, change of 24 hours, spark line, spread."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from engine.domain.market import BookDiff
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.services.alerts import AlertsChanged


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


class WatchlistModel(ViewModel):
    """All pairs that have prices, in the venue's order."""

    pace = 0.25

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._seen: dict[str, int] = {}
        self._listen(TradesPrinted, self.touch)
        self._listen(BookDiff, self.touch)
        self._listen(FeedStateChanged, self.touch)
        self._listen(AlertsChanged, self.touch)

    def rows(self) -> list[WatchRow]:
        """Return every market as it is now."""
        return [self._row(symbol) for symbol in self.desk.markets]

    @property
    def is_synced(self) -> bool:
        """Whether the prices are up to date."""
        return self.desk.is_synced

    def select(self, symbol: str) -> None:
        """Look at a market."""
        self.desk.select(symbol)

    def step(self, steps: int) -> None:
        """Look at the next or previous market."""
        self.desk.step_symbol(steps)

    def _row(self, symbol: str) -> WatchRow:
        pair, data = self.desk.pairs[symbol], self.desk.market_data
        day, quote, last = data.day(symbol), data.quote(symbol), data.last_price(symbol)
        before = self._seen.get(symbol)
        flash = 0
        if last is not None:
            flash = 0 if before is None or before == last else (1 if last > before else -1)
            self._seen[symbol] = last
        spread = fmt.DASH
        if quote.bid is not None and quote.ask is not None:
            spread = fmt.basis_points(2 * (quote.ask - quote.bid), quote.ask + quote.bid)
        change = day.change_bps
        return WatchRow(
            symbol=symbol,
            last=fmt.price(pair, last) if last is not None else fmt.DASH,
            change=fmt.percent(change),
            direction=0 if not change else (1 if change > 0 else -1),
            spread=spread,
            flash=flash,
            spark=day.spark,
            is_current=symbol == self.desk.symbol,
            watched=any(each.active for each in self.desk.alerts.of(symbol)),
        )
