"""The gate where it stands: in front of the real exchange, under random commands."""

import pytest
from hypothesis import given

from engine.domain.account import Balance
from engine.domain.command import AmendOrder, Fault, SubmitOrder
from engine.domain.course import TradingState
from engine.domain.event import OrderAccepted, OrderAmended, OrderRejected
from engine.domain.number import Units
from engine.domain.order import OrderType, Reason, Side
from engine.risk.gate import RiskContext, RiskGate
from engine.risk.limits import RiskLimits
from tests.engine.portfolio.trading import OWNERS, PAIRS, Act, Desk, sessions, submits

BY_SYMBOL = {pair.symbol: pair for pair in PAIRS}
VALUE = Units(600)


@pytest.mark.no_cover
@given(sessions, sessions)
def test_while_halted_no_command_is_accepted_but_cancels(before: list[Act], after: list[Act]) -> None:
    gate = RiskGate()
    desk = Desk(gate)
    for act in before:
        desk.run(act)
    gate.state = TradingState.HALTED
    start = len(desk.journal)

    for act in after:
        desk.run(act)

    assert not any(isinstance(record, OrderAccepted | OrderAmended) for record in desk.journal[start:])


@pytest.mark.no_cover
@given(sessions, sessions)
def test_while_reducing_only_sales_of_what_is_held_are_accepted(before: list[Act], after: list[Act]) -> None:
    gate = RiskGate()
    desk = Desk(gate)
    for act in before:
        desk.run(act)
    gate.state = TradingState.REDUCING

    for act in after:
        start = len(desk.journal)
        held = {owner: desk.exchange.balances(owner) for owner in OWNERS}
        desk.run(act)
        for record in desk.journal[start:]:
            if isinstance(record, OrderAccepted):
                pair = BY_SYMBOL[record.order.symbol]
                assert record.order.side is Side.SELL
                assert pair.base_units(record.order.qty) <= held[record.account][pair.base.code].total


@pytest.mark.no_cover
@given(sessions)
def test_no_order_worth_more_than_the_limit_and_never_too_many_at_rest(session: list[Act]) -> None:
    desk = Desk(RiskGate(RiskLimits(max_order_value=VALUE, max_open_orders=2)))

    for act in session:
        start = len(desk.journal)
        desk.run(act)
        for record in desk.journal[start:]:
            if isinstance(record, OrderAccepted) and record.order.price is not None:
                assert BY_SYMBOL[record.order.symbol].notional(record.order.price, record.order.qty) <= VALUE
            if isinstance(record, OrderAmended) and record.price is not None:
                (symbol,) = {
                    each.order.symbol
                    for each in desk.journal
                    if isinstance(each, OrderAccepted)
                    and (each.account, each.order_id) == (record.account, record.order_id)
                }
                assert BY_SYMBOL[symbol].notional(record.price, record.qty) <= VALUE
        for owner in OWNERS:
            assert len(desk.exchange.open_orders(owner)) <= 2


class Witness:
    """Lets everything pass, and compares what it is told with the account as the exchange shows it."""

    desk: Desk

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        if context is None:
            return None
        exchange, pair = self.desk.exchange, context.pair
        orders = exchange.open_orders(order.account)
        amended = next((each for each in orders if each.order_id == order.order_id), None)
        others = [each for each in orders if each.symbol == pair.symbol]
        if isinstance(order, AmendOrder):
            others = [each for each in others if each.order_id != order.order_id]
            assert context.amended == amended
        held = exchange.balances(order.account).get(pair.base.code, Balance(Units(0), Units(0))).total
        book = exchange.book(pair.symbol)

        assert context.held == held // pair.lot_unit
        assert context.buying == sum(each.left for each in others if each.side is Side.BUY)
        assert context.selling == sum(each.left for each in others if each.side is Side.SELL)
        assert context.open_orders == len(orders)
        assert (context.last, context.best_bid, context.best_ask) == (book.last_price, book.best_bid, book.best_ask)
        return None


@pytest.mark.no_cover
@given(sessions)
def test_the_gate_is_told_what_the_account_holds_and_has_at_work(session: list[Act]) -> None:
    witness = Witness()
    witness.desk = Desk(witness)

    for act in session:
        witness.desk.run(act)


@pytest.mark.no_cover
@given(sessions)
def test_a_gate_without_limits_changes_nothing(session: list[Act]) -> None:
    free, gated = Desk(), Desk(RiskGate())

    for act in session:
        free.run(act)
        gated.run(act)

    assert gated.journal == free.journal


@given(submits().filter(lambda order: order.account in OWNERS[:2]))
def test_halted_comes_before_every_other_reason_and_a_limit_after_all(order: SubmitOrder) -> None:
    free, limited = Desk(), Desk(RiskGate(RiskLimits(max_order_value=Units(0))))
    halted = Desk(RiskGate(state=TradingState.HALTED))

    answers: list[object] = []
    for desk in (free, limited, halted):
        start = len(desk.journal)
        desk.run(order)
        answers.append(desk.journal[start])

    plain, within, stopped = answers
    assert isinstance(stopped, OrderRejected)
    assert stopped.reason is Reason.HALTED
    if isinstance(plain, OrderRejected) or order.order_type is OrderType.MARKET:  # an empty book has no price to judge
        assert within == plain
    else:
        assert isinstance(within, OrderRejected)
        assert within.reason is Reason.LIMIT_EXCEEDED
