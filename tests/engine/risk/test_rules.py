"""Every rule at its limit and one unit beyond it, for both sides, and in each trading state."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.account import OpenOrder
from engine.domain.command import SubmitOrder
from engine.domain.course import TradingState
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import AccountId, ListKind, OrderId, OrderStatus, OrderType, Reason, Side
from engine.risk.gate import RiskContext, RiskGate
from engine.risk.intent import at_work
from engine.risk.limits import LimitBook, RiskLimits, Scope
from engine.risk.rules import RULES, Standing
from tests.engine.risk.test_gate import BTC, MARKET, USDT, order, usdt, working

ACCOUNT = AccountId("A")
HELD = MARKET._replace(held=Lots(1_000), exposure=lambda: usdt("60000"), worst=Ticks(120_120))


def gate_with(rule: str, limit: int, standing: Standing | None = None) -> RiskGate:
    gate = RiskGate(LimitBook(special={Scope(None, "BTC/USDT"): {rule: limit}}))
    if standing is not None:
        gate.standing[ACCOUNT] = standing
    return gate


def case(rule: str, command: SubmitOrder, context: RiskContext, limit: int, says: str,
         standing: Standing | None = None) -> object:  # fmt: skip
    """A rule, an order that just passes at `limit`, and what is said at one less."""
    return pytest.param(rule, command, context, limit, says, standing, id=f"{rule}-{command.side}-{command.order_type}")


BUY, SELL = Side.BUY, Side.SELL
STOP = {"order_type": OrderType.STOP, "stop_price": Ticks(120_000)}
TAKE = {"order_type": OrderType.TAKE_PROFIT, "stop_price": Ticks(120_000)}
TRAIL = {"order_type": OrderType.TRAILING_STOP, "trail": Ticks(10)}
ICE = {"price": Ticks(120_000), "display_qty": Lots(1)}

MATRIX = [
    *(
        case("max_order_qty", order(side, 200, **kind), HELD, BTC.base_units(200), "0.2 BTC exceeds your limit of 0.19")
        for side in Side
        for kind in ({}, STOP, TAKE, TRAIL, ICE)
    ),
    *(
        case("max_order_value", order(side, 200, **kind), HELD, usdt("12000"), "12,000 USDT exceeds your limit of")
        for side in Side
        for kind in (STOP, TAKE, TRAIL, ICE)
    ),
    case("max_order_value", order(BUY, 200), HELD, usdt("12000.2"), "12,000.2 USDT exceeds your limit of 12,000"),
    case("max_order_value", order(SELL, 200), HELD, usdt("11999.8"), "11,999.8 USDT exceeds your limit of 11,999"),
    case("max_price_deviation_bps", order(BUY, 1), HELD, 10, "by walking the book it trades to 60,060"),
    case("max_price_deviation_bps", order(BUY, 1, price=Ticks(120_012)), HELD, 1, "60,006 is 0.01 % above"),
    case("max_price_deviation_bps", order(SELL, 1, price=Ticks(119_988)), HELD, 1, "59,994 is 0.01 % below"),
    case("max_open_orders", order(BUY, 1, price=Ticks(1)), HELD._replace(open_orders=2), 3, "2 orders are open"),
    case("max_open_orders", order(SELL, 1, **STOP), HELD._replace(open_orders=2), 3, "2 orders are open"),
    case("max_orders_per_minute", order(BUY, 1), HELD._replace(orders_last_minute=9), 10,
         "9 orders were taken in the last minute, your limit is 9."),
    case("max_position_value", order(BUY, 200, price=Ticks(120_000)), HELD, usdt("72000"),
         "with what you hold and are buying it makes 72,000 USDT of BTC, more than your limit of 71,999"),
    case("max_exposure", order(BUY, 200, price=Ticks(120_000)), HELD, usdt("72000"),
         "with all that you hold and are buying it makes 72,000 USDT, more than your limit of 71,999"),
    case("max_daily_loss", order(BUY, 1), HELD, usdt("500") + 1, "you lost 500 USDT today, your limit is 500;",
         Standing(day_pnl=usdt("-500"))),
    case("max_drawdown", order(BUY, 1), HELD, usdt("500") + 1,
         "you are 500 USDT below today's best, your limit is 500;", Standing(drawdown=usdt("500"))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "command", "context", "limit", "says", "standing"), MATRIX)
def test_the_exact_limit_passes_and_one_unit_less_is_refused_with_both_figures(
    rule: str, command: SubmitOrder, context: RiskContext, limit: int, says: str, standing: Standing | None
) -> None:
    assert gate_with(rule, limit, standing).check(command, context) is None
    fault = gate_with(rule, limit - 1, standing).check(command, context)

    assert fault is not None
    assert fault.reason is Reason.LIMIT_EXCEEDED
    assert fault.text.startswith(f"Not sent: {says}")
    assert fault.text.endswith("This limit is for BTC/USDT. Change it under Settings › Risk.")  # noqa: RUF001


def test_the_matrix_has_every_rule() -> None:
    assert {each.values[0] for each in MATRIX} == {rule.key for rule in RULES}  # type: ignore[attr-defined]


LOSS = {"max_daily_loss", "max_drawdown"}


@pytest.mark.parametrize("rule", [each.key for each in RULES])
def test_what_only_reduces_is_held_up_by_no_rule_on_position_rate_or_loss(rule: str) -> None:
    if rule in ("max_order_qty", "max_order_value", "max_price_deviation_bps", "max_open_orders"):
        return
    gate = gate_with(rule, 0, Standing(usdt("-500"), usdt("500")))
    context = HELD._replace(orders_last_minute=9)

    assert gate.check(order(SELL, 1_000), context) is None
    assert gate.check(order(SELL, 1_001), context) is not None or rule in ("max_position_value", "max_exposure")


@given(
    held=st.integers(0, 100), selling=st.integers(0, 100), qty=st.integers(1, 100), flag=st.booleans(),
    state=st.sampled_from(TradingState), side=st.sampled_from(Side),
)  # fmt: skip
def test_in_each_state_exactly_what_it_promises_passes(
    held: int, selling: int, qty: int, flag: bool, state: TradingState, side: Side
) -> None:
    gate = RiskGate(state=state)
    context = RiskContext(BTC, Lots(held), selling=Lots(selling))
    fault = gate.check(order(side, qty, reduce_only=flag), context)
    reduces = side is Side.SELL and (flag or selling + qty <= held)

    allowed = state is TradingState.ACTIVE or (state is TradingState.REDUCING and reduces)
    assert (fault is None) is allowed
    assert allowed or (fault is not None and fault.reason is Reason.HALTED and fault.text.endswith("kill switch."))


def test_a_pair_quoted_in_another_asset_is_valued_in_the_currency_of_the_limits() -> None:
    # One BTC is 60,000 USDT: 100 lots of 0.001 at 0.5 x 2 BTC each are worth 0.1 BTC, 6,000 USDT.
    in_btc = MARKET._replace(currency=USDT, quote_price=Fraction(60_000))
    command = order(BUY, 100, price=Ticks(2))

    fault = gate_with("max_order_value", usdt("5999")).check(command, in_btc._replace(last=Ticks(2)))

    assert fault is not None
    assert "6,000 USDT exceeds your limit of 5,999" in fault.text
    assert gate_with("max_order_value", usdt("6000")).check(command, in_btc) is None
    assert gate_with("max_order_value", Units(0)).check(command, in_btc._replace(quote_price=None)) is None


def test_of_two_legs_one_is_at_work_of_pending_ones_none_and_of_an_entry_with_what_follows_both() -> None:
    def listed(order: OpenOrder, list_id: str, kind: ListKind) -> OpenOrder:
        return order._replace(list_id=OrderId(list_id), list_kind=kind)

    alone, pending = working(SELL, 5, filled=1), working(SELL, 1_000)._replace(status=OrderStatus.PENDING)
    legs = [listed(working(SELL, 100, filled=filled), "L", ListKind.OCO) for filled in (10, 0)]
    chain = [listed(working(BUY, qty), "M", ListKind.OTO) for qty in (7, 8)]
    elsewhere = working(BUY, 9)._replace(symbol="ETH/USDT")

    assert at_work([alone, pending, *legs, *chain, elsewhere], "BTC/USDT") == (4 + 100, 7 + 8)


def test_limits_of_an_account_do_not_touch_another() -> None:
    gate = RiskGate(LimitBook(RiskLimits(), {Scope(AccountId("B"), None): {"max_order_value": 0}}))

    assert gate.check(order(BUY, 1), HELD) is None


def test_nothing_is_said_of_what_has_no_price() -> None:
    blind = RiskContext(BTC, Lots(0), exposure=lambda: None)
    for rule in ("max_order_value", "max_position_value", "max_exposure", "max_price_deviation_bps"):
        assert gate_with(rule, 0).check(order(BUY, 1), blind) is None
