"""Venues on the board of a desk: they list and tell what a test says."""

from __future__ import annotations

from decimal import Decimal

from crs_desktop.viewmodels.desk import Desk
from engine.domain.asset import Asset
from engine.domain.instrument import Instrument, InstrumentKind, Ticker
from engine.domain.market import FeedState
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.pair import FeeRate, TradingPair
from engine.ports.exchange import InstrumentsListed, TickersHeard, VenueStateChanged


class Hand:
    """A clock that the test moves, in seconds."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def instrument(
    venue: str, symbol: str, *, tick: str = "0.01", fee: str = "0.001", perpetual: bool = False, trading: bool = True
) -> Instrument:
    """Return `BASE/QUOTE` as a venue lists it."""
    base, quote = symbol.split("/")
    rate = FeeRate.parse(Decimal(fee))
    name = f"{symbol}:{quote}" if perpetual else symbol
    pair = TradingPair(name, Asset(base), Asset(quote), Decimal(tick), Decimal("0.001"), Units(0), rate, rate)
    kind = InstrumentKind.PERPETUAL if perpetual else InstrumentKind.SPOT
    return Instrument(venue, base + quote, pair, kind, trading)


def ticker(
    symbol: str,
    bid: int | None = None,
    ask: int | None = None,
    last: int | None = None,
    opened: int | None = None,
    volume: int | None = None,
) -> Ticker:
    """Return figures in ticks and lots."""

    def ticks(value: int | None) -> Ticks | None:
        return None if value is None else Ticks(value)

    lots = None if volume is None else Lots(volume)
    return Ticker(
        symbol, ticks(bid), ticks(ask), ticks(last), ticks(opened), None, None, lots, Nanos(0), Lots(1), Lots(2)
    )


class Venue:
    """One venue of the board."""

    def __init__(self, desk: Desk, name: str, *listed: Instrument) -> None:
        self.name, self._bus = name, desk.connected.bus
        self.state(FeedState.ENDED)  # nothing is known of it from before
        self._bus.publish(InstrumentsListed(name, name.title(), listed))
        self.state(FeedState.SYNCED)

    def state(self, state: FeedState, text: str = "") -> None:
        self._bus.publish(VenueStateChanged(self.name, state, text, Nanos(0)))

    def tell(self, *tickers: Ticker) -> None:
        self._bus.publish(TickersHeard(self.name, tickers))
