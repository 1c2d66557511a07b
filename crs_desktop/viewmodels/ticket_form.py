"""The fields of the ticket: what was typed, and what it means on the pair's grid.

Text is kept as typed, wrong or not. The size has three faces (base, quote, share of the free funds); the
one typed last leads and the others follow it. Whole lots are always rounded down.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.number import EXACT, Ticks
from engine.domain.order import OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput

TYPES = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT)
"""What the ticket offers, in order."""

TIFS = {
    OrderType.MARKET: (TimeInForce.GTC,),
    OrderType.LIMIT: (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK),
    OrderType.STOP: (TimeInForce.GTC,),
    OrderType.STOP_LIMIT: (TimeInForce.GTC, TimeInForce.IOC),
}
"""The times in force that each type can have."""


class Lead(StrEnum):
    """Which face of the size was typed."""

    BASE = "base"
    QUOTE = "quote"
    PERCENT = "percent"


@dataclass(slots=True)
class TicketForm:
    """What the person has entered."""

    side: Side = Side.BUY
    order_type: OrderType = OrderType.MARKET
    tif: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    stp: SelfTrade = SelfTrade.NONE
    price_text: str = ""
    stop_text: str = ""
    lead: Lead = Lead.QUOTE
    size_text: str = ""

    @property
    def has_price(self) -> bool:
        """Whether the type carries a limit price."""
        return self.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)

    @property
    def has_stop(self) -> bool:
        """Whether the type carries a stop price."""
        return self.order_type in (OrderType.STOP, OrderType.STOP_LIMIT)

    @property
    def can_post_only(self) -> bool:
        """Whether post-only makes sense: a limit that may rest."""
        return self.order_type is OrderType.LIMIT and self.tif is TimeInForce.GTC

    @property
    def is_post_only(self) -> bool:
        """Whether post-only is chosen and makes sense."""
        return self.post_only and self.can_post_only

    def choose_type(self, order_type: OrderType) -> None:
        """Change the type; a time in force it cannot have falls back to GTC."""
        self.order_type = order_type
        if self.tif not in TIFS[order_type]:
            self.tif = TimeInForce.GTC

    def identity(self, symbol: str) -> tuple[object, ...]:
        """Return what makes two orders the same to a person."""
        price = self.price_text if self.has_price else ""
        stop = self.stop_text if self.has_stop else ""
        return (symbol, self.side, self.order_type, self.tif, self.lead, self.size_text, price, stop)


def read_price(pair: TradingPair, text: str, what: Sentence) -> tuple[Ticks | None, Sentence | None]:
    """Return a price in ticks, or why the text is none; `what` asks for it when it is empty."""
    if not text.strip():
        return None, what
    try:
        value = fmt.parse(text)
    except InvalidInput as error:
        return None, verbatim(str(error))
    if value <= 0:
        return None, say("A price must be above zero.")
    ticks = pair.ticks(value)
    if ticks is None:
        return None, say("Price must be a multiple of {tick}.", tick=fmt.decimal_text(pair.tick))
    return ticks, None


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
