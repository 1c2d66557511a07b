"""The pairs of the offline market and the shape of trading in each.

All of them trade against one USDT. Grids and sizes are those of real exchanges; the starting prices
are plausible, not anybody's quote of a certain day. `shape` numbers are in the units that the
generator works in: basis points per minute, trades per second, ticks between levels, and multiples
of the recorded BTC/USDT trade size.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from engine.domain.asset import Asset
from engine.domain.pair import FeeRate, TradingPair

USDT = Asset("USDT", shown_decimals=6)
STANDARD_FEE = FeeRate.parse(Decimal("0.001"))
"""Ten basis points either way, the usual first tier."""


class Shape(NamedTuple):
    """How one pair trades."""

    beta: float
    """Share of the common market move in the day-to-day path; the rest is the pair's own."""
    minute_bp: float
    """Standard deviation of 1-minute returns when nothing special happens."""
    trades: float
    """Public prints per second in an ordinary minute."""
    size_lots: float
    """Lots that correspond to 1 BTC in the recorded law of trade sizes."""
    spacing: int
    """Ticks per price level in the book beyond the touch."""
    depth: float
    """Quantity of a level beyond the touch, in multiples of the recorded one."""


@dataclass(frozen=True, slots=True)
class PairSpec:
    """A pair with its starting price in ticks and its shape."""

    pair: TradingPair
    start_price: int
    shape: Shape

    @property
    def symbol(self) -> str:
        """The pair's symbol."""
        return self.pair.symbol


def _spec(base: Asset, tick: str, lot: str, start: str, shape: Shape) -> PairSpec:
    pair = TradingPair(
        symbol=f"{base.code}/{USDT.code}",
        base=base,
        quote=USDT,
        tick=Decimal(tick),
        lot=Decimal(lot),
        min_notional=USDT.units(Decimal(5)),
        maker_fee=STANDARD_FEE,
        taker_fee=STANDARD_FEE,
    )
    price = pair.ticks(Decimal(start))
    assert price is not None, "a starting price is on its grid"  # noqa: S101 a constant of this file
    return PairSpec(pair, int(price), shape)


PAIRS: tuple[PairSpec, ...] = (
    _spec(Asset("BTC"), "0.01", "0.00001", "61840.00", Shape(0.97, 5.6, 30.0, 100_000.0, 20, 1.0)),
    _spec(Asset("ETH"), "0.01", "0.0001", "3318.00", Shape(0.85, 6.2, 14.0, 120_000.0, 3, 1.0)),
    _spec(Asset("SOL"), "0.01", "0.001", "148.20", Shape(0.75, 6.9, 8.0, 170_000.0, 1, 0.8)),
    _spec(Asset("XRP", shown_decimals=6), "0.0001", "0.1", "2.1435", Shape(0.70, 6.5, 6.0, 100_000.0, 1, 0.9)),
    _spec(Asset("DOGE"), "0.00001", "1", "0.19842", Shape(0.75, 6.9, 5.0, 95_000.0, 1, 1.0)),
    _spec(Asset("SHIB", shown_decimals=2), "0.000000001", "1", "0.000024870", Shape(0.70, 6.7, 3.0, 6e8, 2, 1.0)),
)
"""In the order in which they are listed."""


def spec_of(symbol: str) -> PairSpec | None:
    """Return the catalogued pair of that symbol, if there is one."""
    return next((each for each in PAIRS if each.symbol == symbol), None)
