import pytest

from engine.domain.account import Balance, OpenOrder
from engine.domain.course import MarketJumped, MarketOpened, PaceChanged
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import OrderId, OrderStatus, OrderType, Reason, Side, TimeInForce
from engine.errors import InvalidInput


def test_each_side_is_the_opposite_of_its_opposite() -> None:
    assert Side.BUY.opposite is Side.SELL
    assert all(side.opposite.opposite is side for side in Side)


def test_pending_waiting_and_working_orders_are_open() -> None:
    expected = [OrderStatus.PENDING, OrderStatus.WAITING, OrderStatus.WORKING]

    assert [status for status in OrderStatus if status.is_open] == expected


def test_halted_is_the_gravest_reason_and_a_limit_the_least() -> None:
    reasons = list(Reason)

    assert (reasons[0], reasons[-1]) == (Reason.HALTED, Reason.LIMIT_EXCEEDED)


def test_free_and_locked_are_the_total() -> None:
    assert Balance(Units(3), Units(4)).total == 7


def test_what_is_left_is_what_was_not_filled() -> None:
    order = OpenOrder(
        OrderId("o"),
        "BTC/USDT",
        Side.BUY,
        OrderType.LIMIT,
        TimeInForce.GTC,
        Lots(10),
        Lots(4),
        Ticks(1),
        None,
        False,
        OrderStatus.WORKING,
        1,
        Units(0),
        0,
    )

    assert order.left == 6


@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_a_timeframe_is_found_by_its_name_and_its_length_follows_from_it(timeframe: Timeframe) -> None:
    unit = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[timeframe[-1]]

    assert Timeframe.parse(str(timeframe)) is timeframe
    assert timeframe.seconds == int(timeframe[:-1]) * unit
    assert timeframe.nanos == timeframe.seconds * NANOS_PER_SECOND


def test_an_unknown_timeframe_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="'7m' is no timeframe; choose one of 1s, 1m, 5m, 15m, 1h, 4h, 1d"):
        Timeframe.parse("7m")


def test_records_of_the_market_s_course_are_equal_by_value() -> None:
    assert MarketOpened("simulated", 1, Nanos(0)) == MarketOpened("simulated", 1, Nanos(0))
    assert PaceChanged(True, Nanos(1)) != PaceChanged(False, Nanos(1))
    assert MarketJumped(Nanos(9), Nanos(1)).to == 9
