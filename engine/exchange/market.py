"""One pair's market inside the exchange: its book, its waiting orders, and the unfunded flow in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.domain.pair import TradingPair
from engine.exchange.order import WorkingOrder
from engine.matching.book import CrossingBook, MatchingBook
from engine.matching.ladder import Resting
from engine.matching.shadow import ShadowBook
from engine.matching.triggers import TriggerBook


class Market:
    """Everything that stands or waits in a pair."""

    __slots__ = ("base", "book", "fired", "flow", "held", "pair", "quote", "symbol", "triggers")

    def __init__(self, pair: TradingPair, book: MatchingBook | None = None) -> None:
        self.pair = pair
        self.symbol = pair.symbol
        self.base = pair.base.code
        self.quote = pair.quote.code
        self.book: MatchingBook = CrossingBook() if book is None else book
        self.triggers: TriggerBook[WorkingOrder] = TriggerBook()
        self.flow: dict[int, Resting] = {}
        """Resting flow orders by their key."""
        self.held: list[WorkingOrder] = []
        """Orders that came to rest without a look at the book, while a feed's could not be trusted…"""
        self.fired: list[WorkingOrder] = []
        """…and orders that fired then; both trade when it can be again."""

    def show_feed(self, dump: Mapping[str, Any] | None = None) -> None:
        """Replace the book, in which nobody stands yet, by the shadow of a feed's, with its dumped state if any."""
        book = ShadowBook()
        if dump is not None:
            book.load_external(dump)
        self.book = book


def meetings(book: MatchingBook, is_buy: bool, limit: int | None) -> Iterator[tuple[Resting, int]]:
    """Yield whom a buyer (or seller) limited to `limit` would trade with and how much, fill by fill.

    Of two legs that take each other out it meets the first one only.
    """
    gone: list[Resting] = []
    for maker, qty in book.fills(is_buy, limit):
        if isinstance(maker, WorkingOrder) and maker.partner is not None:
            if maker in gone:
                continue
            gone.append(maker.partner)
        yield maker, qty
