from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.account import OpenOrder
from engine.domain.asset import Asset
from engine.domain.command import AmendOrder, SubmitOrder
from engine.domain.course import TradingState
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderStatus, OrderType, Reason, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.risk.gate import RiskContext, RiskGate
from engine.risk.limits import RiskLimits
from engine.risk.rules import Standing

USDT = Asset("USDT")
FEE = FeeRate.parse(Decimal("0.001"))
BTC = TradingPair("BTC/USDT", Asset("BTC"), USDT, Decimal("0.5"), Decimal("0.001"), Units(0), FEE, FEE)
MARKET = RiskContext(BTC, Lots(0), last=Ticks(120_000), best_bid=Ticks(119_998), best_ask=Ticks(120_002))
"""Bitcoin at 60,000.0; a lot is 0.001 BTC = 60 USDT."""


def usdt(amount: str) -> Units:
    return USDT.units(Decimal(amount))


def order(side: Side = Side.BUY, qty: int = 200, **fields: object) -> SubmitOrder:
    kind = OrderType.LIMIT if fields.get("price") else OrderType.MARKET
    return SubmitOrder(
        account=AccountId("A"),
        order_id=OrderId("o"),
        symbol="BTC/USDT",
        side=side,
        order_type=fields.pop("order_type", kind),  # type: ignore[arg-type]
        qty=Lots(qty),
        **fields,  # type: ignore[arg-type]
    )


def working(side: Side = Side.BUY, qty: int = 100, filled: int = 0, price: int | None = 120_000) -> OpenOrder:
    return OpenOrder(
        OrderId("o"),
        "BTC/USDT",
        side,
        OrderType.LIMIT,
        TimeInForce.GTC,
        Lots(qty),
        Lots(filled),
        None if price is None else Ticks(price),
        None,
        False,
        OrderStatus.WORKING,
        1,
        Units(0),
        0,
    )


def amend(**fields: int) -> AmendOrder:
    return AmendOrder(account=AccountId("A"), order_id=OrderId("o"), **fields)  # type: ignore[arg-type]


def text_of(limits: RiskLimits, command: SubmitOrder | AmendOrder, context: RiskContext = MARKET) -> str:
    fault = RiskGate(limits).check(command, context)
    assert fault is not None
    assert fault.reason is Reason.LIMIT_EXCEEDED
    assert fault.text.startswith("Not sent: ")
    assert fault.text.endswith(" Change it under Settings › Risk.")  # noqa: RUF001
    return fault.text.removeprefix("Not sent: ").removesuffix(" Change it under Settings › Risk.")  # noqa: RUF001


def passes(limits: RiskLimits, command: SubmitOrder | AmendOrder, context: RiskContext = MARKET) -> bool:
    return RiskGate(limits).check(command, context) is None


@given(st.sampled_from(Side), st.integers(1, 10**9), st.none() | st.integers(1, 10**9))
def test_a_gate_without_limits_lets_everything_pass(side: Side, qty: int, price: int | None) -> None:
    assert passes(RiskLimits(), order(side, qty, price=price))


@given(
    st.sampled_from(Side),
    st.sampled_from(OrderType),
    st.integers(-5, 5),
    st.none() | st.integers(-5, 5),
    st.none() | st.integers(-5, 5),
    st.booleans(),
    st.sampled_from(TradingState),
)
def test_a_gate_never_stumbles_over_an_order_that_is_not_sound(
    side: Side, kind: OrderType, qty: int, price: int | None, stop: int | None, quiet: bool, state: TradingState
) -> None:
    limits = RiskLimits({"BTC": Units(1)}, Units(1), Units(1), 1, 1, Units(1))
    gate = RiskGate(limits, state)
    context = RiskContext(BTC, Lots(0)) if quiet else MARKET._replace(amended=working(side), worst=Ticks(10**6))
    submitted = order(side, qty, order_type=kind, price=price, stop_price=stop)
    changes = {"qty": qty, "price": price, "stop_price": stop}

    for fault in (gate.check(submitted, context), gate.check(amend(**changes), context)):  # type: ignore[arg-type]
        assert fault is None or fault.text.endswith(".")


