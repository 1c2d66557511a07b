"""Kraken's words for assets and pairs, and ours.

Interface 2 writes `BTC/USD`; interface 1 and the `wsname` of REST write `XBT/USD`. REST has two more: `XBTUSD`
(`altname`) and `XXBTZUSD`, of which answers are made.
"""

from __future__ import annotations

OURS = {"XBT": "BTC", "XDG": "DOGE"}
"""The codes that are Kraken's own; every other is what all write."""

_THEIRS = {ours: theirs for theirs, ours in OURS.items()}


def our_symbol(wsname: str) -> str:
    """Return `BTC/USD` for `XBT/USD`, and for `BTC/USD`."""
    base, slash, quote = wsname.partition("/")
    return f"{OURS.get(base, base)}{slash}{OURS.get(quote, quote)}"


def old_name(symbol: str) -> str:
    """Return `XBT/USD` for `BTC/USD`: how interface 1 and the `wsname` of REST write it."""
    base, slash, quote = symbol.upper().partition("/")
    return f"{_THEIRS.get(base, base)}{slash}{_THEIRS.get(quote, quote)}"


def rest_name(symbol: str) -> str:
    """Return `XBTUSD` for `BTC/USD`: what requests of REST take as `pair`."""
    return old_name(symbol).replace("/", "")
