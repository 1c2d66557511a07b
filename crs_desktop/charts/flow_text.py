"""Figures of order flow in words: quantities with their sign, and how much is known."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log10

from crs_desktop.charts.scale import NumberGrid, instant_text
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.format import MINUS
from crs_desktop.viewmodels.time_zone import chosen
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.pair import TradingPair

Pairs = Callable[[], TradingPair]
SECOND = NANOS_PER_SECOND
MOST_PLACES = 4
SIZES = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


def signed_text(pair: TradingPair, lots: float) -> str:
    """Return a quantity with its sign in a few characters: `+1.24K`."""
    text = NumberGrid.of_quantity(pair).short(lots)
    return f"+{text}" if lots > 0 else text


def scaled_text(pair: TradingPair, lots: float, step: float) -> str:
    """Return a quantity with its sign and as many places as tell values `step` lots apart."""
    unit = int(pair.lot.scaleb(pair.lot_decimals)) / 10**pair.lot_decimals
    number, apart = lots * unit, step * unit
    if apart >= 10 or apart <= 0:
        return signed_text(pair, lots)
    places = min(max(0, -floor(log10(apart))), pair.lot_decimals)
    text = f"{abs(number):,.{places}f}"
    return text if not float(text.replace(",", "")) else f"{MINUS if number < 0 else '+'}{text}"


def lots_text(pair: TradingPair, lots: float) -> str:
    """Return a quantity in a few characters."""
    return NumberGrid.of_quantity(pair).short(lots)


def cell_texts(pair: TradingPair, lots: list[int], *, signed: bool = False) -> list[str]:
    """Return quantities of one bar in as few characters as tell them apart, all in the same unit.

    The greatest has three digits; what would round to nothing is written `~0`.
    """
    unit = int(pair.lot.scaleb(pair.lot_decimals))
    numbers = [each * unit / 10**pair.lot_decimals for each in lots]
    most = max(map(abs, numbers), default=0.0)
    size, letter = next((each for each in SIZES if most >= each[0]), (1.0, ""))
    places = max(0, min(pair.lot_decimals, MOST_PLACES, 2 - floor(log10(most / size)))) if most else 0
    return [_cell(number / size, places, letter, signed=signed) for number in numbers]


def _cell(number: float, places: int, letter: str, *, signed: bool) -> str:
    if not number:
        return "0"
    text = f"{abs(number):.{places}f}"
    if not float(text):
        return "~0"
    return f"{MINUS if number < 0 else '+' if signed else ''}{text}{letter}"


def price_text(pair: TradingPair, ticks: float) -> str:
    """Return a price in full."""
    return NumberGrid.of_price(pair).text(ticks)


def tone_of(value: float) -> str:
    """Return the token of a signed number's colour."""
    return "up_text" if value > 0 else "down_text" if value < 0 else "text_muted"


def since_text(since: int) -> str:
    """Say from when on prints are known."""
    return tr("prints since {when}", when=instant_text(since, SECOND, chosen()))
