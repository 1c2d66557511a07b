"""The board of all connected venues: what they list and their latest tickers, to look up, search and compare.

Fed by the bus (`InstrumentsListed`, `TickersHeard`, `VenueStateChanged`), without input or output. Prices in it stay
on each venue's own grid; across venues they are compared as exact decimals, for ticks of two venues mean two things.
A ticker is as good as its venue's connection: of a venue that is not synced none counts as the best.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from engine.bus import Bus
from engine.domain.instrument import Instrument, InstrumentKind, Ticker
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.ports.clock import Clock, SystemClock
from engine.ports.exchange import InstrumentsListed, TickersHeard, VenueStateChanged
from engine.services.board_row import BoardRow, CrossMarket, CrossQuote

__all__ = ["BoardChanged", "BoardListed", "BoardRow", "BoardVenue", "CrossMarket", "CrossQuote", "MarketBoard"]


BREAK = "\n"
"""Between the names by which an instrument is found; no word has one."""


class BoardListed(NamedTuple):
    """Event: a venue's instruments are on the board now, or others than before, or gone."""

    venue: str


class BoardChanged(NamedTuple):
    """Event: these instruments of a venue have new tickers."""

    venue: str
    symbols: tuple[str, ...]


class BoardVenue(NamedTuple):
    """A connected venue."""

    venue: str
    title: str
    state: FeedState
    text: str
    instruments: int
    """How many it lists."""


class _Venue:
    """What is known of one venue."""

    def __init__(self, venue: str) -> None:
        self.venue = self.title = venue
        self.state, self.text = FeedState.CONNECTING, ""
        self.instruments: dict[str, Instrument] = {}
        self.texts: dict[str, str] = {}
        """By what each instrument is found."""
        self.tickers: dict[str, tuple[Ticker, Nanos]] = {}


