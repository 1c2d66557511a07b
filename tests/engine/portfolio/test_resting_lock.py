from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.order import Side
from engine.portfolio.lock import resting_lock
from tests.engine.portfolio.trading import COIN_CASH, rate

RATES = [rate(text) for text in ("0", "0.0007", "0.001", "0.25", "3")]


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.sampled_from(RATES), st.sampled_from(RATES))
def test_a_buy_sets_aside_its_notional_and_the_fee_at_the_higher_rate(
    price: int, left: int, maker: object, taker: object
) -> None:
    notional = COIN_CASH.notional(price, left)
    higher = max(Fraction(each.numerator, each.denominator) for each in (maker, taker))  # type: ignore[attr-defined]

    locked = resting_lock(COIN_CASH, Side.BUY, price, left, maker, taker)  # type: ignore[arg-type]

    assert locked == notional + ceil(notional * higher)


def test_a_sell_sets_aside_what_it_sells() -> None:
    assert resting_lock(COIN_CASH, Side.SELL, 5, 7, RATES[1], RATES[2]) == COIN_CASH.base_units(7)