def test_an_order_above_the_size_limit_is_refused_with_both_figures() -> None:
    limits = RiskLimits(max_order_qty={"BTC": BTC.base.units(Decimal("0.15"))})

    assert text_of(limits, order(qty=151)) == "0.151 BTC exceeds your limit of 0.15 per order."
    assert passes(limits, order(qty=150))


def test_a_size_limit_of_another_asset_does_not_matter() -> None:
    assert passes(RiskLimits(max_order_qty={"ETH": Units(1)}), order())


def test_an_order_above_the_value_limit_is_refused_with_both_figures() -> None:
    limits = RiskLimits(max_order_value=usdt("10000"))

    assert text_of(limits, order(price=120_000)) == "12,000 USDT exceeds your limit of 10,000 per order."
    assert passes(limits, order(price=100_000))


def test_a_market_order_is_valued_at_the_best_opposite_price_else_the_last() -> None:
    limits = RiskLimits(max_order_value=usdt("12000"))

    assert "12,000.2 USDT" in text_of(limits, order())
    assert passes(limits, order(Side.SELL))
    assert passes(limits, order(), MARKET._replace(best_ask=None))
    assert passes(limits, order(qty=10**6), RiskContext(BTC, Lots(0)))


def test_a_stop_is_valued_at_its_stop_price() -> None:
    limits = RiskLimits(max_order_value=usdt("12000"))
    stop = order(order_type=OrderType.STOP, stop_price=Ticks(130_000))

    assert "13,000 USDT" in text_of(limits, stop)


def test_a_price_too_far_on_the_costly_side_is_refused() -> None:
    limits = RiskLimits(max_price_deviation_bps=1_000)

    assert text_of(limits, order(price=132_001)) == (
        "66,000.5 is 10.01 % above the market (60,000); your limit is 10 %."
    )
    assert "below the market" in text_of(limits, order(Side.SELL, price=107_999))
    assert passes(limits, order(price=132_000))
    assert passes(limits, order(Side.SELL, price=108_000))


def test_a_harmless_price_far_from_the_market_passes() -> None:
    limits = RiskLimits(max_price_deviation_bps=1_000)

    assert passes(limits, order(price=10))
    assert passes(limits, order(Side.SELL, price=10**7))


def test_without_a_trade_the_best_opposite_price_is_the_market() -> None:
    limits, quiet = RiskLimits(max_price_deviation_bps=100), MARKET._replace(last=None)

    assert "60,001" in text_of(limits, order(price=130_000), quiet)
    assert "59,999" in text_of(limits, order(Side.SELL, price=110_000), quiet)
    assert passes(limits, order(price=130_000), RiskContext(BTC, Lots(0)))


def test_a_market_order_that_sweeps_the_book_too_far_is_refused() -> None:
    limits = RiskLimits(max_price_deviation_bps=1_000)

    assert text_of(limits, order(), MARKET._replace(worst=Ticks(144_000))) == (
        "by walking the book it trades to 72,000, 20 % above the market (60,000); your limit is 10 %."
    )
    assert passes(limits, order(), MARKET._replace(worst=Ticks(121_000)))


def test_the_limit_of_a_stop_limit_is_held_against_its_stop_price() -> None:
    limits = RiskLimits(max_price_deviation_bps=1_000)
    far = order(order_type=OrderType.STOP_LIMIT, stop_price=Ticks(150_000), price=Ticks(151_000))

    assert passes(limits, far)
    assert "above the market (75,000)" in text_of(limits, replace(far, price=Ticks(170_000)))
    assert passes(limits, replace(far, order_type=OrderType.STOP, price=None), MARKET._replace(worst=Ticks(10**9)))


def test_no_more_orders_than_the_limit_may_be_open() -> None:
    limits, full = RiskLimits(max_open_orders=2), MARKET._replace(open_orders=2)

    assert text_of(limits, order(price=100), full) == "2 orders are open, your limit is 2."
    assert passes(limits, order(price=100), MARKET._replace(open_orders=1))
    assert passes(limits, order(), full)
    assert passes(limits, order(price=100, tif=TimeInForce.IOC), full)
    assert passes(limits, amend(qty=5), full._replace(amended=working()))


