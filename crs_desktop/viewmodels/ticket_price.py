"""Prices as a person enters them: a price, or how far from another one, in percent, ticks or multiples of the risk.

A distance becomes a price on the grid, rounded to the nearest tick; the ticket shows the price that it became.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.domain.number import Lots, Ticks
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput


class Unit(StrEnum):
    """What the figures of a level mean."""

    PRICE = "price"
    PERCENT = "percent"
    TICKS = "ticks"
    RISK = "risk"
    """Multiples of the distance from entry to stop: 2 R."""


@dataclass(slots=True)
class Level:
    """A price or a distance, as typed."""

    text: str = ""
    unit: Unit = Unit.PRICE


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a distance is counted from."""

    price: int | None
    """In ticks; None if there is none yet."""
    way: int
    """1 = the level lies above it, -1 = below."""
    risk: int | None = None
    """Ticks from the entry to the stop."""

    def at(self, distance: Fraction) -> Ticks:
        """Return the tick that lies a distance away, rounded half up."""
        moved = Fraction(self.price or 0) + self.way * distance
        return Ticks(int((moved + Fraction(1, 2)).__floor__()))

    def distance(self, unit: Unit, ticks: int) -> Decimal | None:
        """Return a price's distance in a unit, rounded to what a person reads; None if it has none."""
        away = (ticks - (self.price or 0)) * self.way
        if self.price is None or away <= 0:
            return None
        if unit is Unit.TICKS:
            return Decimal(away)
        whole = self.price if unit is Unit.PERCENT else self.risk
        if not whole:
            return None
        hundredths = Fraction(away * (100 if unit is Unit.PERCENT else 1), whole) * 100
        return Decimal(int(hundredths + Fraction(1, 2))).scaleb(-2)


def read_number(text: str, what: Sentence) -> tuple[Decimal | None, Sentence | None]:
    """Return a positive number, or why the text is none; `what` asks for it when it is empty."""
    if not text.strip():
        return None, what
    try:
        value = fmt.parse(text)
    except InvalidInput as error:
        return None, verbatim(str(error))
    return (value, None) if value > 0 else (None, say("The figure must be above zero."))


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


def read_lots(pair: TradingPair, text: str, what: Sentence) -> tuple[Lots | None, Sentence | None]:
    """Return a quantity in lots, or why the text is none."""
    value, wrong = read_number(text, what)
    if value is None:
        return None, wrong
    lots = pair.lots(value)
    if lots is None:
        return None, say("Amount must be a multiple of {lot}.", lot=fmt.decimal_text(pair.lot))
    return lots, None


def read_level(pair: TradingPair, level: Level, anchor: Anchor, what: Sentence) -> tuple[Ticks | None, Sentence | None]:
    """Return the price that a level means, or why it means none."""
    if level.unit is Unit.PRICE:
        return read_price(pair, level.text, what)
    value, wrong = read_number(level.text, what)
    if value is None:
        return None, wrong
    if anchor.price is None:
        return None, say("There is no price yet to count from.")
    distance = Fraction(value)
    if level.unit is Unit.PERCENT:
        distance = distance * anchor.price / 100
    elif level.unit is Unit.RISK:
        if not anchor.risk:
            return None, say("Set the stop first: R counts in its distance.")
        distance *= anchor.risk
    ticks = anchor.at(distance)
    if ticks <= 0:
        return None, say("That far below there is no price any more.")
    return ticks, None


def in_unit(pair: TradingPair, level: Level, anchor: Anchor, unit: Unit) -> Level:
    """Return the same level in another unit, empty where it has no meaning there."""
    ticks, _ = read_level(pair, level, anchor, NOTHING)
    if ticks is None:
        return Level("", unit)
    if unit is Unit.PRICE:
        return Level(pair.price_text(ticks), unit)
    distance = anchor.distance(unit, ticks)
    return Level("" if distance is None else fmt.decimal_text(distance), unit)
