"""A trading pair: the grid on which prices and quantities live, and the doors to it.

Prices are whole ticks, quantities whole lots, so a notional is `ticks * lots * unit` quote units
exactly. A pair whose tick x lot is no whole number of quote units, or whose lot is no whole number
of base units, is refused when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from engine.domain.asset import Asset
from engine.domain.number import EXACT, Lots, Ticks, Units, ceil_div, fixed, scaled_to_int
from engine.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class FeeRate:
    """A fee as an exact fraction of the notional; `of` rounds up (the trader pays the odd unit)."""

    decimal: Decimal
    numerator: int
    denominator: int

    @classmethod
    def parse(cls, rate: Decimal) -> FeeRate:
        """Return the exact rate, e.g. Decimal("0.001") = 10 bps.

        Raises:
            InvalidInput: the rate is negative or not finite.
        """
        if not rate.is_finite() or rate < 0:
            raise InvalidInput(f"A fee rate must be a number of at least 0, not {rate}.")
        numerator, denominator = rate.as_integer_ratio()
        return cls(rate, numerator, denominator)

    def of(self, notional: int) -> Units:
        """Return the fee on a notional in quote units, rounded up to a whole unit."""
        return Units(ceil_div(notional * self.numerator, self.denominator))

    def __lt__(self, other: FeeRate) -> bool:
        return self.numerator * other.denominator < other.numerator * self.denominator


def _places(step: Decimal) -> int:
    exponent = step.normalize(EXACT).as_tuple().exponent
    return max(0, -int(exponent))


@dataclass(frozen=True, slots=True)
class TradingPair:
    """What can be traded: base against quote, on a grid of `tick` and `lot`.

    Raises:
        InvalidInput: a step is not positive, or the grid is finer than the assets' units.
    """

    symbol: str
    base: Asset
    quote: Asset
    tick: Decimal
    lot: Decimal
    min_notional: Units
    maker_fee: FeeRate
    taker_fee: FeeRate
    tick_decimals: int = field(init=False)
    lot_decimals: int = field(init=False)
    tick_places: int = field(init=False)
    """One tick in its last decimal place: 5 for a tick of 0.05."""
    lot_places: int = field(init=False)
    """Likewise one lot."""
    notional_unit: int = field(init=False)
    """Quote units of one tick times one lot."""
    lot_unit: int = field(init=False)
    """Base units of one lot."""
    higher_fee: FeeRate = field(init=False)
    """The higher of the two rates: what a resting buy sets aside for."""

    def __post_init__(self) -> None:
        for name, step in (("tick", self.tick), ("lot", self.lot)):
            if not step.is_finite() or step <= 0:
                raise InvalidInput(f"{self.symbol}: {name} must be positive, not {step}.")
        product = scaled_to_int(EXACT.multiply(self.tick, self.lot), self.quote.decimals)
        if product is None:
            raise InvalidInput(f"{self.symbol}: tick x lot is finer than a unit of {self.quote.code}.")
        lot_unit = scaled_to_int(self.lot, self.base.decimals)
        if lot_unit is None:
            raise InvalidInput(f"{self.symbol}: the lot is finer than a unit of {self.base.code}.")
        put = object.__setattr__
        put(self, "notional_unit", product)
        put(self, "lot_unit", lot_unit)
        put(self, "tick_decimals", _places(self.tick))
        put(self, "lot_decimals", _places(self.lot))
        put(self, "tick_places", int(self.tick.scaleb(self.tick_decimals, EXACT)))
        put(self, "lot_places", int(self.lot.scaleb(self.lot_decimals, EXACT)))
        put(self, "higher_fee", self.taker_fee if self.maker_fee < self.taker_fee else self.maker_fee)

    def ticks(self, price: Decimal) -> Ticks | None:
        """Return the price in ticks, or None if it is off the grid."""
        return _steps(price, self.tick)  # type: ignore[return-value]

    def lots(self, qty: Decimal) -> Lots | None:
        """Return the quantity in lots, or None if it is off the grid."""
        return _steps(qty, self.lot)  # type: ignore[return-value]

    def price(self, ticks: int) -> Decimal:
        """Return a price in ticks as an exact decimal."""
        return EXACT.multiply(self.tick, Decimal(ticks))

    def qty(self, lots: int) -> Decimal:
        """Return a quantity in lots as an exact decimal."""
        return EXACT.multiply(self.lot, Decimal(lots))

    def price_text(self, ticks: int) -> str:
        """Return a price as plain text with the tick's decimals (`64000.00`)."""
        return fixed(ticks * self.tick_places, self.tick_decimals)

    def qty_text(self, lots: int) -> str:
        """Return a quantity as plain text with the lot's decimals (`0.50000`)."""
        return fixed(lots * self.lot_places, self.lot_decimals)

    def notional(self, ticks: int, lots: int) -> Units:
        """Return price x quantity in quote units, exact."""
        return Units(ticks * lots * self.notional_unit)

    def base_units(self, lots: int) -> Units:
        """Return a quantity in base units, exact."""
        return Units(lots * self.lot_unit)

    def price_number(self, ticks: float) -> float:
        """Return a price as a float, for charts and models only."""
        return float(ticks) * float(self.tick)

    def qty_number(self, lots: float) -> float:
        """Return a quantity as a float, for charts and models only."""
        return float(lots) * float(self.lot)


def _steps(value: Decimal, step: Decimal) -> int | None:
    if not value.is_finite():
        return None
    numerator, denominator = value.as_integer_ratio()
    step_numerator, step_denominator = step.as_integer_ratio()
    whole, rest = divmod(numerator * step_denominator, denominator * step_numerator)
    return None if rest else whole