def test_a_position_counts_what_is_held_and_what_is_being_bought() -> None:
    limits = RiskLimits(max_position_value=usdt("15000"))
    context = MARKET._replace(held=Lots(30), buying=Lots(21))

    assert text_of(limits, order(price=120_000), context) == (
        "with what you hold and are buying it makes 15,060 USDT of BTC, more than your limit of 15,000 per position."
    )
    assert passes(limits, order(price=120_000), context._replace(buying=Lots(20)))
    assert passes(limits, order(Side.SELL, 10**6), context)
    assert passes(limits, order(), RiskContext(BTC, Lots(10**9)))


def test_an_amend_to_less_is_never_held_up_by_the_position_limit() -> None:
    limits = RiskLimits(max_position_value=usdt("1"))

    assert passes(limits, amend(qty=50), MARKET._replace(amended=working()))
    assert "6,060 USDT" in text_of(limits, amend(qty=101), MARKET._replace(amended=working()))
    assert "6,000.05 USDT" in text_of(limits, amend(price=120_001), MARKET._replace(amended=working()))
    assert "3,060 USDT" in text_of(limits, amend(qty=101), MARKET._replace(amended=working(filled=50)))


def test_after_the_daily_loss_only_selling_what_is_held_passes() -> None:
    limits, lost = RiskLimits(max_daily_loss=usdt("500")), MARKET._replace(held=Lots(100), day_pnl=usdt("-500.25"))

    assert text_of(limits, order(), lost) == ("you lost 500.25 USDT today, your limit is 500; selling still works.")
    assert passes(limits, order(Side.SELL, 100), lost)
    assert not passes(limits, order(Side.SELL, 101), lost)
    assert passes(limits, order(), lost._replace(day_pnl=usdt("-499")))
    assert passes(limits, order(), lost._replace(day_pnl=usdt("900")))
    assert passes(limits, order())


def test_a_gate_that_was_told_the_profit_of_the_day_uses_it() -> None:
    gate = RiskGate(RiskLimits(max_daily_loss=usdt("500")))
    gate.standing[AccountId("A")] = Standing(day_pnl=usdt("-600"))

    assert gate.check(order(), MARKET) is not None
    assert gate.check(order(), MARKET._replace(day_pnl=usdt("1"))) is None


def test_a_limit_of_nothing_lost_lets_a_day_without_loss_trade() -> None:
    assert passes(RiskLimits(max_daily_loss=Units(0)), order(), MARKET._replace(day_pnl=Units(0)))


def test_halted_lets_no_order_and_no_amend_pass() -> None:
    gate = RiskGate(state=TradingState.HALTED)

    for command in (order(), order(Side.SELL, 1), amend(qty=1)):
        fault = gate.check(command, MARKET._replace(held=Lots(10), amended=working()))
        assert fault is not None
        assert (fault.reason, fault.text) == (
            Reason.HALTED,
            "Not sent: trading is halted; only cancels pass. Resume it with the kill switch.",
        )


@pytest.mark.parametrize(
    ("command", "amended", "allowed"),
    [
        (order(Side.SELL, 60), None, True),
        (order(Side.SELL, 61), None, False),
        (order(Side.BUY, 1), None, False),
        (amend(qty=90), working(), True),
        (amend(qty=110), working(), False),
        (amend(price=119_999), working(), True),
        (amend(price=120_001), working(), False),
        (amend(stop_price=5), working(price=None), False),
        (amend(qty=90), working(price=None), True),
        (amend(qty=60), working(Side.SELL), True),
        (amend(qty=61), working(Side.SELL), False),
        (amend(qty=71), working(Side.SELL, filled=11), True),
    ],
)
def test_reducing_lets_pass_only_what_reduces(
    command: SubmitOrder | AmendOrder, amended: OpenOrder | None, allowed: bool
) -> None:
    gate = RiskGate(state=TradingState.REDUCING)

    fault = gate.check(command, MARKET._replace(held=Lots(100), selling=Lots(40), amended=amended))

    assert (fault is None) == allowed
    if fault is not None:
        assert fault.reason is Reason.HALTED
        assert "only orders that reduce" in fault.text


def test_an_amend_of_an_unknown_order_is_the_venue_s_to_refuse() -> None:
    assert RiskGate(state=TradingState.HALTED).check(amend(qty=1), MARKET) is None
