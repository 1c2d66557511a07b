"""Figures of order flow in words: quantities with their sign, and how much is known."""

from __future__ import annotations

from collections.abc import Callable

from crs_desktop.charts.scale import NumberGrid, instant_text
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.time_zone import chosen
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.pair import TradingPair

Pairs = Callable[[], TradingPair]
SECOND = NANOS_PER_SECOND


def signed_text(pair: TradingPair, lots: float) -> str:
    """Return a quantity with its sign in a few characters: `+1.24K`."""
    text = NumberGrid.of_quantity(pair).short(lots)
    return f"+{text}" if lots > 0 else text


def lots_text(pair: TradingPair, lots: float) -> str:
    """Return a quantity in a few characters."""
    return NumberGrid.of_quantity(pair).short(lots)


def price_text(pair: TradingPair, ticks: float) -> str:
    """Return a price in full."""
    return NumberGrid.of_price(pair).text(ticks)


def tone_of(value: float) -> str:
    """Return the token of a signed number's colour."""
    return "up_text" if value > 0 else "down_text" if value < 0 else "text_muted"


def since_text(since: int) -> str:
    """Say from when on prints are known."""
    return tr("prints since {when}", when=instant_text(since, SECOND, chosen()))
