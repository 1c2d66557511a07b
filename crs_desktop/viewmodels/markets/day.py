"""The figures of 24 hours of a pair: on a public exchange its own, as the scanner has them; else those of the bars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.services.market_data import DayStats

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk

BPS = 10_000


def day_of(desk: Desk, symbol: str) -> DayStats:
    """Return them. An exchange tells its figures every second or so; the newest print goes before them."""
    exchange, day = desk.trust.exchange, desk.market_data.day(symbol)
    found = None if exchange is None else desk.connected.board.ticker(exchange.venue, symbol)
    opened = None if found is None else found[0].open
    if found is None or opened is None:
        return day
    told, last = found[0], desk.market_data.last_price(symbol) or found[0].last
    seen = () if last is None else (last,)
    return replace(
        day,
        last=last,
        opened=opened,
        change_bps=None if last is None else round((last - opened) * BPS / opened),
        high=max((*seen, told.high)) if told.high is not None else day.high,
        low=min((*seen, told.low)) if told.low is not None else day.low,
        volume=day.volume if told.volume is None else told.volume,
    )
