"""What can be traded on the loopback: names and grid of one pair, as texts."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import NamedTuple

from engine.adapters.exchanges.wire.scaled import DECIMALS, scaled
from engine.domain.number import fixed
from engine.errors import InvalidInput
from engine.market.catalogue import spec_of


class Listing(NamedTuple):
    """One pair; `symbol` is ours (BTC/USDT, ETH/USDT:USDT for a perpetual)."""

    symbol: str
    base: str
    quote: str
    tick: str
    lot: str
    min_notional: str


def listed(symbol: str, prices: Iterable[str], qtys: Iterable[str]) -> Listing:
    """Return a pair on the grid of our catalogue if it is there, else on the coarsest that all these texts lie on.

    Raises:
        InvalidInput: the symbol has no quote, or a text is no number.
    """
    base, slash, rest = symbol.partition("/")
    quote = rest.partition(":")[0]
    if not (slash and base and quote):
        raise InvalidInput(f"{symbol!r} is no pair such as BTC/USDT.")
    known = spec_of(f"{base}/{quote}")
    if known is not None and ":" not in symbol:
        return Listing(symbol, base, quote, f"{known.pair.tick:f}", f"{known.pair.lot:f}", "5")
    return Listing(symbol, base, quote, _step(prices), _step(qtys), "5")


def _step(texts: Iterable[str]) -> str:
    """Return the largest step that all texts are multiples of, at most 1."""
    step = gcd(10**DECIMALS, *(scaled(text) for text in texts))
    return shortened(fixed(step, DECIMALS))


def shortened(text: str) -> str:
    """Return a decimal text without idle zeros at its end."""
    return text.rstrip("0").rstrip(".") if "." in text else text
