"""What a venue lists: its instruments, and their tickers of the last 24 hours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.pair import TradingPair


class InstrumentKind(StrEnum):
    """What is traded under an instrument's name."""

    SPOT = "spot"
    PERPETUAL = "perpetual"
    """A contract without an end, settled in the quote asset: shown, not traded here."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A pair as one venue lists it."""

    venue: str
    """The venue's name in `engine.adapters.exchanges`, e.g. `binance`."""
    native: str
    """The venue's own word for it, e.g. `BTCUSDT`, `XBT/USD`; never shown where ours can be."""
    pair: TradingPair
    """In our words, with the venue's tick, lot, minimum and fees of its first tier."""
    kind: InstrumentKind = InstrumentKind.SPOT
    trading: bool = True
    """Whether the venue takes orders in it now."""
    min_lots: Lots = Lots(0)  # noqa: RUF009 - a number with a name
    """The smallest order, besides the pair's `min_notional`."""

    @property
    def symbol(self) -> str:
        """The pair's symbol, e.g. `BTC/USDT`; unique within a venue, a perpetual is `BTC/USDT:USDT`."""
        return self.pair.symbol


class Ticker(NamedTuple):
    """The figures of one instrument; None where the venue does not tell."""

    symbol: str
    bid: Ticks | None
    ask: Ticks | None
    last: Ticks | None
    open: Ticks | None
    """24 hours ago; the change follows from it."""
    high: Ticks | None
    low: Ticks | None
    volume: Lots | None
    """Base, of 24 hours."""
    at: Nanos
    """The venue's time; of this machine where it says none."""
    bid_qty: Lots | None = None
    ask_qty: Lots | None = None
    quote_age: int = 0
    """For how long bid and ask had been known when the rest came, ns: streams that tell the last price need not."""
