"""What the ticket offers, as data: each kind of order with its fields, its times in force and a sentence.

A kind is what a person chooses. Most are an order type of the venue; an iceberg is a limit order that shows a
part of itself, an OCO, an OTO and a bracket are lists of orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.order import OrderType, TimeInForce


class Kind(StrEnum):
    """A kind of order; those that are an order type of the venue have its value."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"
    TRAILING_STOP = "trailing_stop"
    OCO = "oco"
    OTO = "oto"
    BRACKET = "bracket"
    ICEBERG = "iceberg"


class Leg(StrEnum):
    """An order that ends a position, by the field that says where."""

    TARGET = "target"
    STOP = "loss"
    TRAIL = "trail"


GTC, IOC, FOK, GTD = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD


@dataclass(frozen=True, slots=True)
class Spec:
    """What there is to know about a kind."""

    title: Sentence
    short: Sentence
    """For a narrow button."""
    about: Sentence
    order_type: OrderType
    """Of the order, or of what leads a list: an OCO's limit leg, the usual entry of the others."""
    tifs: tuple[TimeInForce, ...] = (GTC,)

    @property
    def has_price(self) -> bool:
        """Whether it carries a limit price."""
        return self.order_type in LIMITED

    @property
    def has_stop(self) -> bool:
        """Whether it carries a price that fires it."""
        return self.order_type in STOPPED


LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT)
"""Types with a limit price."""
STOPPED = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
"""Types with a stop price, or as a take-profit calls it, a trigger price."""
TAKE_PROFITS = (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
"""Types that fire when the price has moved their way."""

KINDS: dict[Kind, Spec] = {
    Kind.MARKET: Spec(
        say("Market"), say("Market"), say("Trades at once, at the best prices there are"), OrderType.MARKET
    ),
    Kind.LIMIT: Spec(
        say("Limit"), say("Limit"), say("Trades at your price or better, and rests until it does"),
        OrderType.LIMIT, (GTC, IOC, FOK, GTD),
    ),
    Kind.STOP: Spec(
        say("Stop"), say("Stop"), say("Once the stop price trades, a market order"), OrderType.STOP
    ),
    Kind.STOP_LIMIT: Spec(
        say("Stop-limit"), say("Stop-limit"), say("Once the stop price trades, a limit order"),
        OrderType.STOP_LIMIT, (GTC, IOC, GTD),
    ),
    Kind.TAKE_PROFIT: Spec(
        say("Take-profit"), say("Take-profit"), say("Once the price has come your way, a market order"),
        OrderType.TAKE_PROFIT,
    ),
    Kind.TAKE_PROFIT_LIMIT: Spec(
        say("Take-profit limit"), say("TP-limit"), say("Once the price has come your way, a limit order"),
        OrderType.TAKE_PROFIT_LIMIT, (GTC, IOC, GTD),
    ),
    Kind.TRAILING_STOP: Spec(
        say("Trailing stop"), say("Trailing"), say("A stop that follows the best price at a distance"),
        OrderType.TRAILING_STOP,
    ),
    Kind.OCO: Spec(
        say("OCO: target or stop"), say("OCO"), say("A target and a stop; whichever comes first cancels the other"),
        OrderType.LIMIT, (GTC, GTD),
    ),
    Kind.OTO: Spec(
        say("OTO: entry, then one exit"), say("OTO"), say("An entry that brings one order to get out again"),
        OrderType.LIMIT,
    ),
    Kind.BRACKET: Spec(
        say("Bracket: entry, target, stop"), say("Bracket"), say("An entry that brings its own target and stop"),
        OrderType.LIMIT,
    ),
    Kind.ICEBERG: Spec(
        say("Iceberg"), say("Iceberg"), say("A limit order that shows only a part of itself at a time"),
        OrderType.LIMIT, (GTC, GTD),
    ),
}  # fmt: skip
"""In the order in which they are offered."""

ENTRIES = (Kind.MARKET, Kind.LIMIT, Kind.STOP, Kind.STOP_LIMIT)
"""What a list that opens something can begin with."""

OPENING = (Kind.OTO, Kind.BRACKET)
"""Lists that open something: an entry, and what starts when it has filled."""

LEGS: dict[Leg, tuple[Sentence, Sentence]] = {
    Leg.TARGET: (say("Target"), say("A limit order that takes the profit")),
    Leg.STOP: (say("Stop"), say("A stop that ends the loss")),
    Leg.TRAIL: (say("Trailing"), say("A stop that follows the best price at a distance")),
}
"""What an OTO can end with: its name and a sentence."""

FIRST_CHIPS = (Kind.MARKET, Kind.LIMIT, Kind.STOP)
"""What is one click away before anybody has chosen anything."""


class Recent:
    """The kinds that are one click away: each keeps its place until it is the one used longest ago."""

    def __init__(self) -> None:
        self.chips: list[Kind] = list(FIRST_CHIPS)
        self._used: list[Kind] = list(FIRST_CHIPS)

    def use(self, kind: Kind) -> None:
        """Note that a kind was chosen; a new one takes the place of the one used longest ago."""
        if kind not in self.chips:
            oldest = self._used.pop()
            self.chips[self.chips.index(oldest)] = kind
        else:
            self._used.remove(kind)
        self._used.insert(0, kind)
