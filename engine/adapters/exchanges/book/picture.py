"""A large picture of a book made ready on a thread: what takes half a second must not hold the loop up."""

from __future__ import annotations

from typing import NamedTuple

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.book.shown import Best, best_of
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.wire.heard import BookHeard
from engine.domain.instrument import Instrument


class Picture(NamedTuple):
    """What comes of a picture: all of it as a book, and its best levels on the grid of an instrument."""

    book: WireBook
    instrument: Instrument
    bids: Best
    asks: Best


def pictured(heard: BookHeard, instrument: Instrument) -> BookHeard:
    """Return a picture with what comes of it; it shares nothing with what the loop uses, so it may run beside it.

    Raises:
        Garbled: as `WireBook.replace`.
    """
    book, grid = WireBook(), Grid(instrument)
    book.replace(heard.bids, heard.asks)
    bids, asks = best_of(book.bids, grid, is_bid=True), best_of(book.asks, grid, is_bid=False)
    return heard._replace(picture=Picture(book, instrument, bids, asks))
