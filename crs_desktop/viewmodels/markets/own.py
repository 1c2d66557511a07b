"""The market behind the desk as one of the venues of the board.

A public exchange lists itself; of the pairs that are followed the desk knows more, and sooner, than its board. Any
other market (simulated, replayed, of a CRS server) is put on the board here, so that no pane is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crs_desktop.viewmodels.server.venue import venue_of
from engine.domain.instrument import Instrument, Ticker
from engine.domain.market import BookDiff, DataLabel, FeedState
from engine.domain.number import Lots, Ticks
from engine.ports.exchange import InstrumentsListed, PairsFollowed, TickersHeard, VenueStateChanged
from engine.ports.feed import FeedStateChanged, TradesPrinted

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from engine.bus import Bus
    from engine.services.board import MarketBoard


class OwnVenue(NamedTuple):
    """The venue whose prices a desk shows: the board's word for it, and its name for the screen."""

    name: str
    title: str


TITLES = {DataLabel.SIMULATED: "Simulated", DataLabel.REPLAY: "Replay"}


def own_venue(desk: Desk) -> OwnVenue:
    """Return whose prices a desk shows."""
    exchange = desk.trust.exchange
    if exchange is not None:
        return OwnVenue(exchange.venue, exchange.title)
    label = desk.feed.label
    venue = venue_of(desk)
    return OwnVenue(label.value.lower(), venue.exchange or venue.server or TITLES.get(label, label.value))


class OwnMarket:
    """Keeps the desk's own market on a board; `publish` tells what changed since then, `close` takes it off."""

    def __init__(self, desk: Desk, bus: Bus, board: MarketBoard) -> None:
        self._desk, self._bus, self._board = desk, bus, board
        self._listed: tuple[OwnVenue, tuple[str, ...]] | None = None
        self._state: tuple[FeedState, str] | None = None
        self._text = ""
        self._changed: set[str] = set()
        own = desk.bus
        self._open = [
            own.subscribe(TradesPrinted, self._on_prices),
            own.subscribe(BookDiff, self._on_prices),
            own.subscribe(FeedStateChanged, self._on_state),
            own.subscribe(PairsFollowed, lambda event: self._changed.update(event.added)),
        ]
        self.publish()

    def close(self) -> None:
        """Take the market off the board, unless it is an exchange's own; safe to call twice."""
        for each in self._open:
            each.close()
        self._open = []
        self._end()

    def publish(self) -> None:
        """Tell the board what is listed if it changed, and the prices that did."""
        desk, own = self._desk, own_venue(self._desk)
        if desk.trust.exchange is None:
            listed = own, desk.markets
            if listed != self._listed:
                self._list(own, desk.markets)
            self._say_state(own)
        changed, self._changed = self._changed, set()
        carried = {pair.symbol for pair in desk.feed.pairs()}
        tickers = [ticker for symbol in changed & carried if (ticker := self._ticker(own.name, symbol))]
        if tickers:
            self._bus.publish(TickersHeard(own.name, tuple(tickers)))

    def _list(self, own: OwnVenue, symbols: tuple[str, ...]) -> None:
        if self._listed is not None and self._listed[0] != own:
            self._end()
        pairs = self._desk.pairs
        instruments = tuple(Instrument(own.name, symbol, pairs[symbol]) for symbol in symbols if symbol in pairs)
        self._listed, self._state = (own, symbols), None
        self._bus.publish(InstrumentsListed(own.name, own.title, instruments))
        self._changed.update(symbols)

    def _end(self) -> None:
        if self._listed is not None:
            name, self._listed = self._listed[0].name, None
            self._bus.publish(VenueStateChanged(name, FeedState.ENDED, "", self._desk.feed.now))

    def _say_state(self, own: OwnVenue) -> None:
        state = self._desk.feed.state
        told = FeedState.SYNCED if state in (FeedState.PAUSED, FeedState.ENDED) else state, self._text
        if told != self._state:
            self._state = told
            self._bus.publish(VenueStateChanged(own.name, *told, self._desk.feed.now))

    def _ticker(self, venue: str, symbol: str) -> Ticker | None:
        """Return a pair's figures: the desk's own prices, and what only the venue's board knows."""
        row, data = self._board.row(venue, symbol), self._desk.market_data
        if row is None or not self._desk.trust.trusts(symbol):
            return None
        before, quote, day = row.ticker, data.quote(symbol), data.day(symbol)
        last = data.last_price(symbol)
        if self._desk.trust.exchange is not None and before is not None:
            last = before.last if last is None else Ticks(last)
            return before._replace(
                bid=quote.bid,
                ask=quote.ask,
                bid_qty=quote.bid_qty,
                ask_qty=quote.ask_qty,
                last=last,
                at=quote.at,
                quote_age=0,
            )
        opened, high, low, shown = (
            None if each is None else Ticks(each) for each in (day.opened, day.high, day.low, last)
        )
        return Ticker(
            symbol, quote.bid, quote.ask, shown, opened, high, low, Lots(day.volume), self._desk.feed.now,
            quote.bid_qty, quote.ask_qty,
        )  # fmt: skip

    def _on_prices(self, event: TradesPrinted | BookDiff) -> None:
        self._changed.add(event.symbol)

    def _on_state(self, event: FeedStateChanged) -> None:
        self._text = event.text
        self._changed.update(self._desk.markets)
