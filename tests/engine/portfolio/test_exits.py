from fractions import Fraction

import pytest

from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.portfolio.exits import exits, fired_buy_cost, pair_lock, share_of_cost
from tests.engine.portfolio.trading import COIN_CASH, rate

MAKER, TAKER = rate("0.001"), rate("0.002")


def leg(
    side: Side, kind: OrderType, *, price: int | None = None, stop: int | None = None, qty: int = 10
) -> SubmitOrder:
    return SubmitOrder(
        account=AccountId("A"),
        order_id=OrderId("o"),
        symbol=COIN_CASH.symbol,
        side=side,
        order_type=kind,
        qty=Lots(qty),
        price=None if price is None else Ticks(price),
        stop_price=None if stop is None else Ticks(stop),
    )


def test_a_long_gains_at_its_target_and_loses_at_its_stop_fees_included() -> None:
    target = leg(Side.SELL, OrderType.LIMIT, price=120)
    stop = leg(Side.SELL, OrderType.STOP, stop=90)

    found = exits(COIN_CASH, (target, stop), Lots(10), Units(1_002), MAKER, TAKER)

    assert found.target is not None
    assert found.loss is not None
    assert (found.target.money, found.target.fee, found.target.profit) == (1_198, 2, 196)
    assert (found.loss.money, found.loss.fee, found.loss.profit) == (898, 2, -104)
    assert found.reward == Fraction(196, 104)


def test_a_short_way_in_gains_by_buying_back_lower() -> None:
    target = leg(Side.BUY, OrderType.LIMIT, price=80)
    stop = leg(Side.BUY, OrderType.STOP_LIMIT, price=111, stop=110)

    found = exits(COIN_CASH, (target, stop), Lots(10), Units(998), MAKER, TAKER)

    assert found.target is not None
    assert found.loss is not None
    assert (found.target.money, found.target.profit) == (801, 197)
    assert (found.loss.price, found.loss.money, found.loss.profit) == (111, 1_112, -114)


@pytest.mark.parametrize(("basis", "target", "stop"), [(None, 120, 90), (1_002, 120, 110), (1_002, 95, 90)])
def test_there_is_no_ratio_unless_one_end_gains_and_the_other_loses(basis: int | None, target: int, stop: int) -> None:
    found = exits(
        COIN_CASH, (leg(Side.SELL, OrderType.LIMIT, price=target), leg(Side.SELL, OrderType.STOP, stop=stop)), Lots(10),
        None if basis is None else Units(basis), MAKER, TAKER,
    )  # fmt: skip

    assert found.reward is None


def test_one_way_out_has_no_ratio_and_a_trailing_stop_is_reckoned_where_it_would_fire() -> None:
    trailing = leg(Side.SELL, OrderType.TRAILING_STOP)
    found = exits(COIN_CASH, (trailing,), Lots(10), Units(1_002), MAKER, TAKER, Ticks(90))
    stopped = exits(COIN_CASH, (leg(Side.SELL, OrderType.STOP, stop=90),), Lots(10), Units(1_002), MAKER, TAKER)

    assert found == stopped
    assert (found.target, found.reward) == (None, None)
    assert exits(COIN_CASH, (trailing,), Lots(10), None, MAKER, TAKER).loss is None


def test_two_legs_set_aside_the_larger_of_both_once() -> None:
    selling = (leg(Side.SELL, OrderType.LIMIT, price=120), leg(Side.SELL, OrderType.STOP, stop=90))
    buying = (leg(Side.BUY, OrderType.LIMIT, price=90), leg(Side.BUY, OrderType.STOP, stop=120))
    dearer = (buying[0], leg(Side.BUY, OrderType.STOP_LIMIT, price=125, stop=120))

    assert pair_lock(COIN_CASH, selling, MAKER, TAKER) == COIN_CASH.base_units(10)
    assert pair_lock(COIN_CASH, buying, MAKER, TAKER) == 902
    assert pair_lock(COIN_CASH, dearer, MAKER, TAKER) == 1_253


def test_a_share_of_the_cost_is_rounded_up_and_no_more_than_is_held() -> None:
    assert share_of_cost(Units(100), Lots(3), Lots(1)) == 34
    assert share_of_cost(Units(100), Lots(3), Lots(3)) == 100
    assert share_of_cost(Units(100), Lots(3), Lots(4)) is None
    assert share_of_cost(Units(100), Lots(3), Lots(0)) is None


def test_only_a_waiting_buy_without_a_limit_has_a_cost_that_nothing_is_set_aside_for() -> None:
    at = Ticks(120)
    assert fired_buy_cost(COIN_CASH, leg(Side.BUY, OrderType.STOP, stop=120), at, TAKER) == 1_203
    assert fired_buy_cost(COIN_CASH, leg(Side.BUY, OrderType.STOP_LIMIT, price=121, stop=120), at, TAKER) == 0
    assert fired_buy_cost(COIN_CASH, leg(Side.SELL, OrderType.STOP, stop=120), at, TAKER) == 0
    assert fired_buy_cost(COIN_CASH, leg(Side.BUY, OrderType.MARKET), at, TAKER) == 0
