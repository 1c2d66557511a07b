from typing import Any

import pytest

from engine.domain.number import Units
from engine.errors import InvalidInput
from engine.risk.limits import NO_LIMITS, RiskLimits


def test_every_limit_is_off_unless_set() -> None:
    assert RiskLimits() == NO_LIMITS
    assert not NO_LIMITS.max_order_qty
    assert NO_LIMITS.max_order_value is None


def test_zero_is_a_limit() -> None:
    assert RiskLimits(max_open_orders=0).max_open_orders == 0


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        ({"max_order_value": Units(-1)}, "max_order_value"),
        ({"max_position_value": Units(-1)}, "max_position_value"),
        ({"max_open_orders": -1}, "max_open_orders"),
        ({"max_price_deviation_bps": -1}, "max_price_deviation_bps"),
        ({"max_daily_loss": Units(-1)}, "max_daily_loss"),
        ({"max_order_qty": {"BTC": Units(-1)}}, "BTC"),
    ],
)
def test_a_negative_limit_is_named(limits: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        RiskLimits(**limits)
