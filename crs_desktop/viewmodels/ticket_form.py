"""The fields of the ticket: what was typed, and which fields there are.

Text is kept as typed, wrong or not; `ticket_read` says what it means. The size has three faces (base, quote, share
of the free funds); the one typed last leads and the others follow it. Whole lots are always rounded down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.ticket_expiry import Expiry
from crs_desktop.viewmodels.ticket_kind import GTC, GTD, KINDS, OPENING, TAKE_PROFITS, Kind, Leg, Spec
from crs_desktop.viewmodels.ticket_price import Level, Unit
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.number import EXACT
from engine.domain.order import OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput


class Lead(StrEnum):
    """Which face of the size was typed."""

    BASE = "base"
    QUOTE = "quote"
    PERCENT = "percent"


@dataclass(slots=True)
class TicketForm:
    """What the person has entered."""

    side: Side = Side.BUY
    kind: Kind = Kind.MARKET
    entry: Kind = Kind.LIMIT
    """What a list that opens something begins with."""
    then: Leg = Leg.TARGET
    """What an OTO ends with."""
    tif: TimeInForce = GTC
    post_only: bool = False
    reduce_only: bool = False
    stp: SelfTrade = SelfTrade.NONE
    price_text: str = ""
    stop_text: str = ""
    trail: Level = field(default_factory=lambda: Level("1", Unit.PERCENT))
    """A distance: of `PRICE`, an amount of the quote; or `PERCENT`."""
    target: Level = field(default_factory=lambda: Level("2", Unit.RISK))
    loss: Level = field(default_factory=lambda: Level("1", Unit.PERCENT))
    aside: Level | None = None
    """The target in multiples of a risk, while there is no stop to measure it."""
    loss_limit_text: str = ""
    """The limit of the stop of a list; empty = it sells at the market."""
    display_text: str = ""
    expiry: Expiry = field(default_factory=Expiry)
    lead: Lead = Lead.QUOTE
    size_text: str = ""

    @property
    def spec(self) -> Spec:
        """What leads: the kind itself, or a list's entry."""
        return KINDS[self.entry if self.opens else self.kind]

    @property
    def opens(self) -> bool:
        """Whether it is an entry with what gets out again."""
        return self.kind in OPENING

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The orders of a list that get out, in its order."""
        if self.kind is Kind.OTO:
            return (self.then,)
        return (Leg.TARGET, Leg.STOP) if self.is_list else ()

    @property
    def order_type(self) -> OrderType:
        """The venue's type of what leads."""
        return self.spec.order_type

    @property
    def is_list(self) -> bool:
        """Whether several orders are sent together."""
        return self.kind is Kind.OCO or self.opens

    @property
    def exit_side(self) -> Side:
        """The side of what gets out."""
        return self.side.opposite if self.opens else self.side

    @property
    def has_price(self) -> bool:
        """Whether a limit price is entered; the target of an OCO has a field of its own."""
        return self.spec.has_price and self.kind is not Kind.OCO

    @property
    def has_stop(self) -> bool:
        """Whether a stop or trigger price is entered."""
        return self.spec.has_stop

    @property
    def has_trail(self) -> bool:
        """Whether what leads trails."""
        return self.kind is Kind.TRAILING_STOP

    @property
    def has_distance(self) -> bool:
        """Whether a trailing distance is entered."""
        return self.has_trail or Leg.TRAIL in self.legs

    @property
    def takes_profit(self) -> bool:
        """Whether its stop price is one that the market must reach in its favour."""
        return self.order_type in TAKE_PROFITS

    @property
    def tifs(self) -> tuple[TimeInForce, ...]:
        """The times in force it can have."""
        return self.spec.tifs

    @property
    def can_post_only(self) -> bool:
        """Whether post-only makes sense: a limit that may rest."""
        return self.order_type is OrderType.LIMIT and self.kind is not Kind.OCO and self.tif in (GTC, GTD)

    @property
    def is_post_only(self) -> bool:
        """Whether post-only is chosen and makes sense."""
        return self.post_only and self.can_post_only

    @property
    def can_reduce_only(self) -> bool:
        """Whether reduce-only makes sense: not for what opens something."""
        return not self.opens

    @property
    def is_reduce_only(self) -> bool:
        """Whether reduce-only is chosen and makes sense."""
        return self.reduce_only and self.can_reduce_only

    @property
    def can_display(self) -> bool:
        """Whether it can show less than it is: a limit that may rest."""
        return self.has_price and self.tif in (GTC, GTD)

    @property
    def displays(self) -> bool:
        """Whether it is to show less than it is."""
        return self.can_display and (self.kind is Kind.ICEBERG or bool(self.display_text.strip()))

    def choose(self, kind: Kind) -> None:
        """Change the kind; a time in force it cannot have falls back to GTC."""
        if self.kind is Kind.ICEBERG and kind is not Kind.ICEBERG:
            self.display_text = ""  # nothing that is folded away may stay in force
        if kind is Kind.OTO and self.target.unit is Unit.RISK:
            self.aside, self.target = self.target, Level("2", Unit.PERCENT)
        elif kind is not Kind.OTO and self.aside is not None:
            self.target, self.aside = self.aside, None
        self.kind = kind
        self._mend()

    def choose_entry(self, kind: Kind) -> None:
        """Change what a list begins with."""
        self.entry = kind
        self._mend()

    def choose_then(self, leg: Leg) -> None:
        """Change what an OTO ends with."""
        self.then = leg

    def _mend(self) -> None:
        if self.tif not in self.tifs:
            self.tif = GTC

    def forget_prices(self) -> None:
        """Drop what was typed for another market or another time; distances stay."""
        self.price_text = self.stop_text = self.loss_limit_text = self.display_text = ""
        for level in (self.target, self.loss, self.trail):
            if level.unit is Unit.PRICE:
                level.text = ""

    def identity(self, symbol: str) -> tuple[object, ...]:
        """Return what makes two orders the same to a person."""
        price = self.price_text if self.has_price else ""
        stop = self.stop_text if self.has_stop else ""
        names = self.legs or ((Leg.TRAIL,) if self.has_trail else ())
        levels = [(name, getattr(self, name)) for name in names]
        entry = self.entry if self.opens else None
        more = tuple((name, each.text, each.unit) for name, each in levels)
        flags = (self.is_reduce_only, self.display_text if self.displays else "")
        return (symbol, self.side, self.kind, entry, self.tif, self.lead, self.size_text, price, stop, more, flags)


def read_size(text: str) -> tuple[Decimal | None, Sentence | None]:
    """Return a positive size, or why the text is none."""
    if not text.strip():
        return None, say("Enter a size.")
    try:
        value = fmt.parse(text)
    except InvalidInput as error:
        return None, verbatim(str(error))
    return (value, None) if value > 0 else (None, say("The size must be above zero."))


def floor_lots(pair: TradingPair, value: Decimal) -> int:
    """Return a base quantity in whole lots, rounded down, exactly."""
    return int(EXACT.divide_int(value, pair.lot))


def floor_units(value: Decimal, decimals: int) -> int:
    """Return an amount in engine units, rounded down, exactly."""
    return int(value.scaleb(decimals, EXACT))
