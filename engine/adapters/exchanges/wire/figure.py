"""Figures of tickers: a price of zero is none, as venues write it for an empty side or a pair without trades."""

from __future__ import annotations


def price(text: str | None) -> str:
    """Return a price as it is written; empty where there is none."""
    return text if text and text.strip("0.") else ""