class MarketBoard:
    """All instruments and latest tickers of the connected venues; `close` ends its subscriptions."""

    def __init__(self, bus: Bus, clock: Clock | None = None) -> None:
        self._bus, self._clock = bus, clock or SystemClock()
        self._venues: dict[str, _Venue] = {}
        self._by_symbol: dict[str, tuple[str, ...]] = {}
        """The venues that list a symbol."""
        self._by_asset: dict[str, tuple[tuple[str, str], ...]] = {}
        """Venue and symbol of everything with an asset in it, as base or quote."""
        self._subscriptions = (
            bus.subscribe(InstrumentsListed, self._on_listed),
            bus.subscribe(TickersHeard, self._on_tickers),
            bus.subscribe(VenueStateChanged, self._on_state),
        )

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()

    # -- looking up -------------------------------------------------------------------------------

    def venues(self) -> tuple[BoardVenue, ...]:
        """Return the connected venues in the order in which they came."""
        return tuple(
            BoardVenue(each.venue, each.title, each.state, each.text, len(each.instruments))
            for each in self._venues.values()
        )

    def title(self, venue: str) -> str:
        """Return a venue's name for the screen; its own word if it is not known."""
        found = self._venues.get(venue)
        return venue if found is None else found.title

    def state(self, venue: str) -> FeedState:
        """Return how a venue's connection stands; ENDED if it is not connected."""
        found = self._venues.get(venue)
        return FeedState.ENDED if found is None else found.state

    def rows(self, venue: str | None = None) -> Iterator[BoardRow]:
        """Return everything that is listed, or what one venue lists; in the venues' own order."""
        for each in tuple(self._venues.values()):
            if venue is None or each.venue == venue:
                for symbol in tuple(each.instruments):
                    yield self._row(each, symbol)

    def row(self, venue: str, symbol: str) -> BoardRow | None:
        """Return one instrument; None if the venue does not list it."""
        found = self._venues.get(venue)
        return None if found is None or symbol not in found.instruments else self._row(found, symbol)

    def ticker(self, venue: str, symbol: str) -> tuple[Ticker, Nanos] | None:
        """Return an instrument's ticker and when it came, in ticks and lots of its pair; None before the first."""
        found = self._venues.get(venue)
        return None if found is None else found.tickers.get(symbol)

    def listing(self, symbol: str) -> tuple[str, ...]:
        """Return the venues that list a symbol."""
        return self._by_symbol.get(symbol, ())

    def of_asset(self, code: str) -> tuple[BoardRow, ...]:
        """Return everything in which an asset is base or quote."""
        return tuple(self._row(self._venues[venue], symbol) for venue, symbol in self._by_asset.get(code.upper(), ()))

    def assets(self) -> tuple[str, ...]:
        """Return the codes of all assets, in the order of the alphabet."""
        return tuple(sorted(self._by_asset))

    def search(self, text: str, limit: int = 50, first: str = "") -> tuple[BoardRow, ...]:
        """Return what all words of a text fit, best first: `btc`, `eth usdt kraken`, `BTC/USD`.

        A word fits a beginning of the symbol, base, quote, venue or the venue's own word. The nearer the symbol is to
        what was typed the better, then those of the venue `first`, then the more is traded.
        """
        words = text.upper().replace("-", "/").split()
        if not words:
            return ()
        marks = [f"{BREAK}{word}" for word in words]
        found = [
            (venue, symbol)
            for venue in self._venues.values()
            for symbol, texts in venue.texts.items()
            if all(mark in texts for mark in marks)
        ]
        best = heapq.nsmallest(limit, found, key=lambda each: _place(each[0], each[1], words, first))
        return tuple(self._row(venue, symbol) for venue, symbol in best)

    def age_s(self, row: BoardRow) -> float | None:
        """Return for how many seconds a row's ticker has been here; None if there is none."""
        return None if row.seen is None else (self._clock.monotonic() - row.seen) / NANOS_PER_SECOND

    # -- across venues ----------------------------------------------------------------------------

    def shared(self, least: int = 2) -> tuple[str, ...]:
        """Return the symbols that at least so many venues list."""
        return tuple(sorted(symbol for symbol, venues in self._by_symbol.items() if len(venues) >= least))

    def across(self, symbol: str) -> CrossMarket:
        """Return a symbol's best prices on every venue that lists it, and the best of all."""
        quotes = [self._quote(self._venues[venue], symbol) for venue in self._by_symbol.get(symbol, ())]
        quotes.sort(key=lambda each: (-(each.bid or Decimal(0)), each.venue))
        bids = [each for each in quotes if each.is_good and each.bid is not None]
        asks = [each for each in quotes if each.is_good and each.ask is not None]
        best_bid = max(bids, key=lambda each: each.bid or Decimal(0), default=None)
        best_ask = min(asks, key=lambda each: each.ask or Decimal(0), default=None)
        return CrossMarket(symbol, tuple(quotes), best_bid, best_ask)

    def _quote(self, venue: _Venue, symbol: str) -> CrossQuote:
        row = self._row(venue, symbol)
        ticker, pair = row.ticker, row.instrument.pair
        bid_qty = None if ticker is None or ticker.bid_qty is None else pair.qty(ticker.bid_qty)
        ask_qty = None if ticker is None or ticker.ask_qty is None else pair.qty(ticker.ask_qty)
        bid, ask = row.bid, row.ask
        crossed = bid is not None and ask is not None and bid >= ask
        good = venue.state is FeedState.SYNCED and not crossed and ticker is not None
        age = self.age_s(row)
        if age is not None and ticker is not None:
            age += ticker.quote_age / NANOS_PER_SECOND
        return CrossQuote(venue.venue, venue.title, row.instrument, bid, bid_qty, ask, ask_qty, age, good)

    def _row(self, venue: _Venue, symbol: str) -> BoardRow:
        ticker, seen = venue.tickers.get(symbol, (None, None))
        return BoardRow(venue.venue, venue.instruments[symbol], ticker, seen)

    # -- what the bus says ------------------------------------------------------------------------

    def _venue(self, name: str) -> _Venue:
        found = self._venues.get(name)
        if found is None:
            found = self._venues[name] = _Venue(name)
        return found

    def _on_listed(self, event: InstrumentsListed) -> None:
        venue = self._venue(event.venue)
        venue.title = event.title
        before, venue.instruments = venue.instruments, {each.symbol: each for each in event.instruments}
        venue.texts = {each.symbol: _texts(each, event.title) for each in event.instruments}
        same = {symbol for symbol, each in venue.instruments.items() if _same_grid(before.get(symbol), each)}
        venue.tickers = {symbol: each for symbol, each in venue.tickers.items() if symbol in same}
        self._index()
        self._bus.publish(BoardListed(event.venue))

    def _on_tickers(self, event: TickersHeard) -> None:
        venue = self._venues.get(event.venue)
        if venue is None:
            return
        seen, listed = self._clock.monotonic(), venue.instruments
        fresh = {each.symbol: (each, seen) for each in event.tickers if each.symbol in listed}
        venue.tickers.update(fresh)
        if fresh:
            self._bus.publish(BoardChanged(event.venue, tuple(fresh)))

    def _on_state(self, event: VenueStateChanged) -> None:
        if event.state is FeedState.ENDED:
            if self._venues.pop(event.venue, None) is not None:
                self._index()
                self._bus.publish(BoardListed(event.venue))
            return
        venue = self._venue(event.venue)
        venue.state, venue.text = event.state, event.text

    def _index(self) -> None:
        symbols: dict[str, list[str]] = {}
        assets: dict[str, list[tuple[str, str]]] = {}
        for venue in self._venues.values():
            for symbol, each in venue.instruments.items():
                symbols.setdefault(symbol, []).append(venue.venue)
                for code in {each.pair.base.code, each.pair.quote.code}:
                    assets.setdefault(code, []).append((venue.venue, symbol))
        self._by_symbol = {symbol: tuple(venues) for symbol, venues in symbols.items()}
        self._by_asset = {code: tuple(rows) for code, rows in assets.items()}


def _same_grid(before: Instrument | None, now: Instrument) -> bool:
    """Whether ticks and lots of then mean what they mean now."""
    return before is not None and (before.pair.tick, before.pair.lot) == (now.pair.tick, now.pair.lot)


def _texts(each: Instrument, title: str) -> str:
    """Return by what an instrument is found, in capitals, each behind a break."""
    pair = each.pair
    names = pair.symbol, pair.base.code, pair.quote.code, each.venue, title, each.native
    return "".join(dict.fromkeys(f"{BREAK}{name.upper()}" for name in names))


def _place(venue: _Venue, symbol: str, words: list[str], first: str) -> tuple[int, bool, float, str, str]:
    """Return what the results are sorted by: how near it is, whether the venue goes first, how much is traded."""
    instrument = venue.instruments[symbol]
    ticker, _ = venue.tickers.get(symbol, (None, None))
    turnover = 0.0
    if ticker is not None and ticker.volume and ticker.last:
        turnover = instrument.pair.price_number(ticker.last) * instrument.pair.qty_number(ticker.volume)
    return _distance(instrument, words), venue.venue != first, -turnover, symbol, venue.venue


def _distance(instrument: Instrument, words: list[str]) -> int:
    """How far it is from what was typed: the symbol itself, its base, the beginning of its base, anything else."""
    pair = instrument.pair
    if pair.symbol in words or pair.base.code + pair.quote.code in words:
        return 0
    if pair.base.code in words:
        return 1 if instrument.kind is InstrumentKind.SPOT else 2
    return 3 if any(pair.base.code.startswith(word) for word in words) else 4
