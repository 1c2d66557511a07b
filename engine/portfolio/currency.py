"""In which currency accounts are valued: that of the market they trade on."""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain.pair import TradingPair

CASH = ("USDT", "USD", "USDC", "EUR", "GBP")
"""What counts as money."""

USUAL = "USDT"
"""Of a market without any of it."""


def currency_of(pairs: Iterable[TradingPair]) -> str:
    """Return the valuation currency of a market: the first kind of money that one of its pairs is quoted in.

    Args:
        pairs: in the order of their listing, which the journal keeps; so the currency of a journal never changes.
    """
    return next((pair.quote.code for pair in pairs if pair.quote.code in CASH), USUAL)
