"""Which pairs of a venue a hall follows: those that were asked for, or a short list of what is traded most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.domain.instrument import Instrument, InstrumentKind

BASES = ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "LTC", "LINK")
"""Of the pairs that are followed where nothing was asked for."""

QUOTES = ("USDT", "USD", "USDC", "EUR")
"""What those are quoted in: the first of these that the venue has for a base…"""

HOME_QUOTES = {"coinbase": ("USD",), "coinbase_exchange": ("USD",), "kraken": ("USD",)}
"""…after what is traded most on some."""


def chosen(
    spec: VenueSpec, listed: Sequence[Instrument], wanted: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the symbols to follow, in order, and those that were asked for and are not listed.

    A contract is found by its pair's name too: `BTC/USDT` is `BTC/USDT:USDT` where only contracts are listed.
    """
    known = {each.symbol for each in listed if each.trading}
    asked = tuple(dict.fromkeys(wanted))
    if not asked:
        return tuple(_short_list(spec, known)), ()
    found = {symbol: _listed_as(spec, symbol, known) for symbol in asked}
    return tuple(at for at in found.values() if at), tuple(symbol for symbol, at in found.items() if not at)


def _short_list(spec: VenueSpec, known: set[str]) -> Iterable[str]:
    quotes = dict.fromkeys((*HOME_QUOTES.get(spec.name, ()), *QUOTES))
    for base in BASES:
        first = next((at for quote in quotes if (at := _listed_as(spec, f"{base}/{quote}", known))), "")
        if first:
            yield first


def _listed_as(spec: VenueSpec, symbol: str, known: set[str]) -> str:
    """Return how a pair is listed; nothing if it is not."""
    if symbol in known:
        return symbol
    contract = f"{symbol}:{symbol.partition('/')[2]}"
    return contract if spec.kind is InstrumentKind.PERPETUAL and contract in known else ""
