"""What an account may send: declared limits, each off unless set. Money in units of the valuation currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.domain.number import Units
from engine.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """What the pre-trade gate refuses; a limit that is None (or absent) refuses nothing.

    Raises:
        InvalidInput: a limit is negative.
    """

    max_order_qty: Mapping[str, Units] = field(default_factory=dict)
    """The largest quantity of one order by base asset, in base units."""
    max_order_value: Units | None = None
    """The largest value of one order, in quote units."""
    max_position_value: Units | None = None
    """The largest value held in one pair once the order and all open buys have filled, in quote units."""
    max_open_orders: int | None = None
    """How many orders may rest or wait at once, over all pairs."""
    max_price_deviation_bps: int | None = None
    """How far on the costly side of the market an order may trade, in 1/100 of a percent."""
    max_daily_loss: Units | None = None
    """The loss of a day, in quote units, from which on only what reduces risk passes."""

    def __post_init__(self) -> None:
        scalars = {
            "max_order_value": self.max_order_value,
            "max_position_value": self.max_position_value,
            "max_open_orders": self.max_open_orders,
            "max_price_deviation_bps": self.max_price_deviation_bps,
            "max_daily_loss": self.max_daily_loss,
        }
        by_asset = {f"max_order_qty[{asset}]": units for asset, units in self.max_order_qty.items()}
        for name, limit in {**scalars, **by_asset}.items():
            if limit is not None and limit < 0:
                raise InvalidInput(f"{name} must be at least 0, not {limit}; leave it out to switch the limit off.")


NO_LIMITS = RiskLimits()
"""Every limit off."""
