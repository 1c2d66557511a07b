"""The venues that the loopback can be, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.adapters.exchanges.loopback.binance.house import BinanceHouse
from engine.adapters.exchanges.loopback.coinbase.house import AdvancedHouse, ExchangeHouse
from engine.adapters.exchanges.loopback.kraken.house import KrakenHouse
from engine.adapters.exchanges.loopback.venue import House, View
from engine.errors import InvalidInput

HOUSES: Mapping[str, Callable[[View, bool], House]] = {
    "binance": lambda view, recorded: BinanceHouse(view, recorded=recorded),
    "binance_usdm": lambda view, recorded: BinanceHouse(view, recorded=recorded, is_perpetual=True),
    "coinbase_exchange": lambda view, recorded: ExchangeHouse(view, recorded=recorded),
    "coinbase_advanced": lambda view, _recorded: AdvancedHouse(view),
    "coinbase": lambda view, _recorded: AdvancedHouse(view),
    "kraken": lambda view, recorded: KrakenHouse(view, recorded=recorded),
}
"""With whether the source's texts are the venue's own; `coinbase` is what its dialect calls Advanced Trade."""

OLD_KRAKEN = "kraken"
"""What the dialect of Kraken's first interface is called; it is served by the second, in other words."""


def house_of(venue: str, view: View, source_venue: str) -> House:
    """Return a venue over a view of the market.

    Raises:
        InvalidInput: there is no such venue.
    """
    make = HOUSES.get(venue)
    if make is None:
        raise InvalidInput(f"{venue[:40]!r} is no venue that can be served; choose one of {', '.join(HOUSES)}.")
    return make(view, house_for(source_venue) == venue and source_venue != OLD_KRAKEN)


def house_for(source_venue: str) -> str:
    """Return the venue that frames of a source are of, empty if it cannot be served."""
    if source_venue in (OLD_KRAKEN, "kraken_v2"):
        return "kraken"
    return source_venue if source_venue in HOUSES else ""
