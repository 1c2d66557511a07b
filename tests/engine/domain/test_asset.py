from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.asset import ENGINE_DECIMALS, Asset
from engine.errors import InvalidInput

assets = st.builds(Asset, st.just("XYZ"), st.integers(0, 24), st.integers(0, 12))
units = st.integers(-(10**40), 10**40)


@given(assets, units)
def test_an_amount_read_back_is_the_same_money(asset: Asset, money: int) -> None:
    assert asset.units(asset.amount(money)) == money
    assert asset.units(Decimal(asset.text(money))) == money


@given(assets, units)
def test_what_is_shown_is_rounded_towards_zero_at_the_coin_s_own_places(asset: Asset, money: int) -> None:
    shown, exact = Fraction(asset.shown(money)), Fraction(money, 10**asset.decimals)

    step = Fraction(1, 10**asset.shown_decimals)
    assert abs(shown) <= abs(exact)
    assert abs(exact - shown) < step
    assert shown * exact >= 0


def test_the_engine_s_unit_is_finer_than_the_coin_s() -> None:
    bitcoin = Asset("BTC")

    assert bitcoin.decimals == ENGINE_DECIMALS == 18
    assert bitcoin.shown(bitcoin.units(Decimal("0.123456789"))) == "0.12345678"


def test_fewer_engine_decimals_than_shown_are_shown_whole() -> None:
    assert Asset("YEN", 2, 8).shown(-1234) == "-12.34"


@pytest.mark.parametrize("amount", ["0.001", "NaN", "Infinity"])
def test_an_amount_finer_than_a_unit_names_the_unit(amount: str) -> None:
    with pytest.raises(InvalidInput, match="CASH is finer than the smallest unit, 1e-2"):
        Asset("CASH", 2).units(Decimal(amount))


@given(st.integers(0, 10**30))
def test_the_float_for_charts_is_near(money: int) -> None:
    assert Asset("XYZ").number(money) == pytest.approx(float(Fraction(money, 10**18)))
