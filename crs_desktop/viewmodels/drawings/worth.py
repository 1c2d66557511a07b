"""What the account is worth in the quote of a pair, for position sizes."""

from __future__ import annotations

from crs_desktop.viewmodels.desk import Desk
from engine.domain.pair import TradingPair


def equity_in_quote(desk: Desk, pair: TradingPair) -> int | None:
    """Return the equity in whole units of the pair's quote, rounded down; None without a price for the quote."""
    one = 10**pair.quote.decimals
    price = desk.portfolio.value_of(pair.quote.code, one)
    return None if not price else int(desk.portfolio.equity()) * one // price
