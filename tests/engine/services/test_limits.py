from decimal import Decimal

import pytest

from engine.errors import InvalidSetting
from engine.market.catalogue import PAIRS
from engine.risk.limits import NO_LIMITS
from engine.services.limits import limits_of
from engine.settings import Settings, changed

BTC = PAIRS[0].pair


def with_changes(**values: object) -> Settings:
    settings = Settings()
    for name, value in values.items():
        settings = changed(settings, f"risk.{name}", value)
    return settings


def test_limits_come_out_in_the_units_of_their_assets() -> None:
    settings = with_changes(
        max_order_qty={"BTC": "0.5"}, max_order_value="12000.5", max_position_value="7", max_daily_loss="3"
    )

    limits = limits_of(settings)

    assert limits.max_order_qty == {"BTC": BTC.base.units(Decimal("0.5"))}
    assert limits.max_order_value == BTC.quote.units(Decimal("12000.5"))
    assert limits.max_position_value == BTC.quote.units(Decimal(7))
    assert limits.max_daily_loss == BTC.quote.units(Decimal(3))


def test_a_limit_that_is_off_refuses_nothing() -> None:
    settings = with_changes(max_open_orders=None, max_price_deviation_bps=None)

    assert limits_of(settings) == NO_LIMITS


def test_a_limit_on_an_asset_that_is_not_traded_is_refused_by_name() -> None:
    with pytest.raises(InvalidSetting, match=r"'GOLD'.*BTC"):
        limits_of(with_changes(max_order_qty={"GOLD": "1"}))
