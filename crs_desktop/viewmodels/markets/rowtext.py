"""Figures of an instrument as texts of a row: exact prices, change with sign and arrow, spread, volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.words import say

if TYPE_CHECKING:
    from engine.domain.instrument import Ticker
    from engine.domain.pair import TradingPair

UP, DOWN = "▲", "▼"


def price_cell(pair: TradingPair, ticks: int | None, tone: str = "text") -> Cell:
    """Return a price, exact."""
    return MISSING if ticks is None else Cell(fmt.price(pair, ticks), tone, raw=pair.price_text(ticks))


def change_bps(ticker: Ticker) -> int | None:
    """Return the change of 24 hours in basis points, None if it is not known."""
    if ticker.last is None or not ticker.open:
        return None
    return round((ticker.last - ticker.open) * 10_000 / ticker.open)


def change_cell(ticker: Ticker, *, stale: bool = False) -> Cell:
    """Return the change of 24 hours with its sign and an arrow."""
    bps = change_bps(ticker)
    if bps is None:
        return MISSING
    tone = "faint" if stale else "up" if bps > 0 else "down" if bps < 0 else "muted"
    arrow = f"{UP} " if bps > 0 else f"{DOWN} " if bps < 0 else ""
    return Cell(f"{arrow}{fmt.percent(bps)}", tone, raw=f"{bps / 100:.2f}%")


def spread_text(ticker: Ticker) -> str:
    """Return the spread in basis points, a dash if a side is missing."""
    if ticker.bid is None or ticker.ask is None:
        return fmt.DASH
    return fmt.basis_points(2 * (ticker.ask - ticker.bid), ticker.ask + ticker.bid)


def spread_cell(ticker: Ticker, tone: str = "text") -> Cell:
    """Return the spread as a cell."""
    text = spread_text(ticker)
    return MISSING if text == fmt.DASH else Cell(text, tone)


def volume_cell(dollars: float, pair: TradingPair, ticker: Ticker) -> Cell:
    """Return the volume of 24 hours in US dollars, roughly; the exact one in the base when hovered."""
    if ticker.volume is None:
        return MISSING
    exact = f"{fmt.quantity(pair, ticker.volume)} {pair.base.code}"
    if dollars != dollars:  # NaN: nobody says what the quote asset is worth
        return Cell(fmt.DASH, "faint", raw="", tip=exact)
    tip = say("{volume} in 24 hours; in US dollars roughly, at last prices, a dollar coin for a dollar.", volume=exact)
    return Cell(fmt.compact(dollars), "muted", raw=f"{dollars:.0f}", tip=tip)
