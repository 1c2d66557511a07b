"""The public prints of the desk's pair, newest first."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.market import TradeTick
from engine.domain.number import Ticks
from engine.domain.order import Side
from engine.ports.feed import FeedStateChanged, TradesPrinted


class Print(NamedTuple):
    """One print as texts; `weight` is its size against the largest in view, 0 to 1."""

    time: str
    price: str
    qty: str
    side: Side
    weight: float
    ticks: Ticks


class TapeModel(ViewModel):
    """What was traded; bounded by the market data service (500 prints)."""

    pace = 0.12

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._listen(TradesPrinted, self._on_trades)
        self._listen(FeedStateChanged, self.touch)

    def prints(self, count: int, skip: int = 0) -> list[Print]:
        """Return up to `count` prints, newest first, leaving out the newest `skip`."""
        ticks: list[TradeTick] = list(
            islice(reversed(self.desk.market_data.tape(self.desk.symbol)), skip, skip + count)
        )
        pair = self.desk.pair
        largest = max((tick.qty for tick in ticks), default=1)
        return [
            Print(
                fmt.clock(tick.at), fmt.price(pair, tick.price), fmt.short_quantity(pair, tick.qty, 10), tick.side,
                tick.qty / largest, tick.price,
            )
            for tick in ticks
        ]  # fmt: skip

    @property
    def total(self) -> int:
        """How many prints can be scrolled through."""
        return len(self.desk.market_data.tape(self.desk.symbol))

    @property
    def state(self) -> Sentence | None:
        """What to say while there is nothing."""
        return None if self.total else say("No trades yet. They appear here as they happen.")

    @property
    def is_synced(self) -> bool:
        """Whether the prints are up to date; if not they are greyed."""
        return self.desk.is_synced

    def _on_trades(self, event: TradesPrinted) -> None:
        if event.symbol == self.desk.symbol:
            self._touched = True
