"""The venues that the loopback can be, by name."""

from __future__ import annotations

from collections.abc import Callable

from engine.adapters.exchanges.loopback.venue import House, View
from engine.errors import InvalidInput


def _binance(view: View, recorded: bool) -> House:
    from engine.adapters.exchanges.loopback.binance.house import BinanceHouse

    return BinanceHouse(view, recorded=recorded)


def _perpetuals(view: View, recorded: bool) -> House:
    from engine.adapters.exchanges.loopback.binance.house import BinanceHouse

    return BinanceHouse(view, recorded=recorded, is_perpetual=True)


HOUSES: dict[str, Callable[[View, bool], House]] = {"binance": _binance, "binance_usdm": _perpetuals}


def house_of(venue: str, view: View, source_venue: str) -> House:
    """Return a venue over a view of the market.

    Raises:
        InvalidInput: there is no such venue.
    """
    if venue not in HOUSES:
        raise InvalidInput(f"{venue!r} is no venue that can be served; choose one of {', '.join(HOUSES)}.")
    return HOUSES[venue](view, venue == source_venue)
