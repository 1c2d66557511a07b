"""How much one click on the ladder sends: a quantity in lots, a few presets around the size of a new order."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.sizing import lots_for_value, step_lots, stepped
from crs_desktop.viewmodels.ticket_price import read_lots
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.market import Level
from engine.domain.number import Lots, Ticks

MULTIPLES = (1, 2, 5, 10)
PLENTY = Lots(10**30)


class LadderSize:
    """The size of the desk's pair; a round one near the setting until the user chooses."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._chosen: Lots | None = None
        self.typed: str | None = None
        """A text that is no size."""
        self.problem: Sentence | None = None

    @property
    def lots(self) -> Lots | None:
        """The quantity, None while no price is known or what was typed is no size."""
        return None if self.problem is not None else self._chosen or self._first()

    @property
    def text(self) -> str:
        """The quantity as typed or chosen."""
        if self.typed is not None:
            return self.typed
        return "" if self.lots is None else self._desk.pair.qty_text(self.lots)

    def presets(self) -> list[tuple[Lots, str]]:
        """Return what the chips offer, with their texts; nothing while no price is known."""
        first = self._first()
        if first is None:
            return []
        return [
            (Lots(first * each), _short(fmt.short_quantity(self._desk.pair, first * each, 7))) for each in MULTIPLES
        ]

    def choose(self, lots: Lots) -> None:
        """Take a quantity."""
        self._chosen, self.typed, self.problem = lots, None, None

    def read(self, text: str) -> None:
        """Take a quantity as typed."""
        lots, self.problem = read_lots(self._desk.pair, text, say("Enter an amount."))
        self._chosen, self.typed = lots, text

    def step(self, steps: int) -> None:
        """Make it larger or smaller by comfortable steps."""
        lots = self.lots
        if lots is not None:
            self.choose(Lots(stepped(lots, step_lots(lots), steps)))

    def forget(self) -> None:
        """Start again: another pair."""
        self._chosen = self.typed = self.problem = None

    def _first(self) -> Lots | None:
        desk = self._desk
        last = desk.market_data.last_price(desk.symbol)
        if last is None:
            return None
        value = desk.pair.quote.units(desk.settings.trading.default_size)
        lots = max(1, lots_for_value(desk.pair, [Level(Ticks(last), PLENTY)], value))
        digit = 10 ** (len(str(lots)) - 1)
        return Lots(lots // digit * digit)


def _short(text: str) -> str:
    """Return a decimal text, `3.000M` too, without zeros at its end."""
    digits = text.rstrip("KMBT")
    short = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return short + text[len(digits) :]
