"""Risk limits as the settings have them, in the units of the engine."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.number import Units
from engine.errors import InvalidSetting
from engine.market.catalogue import PAIRS
from engine.risk.limits import RiskLimits
from engine.settings import Settings


def limits_of(settings: Settings) -> RiskLimits:
    """Return the pre-trade limits; they hold on every market of the catalogue, listed now or not.

    Raises:
        InvalidSetting: a limit names an asset that is never traded here.
    """
    risk = settings.risk
    bases = {spec.pair.base.code: spec.pair.base for spec in PAIRS}
    quote = PAIRS[0].pair.quote
    for code in risk.max_order_qty:
        if code not in bases:
            raise InvalidSetting(
                f"risk.max_order_qty names {code!r}, which is not traded here; choose from {', '.join(bases)}."
            )

    def units(amount: Decimal | None) -> Units | None:
        return None if amount is None else quote.units(amount)

    return RiskLimits(
        max_order_qty={code: bases[code].units(amount) for code, amount in risk.max_order_qty.items()},
        max_order_value=units(risk.max_order_value),
        max_position_value=units(risk.max_position_value),
        max_open_orders=risk.max_open_orders,
        max_price_deviation_bps=risk.max_price_deviation_bps,
        max_daily_loss=units(risk.max_daily_loss),
    )
