"""What a refusal says: what happened, why, and what next, with the exact figures."""

from __future__ import annotations

from engine.domain.asset import Asset
from engine.domain.pair import TradingPair

SHOWN_PLACES = 2
"""Decimals that an amount has at least."""


def amount(units: int, asset: Asset) -> str:
    """Return an exact amount for a sentence: thousands apart, at least two decimals, no idle zeros."""
    return grouped(asset.text(units))


def grouped(text: str) -> str:
    """Return plain decimal text with thousands apart, idle zeros cut to two decimals."""
    whole, _, fraction = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    head = len(digits) % 3
    groups = ([digits[:head]] if head else []) + [digits[i : i + 3] for i in range(head, len(digits), 3)]
    return f"{sign}{','.join(groups)}.{fraction.rstrip('0').ljust(SHOWN_PLACES, '0')}"


def no_book(pair: TradingPair) -> str:
    """Return why an order is refused that only the book could judge."""
    return (
        f"The book of {pair.symbol} is not in step with the venue now, so nobody knows what this order would meet. "
        "Wait until it is synced, or send a plain limit order, which waits for the book."
    )


def missing_quote(need: int, free: int, pair: TradingPair) -> str:
    """Return why a buy cannot be paid."""
    quote = pair.quote
    return (
        f"You need {amount(need - free, quote)} {quote.code} more: "
        f"{amount(need, quote)} with the fee, {amount(free, quote)} available."
    )


def missing_base(need: int, free: int, pair: TradingPair) -> str:
    """Return why a sell cannot be delivered."""
    base = pair.base
    return (
        f"You need {amount(need - free, base)} {base.code} more: "
        f"{amount(need, base)} to sell, {amount(free, base)} available."
    )


def more_than_held(units: int, held: int, pair: TradingPair) -> str:
    """Return why a reduce-only sell is refused."""
    base = pair.base
    return f"Reduce-only: it would sell {amount(units, base)} {base.code}, you hold {amount(held, base)}."


def below_minimum(notional: int, pair: TradingPair) -> str:
    """Return why an order is too small."""
    quote = pair.quote
    return (
        f"The order is worth {amount(notional, quote)} {quote.code}; "
        f"{pair.symbol} trades from {amount(pair.min_notional, quote)} {quote.code}."
    )


def would_take(side: str, price: int, opposite: int, pair: TradingPair) -> str:
    """Return why a post-only order is refused."""
    best = "ask" if side == "buy" else "bid"
    return (
        f"Post-only: at {grouped(pair.price_text(price))} it would trade at once, "
        f"the best {best} is {grouped(pair.price_text(opposite))}."
    )


def not_fillable(want: int, there: int, pair: TradingPair) -> str:
    """Return why a fill-or-kill order is refused."""
    code = pair.base.code
    return (
        f"It cannot fill whole: {grouped(pair.qty_text(there))} {code} available at this price or better, "
        f"{grouped(pair.qty_text(want))} {code} wanted."
    )
