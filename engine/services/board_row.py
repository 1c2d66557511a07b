"""Rows of the market board: one instrument of one venue, and one symbol across venues, with exact prices."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from engine.domain.instrument import Instrument, Ticker
from engine.domain.number import Nanos


class BoardRow(NamedTuple):
    """One instrument of one venue, with its ticker as of now (None before the first)."""

    venue: str
    instrument: Instrument
    ticker: Ticker | None
    seen: Nanos | None
    """When the ticker came, by a clock that never goes back; `MarketBoard.age_s` says how long ago."""

    @property
    def symbol(self) -> str:
        """The pair's symbol."""
        return self.instrument.symbol

    @property
    def last(self) -> Decimal | None:
        """The last price."""
        return self._price(None if self.ticker is None else self.ticker.last)

    @property
    def bid(self) -> Decimal | None:
        """The best bid."""
        return self._price(None if self.ticker is None else self.ticker.bid)

    @property
    def ask(self) -> Decimal | None:
        """The best ask."""
        return self._price(None if self.ticker is None else self.ticker.ask)

    @property
    def change(self) -> Decimal | None:
        """The change of 24 hours as a fraction of the price then, e.g. Decimal("-0.0123…")."""
        ticker = self.ticker
        if ticker is None or ticker.last is None or not ticker.open:
            return None
        return Decimal(ticker.last - ticker.open) / Decimal(ticker.open)

    @property
    def turnover(self) -> Decimal | None:
        """The volume of 24 hours in the quote asset, at the last price: for sorting, not for books."""
        ticker = self.ticker
        if ticker is None or ticker.volume is None or ticker.last is None:
            return None
        return self.instrument.pair.price(ticker.last) * self.instrument.pair.qty(ticker.volume)

    def _price(self, ticks: int | None) -> Decimal | None:
        return None if ticks is None else self.instrument.pair.price(ticks)


class CrossQuote(NamedTuple):
    """Best bid and ask of one venue, as exact decimals; None where a side is missing."""

    venue: str
    title: str
    instrument: Instrument
    bid: Decimal | None
    bid_qty: Decimal | None
    ask: Decimal | None
    ask_qty: Decimal | None
    age_s: float | None
    """Since bid and ask came; they may be old because nothing changed."""
    is_good: bool
    """Whether it counts: the venue is synced, and the quote is not crossed in itself."""


class CrossMarket(NamedTuple):
    """One symbol across venues, best bid first; the best of all among those that count."""

    symbol: str
    quotes: tuple[CrossQuote, ...]
    best_bid: CrossQuote | None
    best_ask: CrossQuote | None

    @property
    def spread(self) -> Decimal | None:
        """The best ask minus the best bid; negative where one venue bids more than another asks."""
        if self.best_bid is None or self.best_ask is None or self.best_bid.bid is None or self.best_ask.ask is None:
            return None
        return self.best_ask.ask - self.best_bid.bid

    @property
    def spread_bps(self) -> Decimal | None:
        """The spread in hundredths of a percent of the middle."""
        spread = self.spread
        if spread is None or self.best_bid is None or self.best_ask is None:
            return None
        middle = ((self.best_bid.bid or Decimal(0)) + (self.best_ask.ask or Decimal(0))) / 2
        return spread / middle * 10_000 if middle else None
