"""Closed bars through ccxt, page by page."""

from __future__ import annotations

from collections.abc import Callable

from engine.adapters.exchanges.ccxt.peer import Peer
from engine.adapters.exchanges.dialect.candles import Candle, columns
from engine.domain.instrument import Instrument
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import Garbled, InvalidInput, VenueUnavailable
from engine.market.bars import empty, joined
from engine.ports.feed import BarArrays

MILLI = 1_000_000


class CcxtBars:
    """A `BarSource` over ccxt."""

    page = 500

    def __init__(self, peer: Peer, now: Callable[[], Nanos]) -> None:
        self.venue = peer.name
        self._peer, self._now = peer, now

    @property
    def now(self) -> Nanos:
        """The venue's time."""
        return self._now()

    def timeframes(self, instrument: Instrument) -> tuple[Timeframe, ...]:
        """Return the lengths that the exchange has, shortest first."""
        if not self._peer.can("fetchOHLCV"):
            return ()
        known = self._peer.exchange.timeframes or {}
        return tuple(each for each in Timeframe if each.value in known)

    async def bars(self, instrument: Instrument, timeframe: Timeframe, *, start: Nanos, end: Nanos) -> BarArrays:
        """Return the closed bars of a range; see `BarSource.bars`."""
        if timeframe not in self.timeframes(instrument):
            raise InvalidInput(f"{self._peer.title} has no bars of {timeframe.value}.")
        found, begin, length, now = empty(), int(start), timeframe.nanos, self.now
        while begin + length <= min(end, now):
            with self._peer.failing():
                rows = await self._peer.exchange.fetch_ohlcv(
                    instrument.symbol, timeframe.value, since=begin // MILLI, limit=self.page
                )
            candles: list[Candle] = [
                (int(at) * MILLI, float(o), float(h), float(low), float(c), float(v or 0))
                for at, o, h, low, c, v in rows
            ]
            try:
                page = columns(candles, instrument.pair, timeframe, start=Nanos(begin), end=end, now=now)
            except Garbled as error:
                raise VenueUnavailable(f"The bars of {instrument.symbol} cannot be read: {error}") from error
            if not len(page):
                break
            found = joined(found, page)
            begin = int(page.start[-1]) + length
        return found


def _candle(at: float, opened: float, high: float, low: float, close: float, volume: float | None) -> Candle:
    return int(at) * MILLI, float(opened), float(high), float(low), float(close), float(volume or 0)
