"""The exchange's door: gate, fees, ids, seats, and what it refuses to its own callers."""

from __future__ import annotations

import gc
import json
import tracemalloc
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.asset import Asset
from engine.domain.command import AmendOrder, Command, Deposit, Fault, ListPair, SetFees, SubmitOrder
from engine.domain.course import TradingState
from engine.domain.event import OrderAccepted, OrderFilled, OrderRejected
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderStatus, Reason, Side, TimeInForce
from engine.domain.pair import FeeRate
from engine.errors import InvalidInput
from engine.exchange import account as account_module
from engine.exchange import outcomes
from engine.exchange.account import Account
from engine.exchange.kernel import Exchange
from engine.exchange.order import WorkingOrder
from engine.exchange.sentences import grouped
from engine.portfolio.fold import Fold
from engine.portfolio.lock import resting_lock
from engine.risk.gate import RiskContext, RiskGate
from engine.risk.limits import RiskLimits
from tests.engine.exchange.desk import A, B, S, cancel, desk, limit, pair, story

T = Nanos(1)


def amend(account: AccountId, order_id: str, *, qty: int | None = None, price: int | None = None) -> AmendOrder:
    return AmendOrder(
        account=account,
        order_id=OrderId(order_id),
        qty=None if qty is None else Lots(qty),
        price=None if price is None else Ticks(price),
    )


# Gate


def test_a_halted_gate_refuses_everything_but_cancels_before_any_other_reason() -> None:
    gate = RiskGate()
    exchange = desk(gate=gate)
    exchange.handle(limit(A, "a", "buy", 1, 100), T)
    gate.state = TradingState.HALTED

    assert story(exchange.handle(limit(A, "sick", "buy", -1, 100), T)) == ["rejected sick halted"]
    assert story(exchange.handle(limit(A, "a", "buy", 7, 100), T)) == ["rejected a halted"]
    assert story(exchange.handle(limit(A, "market", "sell", 7, None), T)) == ["rejected market halted"]
    assert story(exchange.handle(limit(A, "market2", "sell", 0, None), T)) == ["rejected market2 halted"]
    assert story(exchange.handle(amend(A, "a", qty=2), T)) == ["rejected a halted"]
    assert exchange.handle(limit(A, "a", "buy", 1, 100), T) == []
    assert story(exchange.handle(cancel(A, "a"), T)) == ["cancelled a user"]


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
def test_a_halt_is_told_before_an_account_or_a_pair_that_is_unknown_and_not_remembered(state: TradingState) -> None:
    gate = RiskGate(state=state)
    exchange = desk(gate=gate)
    stranger = AccountId("stranger")
    abroad, alien = limit(A, "a", "sell", 1, 100, symbol="C/Q"), limit(stranger, "x", "sell", 1, 100)

    assert story(exchange.handle(abroad, T)) == ["rejected a halted"]
    assert story(exchange.handle(alien, T)) == ["rejected x halted"]
    assert story(exchange.handle(amend(stranger, "x", qty=2), T)) == ["rejected x halted"]
    assert story(exchange.handle(amend(A, "none", qty=2), T)) == ["rejected none unknown_order"]
    assert story(exchange.handle(cancel(stranger, "x"), T)) == ["rejected x unknown_account"]
    gate.state = TradingState.ACTIVE
    assert story(exchange.handle(abroad, T)) == ["rejected a unknown_symbol"]
    assert story(exchange.handle(alien, T)) == ["rejected x unknown_account"]
    assert story(exchange.handle(amend(stranger, "x", qty=2), T)) == ["rejected x unknown_account"]


def test_limits_come_last_of_all_reasons() -> None:
    exchange = desk(gate=RiskGate(RiskLimits(max_order_value=Units(500), max_open_orders=1)))

    assert story(exchange.handle(limit(A, "a", "buy", 6, 100), T)) == ["rejected a limit_exceeded"]
    assert story(exchange.handle(limit(A, "b", "buy", 9_999, 100), T)) == ["rejected b insufficient_funds"]
    assert story(exchange.handle(limit(A, "c", "buy", 5, 100), T)) == ["accepted c"]
    assert story(exchange.handle(limit(A, "d", "buy", 5, 100), T)) == ["rejected d limit_exceeded"]
    assert story(exchange.handle(amend(A, "c", qty=6), T)) == ["rejected c limit_exceeded"]
    assert story(exchange.handle(amend(A, "c", qty=0), T)) == ["rejected c bad_quantity"]
    assert story(exchange.handle(amend(A, "c", qty=4), T)) == ["OrderAmended"]


def test_the_gate_is_told_what_else_works_and_how_deep_a_market_order_goes() -> None:
    told = list[RiskContext]()

    class Ear:
        def check(self, order: object, context: RiskContext | None) -> Fault | None:
            assert context is not None
            told.append(context)
            return None

    exchange = desk(gate=Ear())
    exchange.handle(limit(A, "b", "buy", 5, 90), T)
    exchange.handle(limit(A, "s", "sell", 6, 110), T)
    exchange.handle(ListPair(pair("C/Q")), T)
    exchange.handle(limit(A, "other", "sell", 7, 110, symbol="C/Q"), T)
    exchange.handle(limit(B, "m", "sell", 2, None), T)
    exchange.handle(Deposit(AccountId("new"), "Q", Units(5)), T)
    exchange.handle(limit(AccountId("new"), "x", "sell", 1, 110), T)
    exchange.handle(amend(A, "s", qty=5), T)
    exchange.handle(amend(A, "b", qty=4), T)

    assert told[3][1:9] == (1_000, 0, 0, 0, None, 90, 110, 90)
    assert told[4][1:9] == (0, 0, 0, 0, 90, 90, 110, None)
    assert told[5][1:8] == (1_002, 0, 3, 3, 90, 90, 110)
    assert told[5].amended is not None
    assert told[5].amended.order_id == "s"
    assert told[6][2:4] == (5, 0)


# Fees


def test_own_rates_hold_for_orders_accepted_after_them() -> None:
    exchange = desk()
    exchange.handle(limit(A, "old", "buy", 10, 100), T)
    free = FeeRate.parse(Decimal(0))
    exchange.handle(SetFees(A, S, free, None), T)
    exchange.handle(limit(A, "new", "buy", 10, 100), T)

    fills = [e for e in exchange.handle(limit(B, "b", "sell", 20, 100), T) if isinstance(e, OrderFilled)]

    assert [(fill.order_id, fill.fee) for fill in fills] == [("old", 1), ("b", 1), ("new", 0), ("b", 1)]
    exchange.handle(SetFees(A, S, None, None), T)
    exchange.handle(limit(A, "last", "buy", 10, 100), T)
    assert exchange.open_orders(A)[0].locked == 1_001


def test_a_rate_above_one_takes_no_more_than_there_is() -> None:
    exchange = Exchange()
    exchange.handle(ListPair(pair(fee="3")), Nanos(0))
    exchange.handle(Deposit(A, "Q", Units(100_000)), Nanos(0))
    exchange.handle(Deposit(B, "B", Units(5)), Nanos(0))
    exchange.handle(limit(A, "a", "buy", 5, 100), T)

    exchange.handle(limit(B, "b", "sell", 5, 100), T)

    assert exchange.balances(B) == {"B": (0, 0), "Q": (0, 0)}
    assert exchange.balances(A) == {"B": (5, 0), "Q": (98_000, 0)}
    assert exchange.state()["fees"] == {"Q": "2000"}


def test_the_ledger_of_the_portfolio_agrees_with_the_exchange_to_the_last_unit() -> None:
    exchange, fold = Exchange(), Fold()
    commands: list[Command] = [
        ListPair(pair()),
        *(Deposit(who, asset, Units(9_000)) for who in (A, B) for asset in "BQ"),
        limit(A, "a1", "buy", 7, 99),
        limit(A, "a2", "sell", 7, 103),
        limit(A, "a3", "sell", 2, None, stop=99),
        limit(B, "b1", "sell", 5, 99),
        amend(A, "a2", qty=9, price=102),
        limit(B, "b2", "buy", 12, 102),
        cancel(B, "b2"),
    ]
    for number, command in enumerate(commands):
        records = [command] if isinstance(command, ListPair) else []
        for record in [*records, *exchange.handle(command, Nanos(number))]:
            fold.apply(record)  # type: ignore[arg-type]

    for who in (A, B):
        assert fold.balances(who) == exchange.balances(who)
        assert fold.orders(who) == exchange.open_orders(who)


@given(
    side=st.sampled_from(list(Side)),
    price=st.integers(1, 10**9),
    left=st.integers(0, 10**9),
    bps=st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
def test_an_order_locks_what_the_shared_formula_says(side: Side, price: int, left: int, bps: tuple[int, int]) -> None:
    listed = pair()
    maker, taker = (FeeRate.parse(Decimal(each) / 10_000) for each in bps)
    order = WorkingOrder(Account(A), limit(A, "x", side.value, 1, 1), listed, (maker, taker), 1, T)

    assert order.lock_for(price, left) == resting_lock(listed, side, price, left, maker, taker)


# Ids


def test_the_first_answer_to_an_id_can_be_asked_for() -> None:
    exchange = desk()
    good, bad = limit(A, "good", "buy", 1, 100), limit(A, "bad", "buy", 0, 100)
    accepted, rejected = exchange.handle(good, T)[0], exchange.handle(bad, T)[0]

    assert exchange.first_answer(good) == accepted
    assert exchange.first_answer(bad) == rejected
    exchange.handle(cancel(A, "good"), T)
    assert exchange.first_answer(good) == accepted
    assert exchange.first_answer(limit(A, "new", "buy", 1, 100)) is None
    assert exchange.first_answer(limit(AccountId("?"), "new", "buy", 1, 100)) is None


def test_ids_are_forgotten_only_beyond_the_bound_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "REMEMBERED", 3)
    exchange = desk()
    for number in range(4):
        exchange.handle(limit(A, f"a{number}", "buy", 1, 100), T)
        exchange.handle(cancel(A, f"a{number}"), T)

    assert exchange.handle(limit(A, "a1", "buy", 1, 100), T) == []
    assert story(exchange.handle(limit(A, "a0", "buy", 1, 100), T)) == ["accepted a0"]


def test_a_loaded_exchange_forgets_ids_when_the_dumped_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "REMEMBERED", 20)
    first = desk()
    submit_and_cancel(first, 33, 0)
    second = Exchange.load(first.dump(), [pair()])

    for number in range(33, 50):
        submit_and_cancel(first, 1, number)
        submit_and_cancel(second, 1, number)
        kept = [f"a{each}" for each in range(number + 1) if first.first_answer(limit(A, f"a{each}", "buy", 1, 1))]
        assert len(kept) in (20, 21)
        assert kept[-1] == f"a{number}"
        assert second.dump() == first.dump()


def test_at_least_a_hundred_thousand_finished_ids_are_remembered() -> None:
    assert outcomes.REMEMBERED >= 100_000


def test_a_digest_tells_any_two_submits_apart() -> None:
    first = limit(A, "x", "buy", 1, 100)
    others = [
        replace(first, qty=Lots(2)),
        replace(first, price=None),
        replace(first, stop_price=Ticks(100)),
        replace(first, tif=TimeInForce.IOC),
        replace(first, post_only=True),
        replace(first, reduce_only=True),
        replace(first, expire_ts=Nanos(1)),
        replace(first, display_qty=Lots(1)),
        replace(first, trail=Ticks(1)),
        replace(first, trail_bps=Decimal(1)),
        replace(first, symbol="C/Q"),
        replace(first, faults=(Fault(Reason.OFF_LOT, "x"),)),
    ]

    assert len({account_module.digest_of(each) for each in [first, *others]}) == len(others) + 1


# Seats


def test_a_seated_account_goes_on_where_its_journal_ended() -> None:
    exchange = desk()
    accepted = {}
    own = [
        limit(A, "rest", "buy", 5, 100, stp="cancel_taker"),
        limit(A, "wait", "sell", 5, None, stop=90),
        limit(A, "later", "buy", 5, 100),
    ]
    for each in own:
        event = exchange.handle(each, T)[0]
        assert isinstance(event, OrderAccepted)
        accepted[event.order_id] = event
    exchange.handle(limit(B, "b", "sell", 2, 100), T)
    rates = {S: (FeeRate.parse(Decimal(0)), None)}

    fresh = Exchange()
    fresh.handle(ListPair(pair()), T)
    flow = [FlowOrder(T, FlowKind.LIMIT, 1, Side.SELL, Ticks(99), Lots(4))]
    flow += [FlowOrder(T, FlowKind.LIMIT, 2, Side.BUY, Ticks(98), Lots(4))]
    fresh.flow(S, flow)
    fresh.seat(A, exchange.balances(A), exchange.open_orders(A), accepted, rates)
    fresh.seat(B, exchange.balances(B))

    assert fresh.open_orders(A) == exchange.open_orders(A)
    assert fresh.balances(A) == exchange.balances(A)
    assert (fresh.book(S).best_bid, fresh.book(S).best_ask) == (100, None)
    assert fresh.queue_ahead(A, OrderId("later")) == 3
    assert fresh.queue_ahead(A, OrderId("wait")) is None
    assert fresh.queue_ahead(A, OrderId("none")) is None
    assert fresh.handle(own[0], T) == []
    number = fresh.handle(limit(B, "next", "buy", 1, 1), T)[0].number  # type: ignore[union-attr]
    assert number == 5 - 1
    with pytest.raises(InvalidInput, match="there already"):
        fresh.seat(A, {})


def test_a_seat_without_its_commands_takes_them_from_what_is_shown() -> None:
    exchange = desk()
    exchange.handle(limit(A, "rest", "buy", 5, 100), T)
    fresh = Exchange()
    fresh.handle(ListPair(pair()), T)
    fresh.use_feed(S)

    fresh.seat(A, exchange.balances(A), exchange.open_orders(A))

    assert fresh.open_orders(A) == exchange.open_orders(A)
    with pytest.raises(InvalidInput, match="not traded"):
        Exchange().seat(A, exchange.balances(A), exchange.open_orders(A))


def test_earlier_answers_can_be_brought_back() -> None:
    exchange = desk()
    good, bad = limit(A, "good", "buy", 1, 100), limit(A, "bad", "buy", 0, 100)

    exchange.remember(good, OrderAccepted(A, good.order_id, good, 41, T))
    exchange.remember(bad, OrderRejected(A, bad.order_id, Reason.BAD_QUANTITY, "no", T))

    assert exchange.handle(good, T) == exchange.handle(bad, T) == []
    assert exchange.first_answer(bad) == OrderRejected(A, bad.order_id, Reason.BAD_QUANTITY, "no", T)
    assert story(exchange.handle(limit(A, "good", "buy", 2, 100), T)) == ["rejected good duplicate_id"]
    event = exchange.handle(limit(A, "next", "buy", 2, 100), T)[0]
    assert isinstance(event, OrderAccepted)
    assert event.number == 42


def test_trades_go_on_counting_above_an_earlier_life() -> None:
    exchange = desk()
    exchange.count_trades_from(41)
    exchange.count_trades_from(7)
    exchange.flow(S, [FlowOrder(T, FlowKind.LIMIT, 5, Side.SELL, Ticks(99), Lots(4))])

    assert exchange.flow_keys(S) == (5,)
    assert exchange.handle(limit(A, "a", "buy", 1, None), T)[1].trade_id == 42  # type: ignore[union-attr]


# Its own callers


def test_mistakes_of_a_caller_are_exceptions_and_change_nothing() -> None:
    exchange = desk()
    exchange.advance(Nanos(9))
    before = exchange.dump()

    with pytest.raises(InvalidInput, match="backwards"):
        exchange.advance(Nanos(8))
    with pytest.raises(InvalidInput, match="listed already"):
        exchange.handle(ListPair(pair()), Nanos(9))
    with pytest.raises(InvalidInput, match="gives Q 1 decimals, B/Q gave it 0"):
        exchange.handle(ListPair(replace(pair("C/Q"), quote=Asset("Q", 1))), Nanos(9))
    with pytest.raises(InvalidInput, match="positive"):
        exchange.handle(Deposit(A, "Q", Units(0)), Nanos(9))
    with pytest.raises(InvalidInput, match="no account"):
        exchange.handle(SetFees(AccountId("?"), S, None, None), Nanos(9))
    with pytest.raises(InvalidInput, match="not traded"):
        exchange.handle(SetFees(A, "?", None, None), Nanos(9))
    with pytest.raises(InvalidInput, match="version 0"):
        Exchange.load({"version": 0}, [])
    with pytest.raises(InvalidInput, match="not a known pair"):
        Exchange.load(before, [])

    assert exchange.dump() == before


def test_questions_about_nobody_have_empty_answers() -> None:
    exchange = desk()
    nobody = AccountId("?")

    assert exchange.balances(nobody) == {}
    assert exchange.open_orders(nobody) == []
    assert exchange.queue_ahead(nobody, OrderId("x")) is None
    assert exchange.pair_of(nobody, OrderId("x")) is None
    assert exchange.pair_of(A, OrderId("x")) is None
    assert exchange.accounts() == (A, B)
    assert exchange.pairs() == (pair(),)
    exchange.handle(Deposit(A, "GOLD", Units(7)), T)
    assert exchange.state()["balances"]["A"]["GOLD"] == {"free": "7", "locked": "0"}  # type: ignore[index]


def test_own_rates_and_every_kind_of_order_survive_a_dump() -> None:
    exchange = desk()
    exchange.handle(SetFees(A, S, FeeRate.parse(Decimal("0.0002")), None), T)
    exchange.handle(limit(A, "ioc", "sell", 5, 90, stop=80, tif="IOC"), T)
    exchange.handle(limit(A, "post", "buy", 5, 90, post_only=True, stp="cancel_both"), T)
    exchange.handle(limit(A, "sick", "buy", 0, 90), T)

    again = Exchange.load(json.loads(json.dumps(exchange.dump())), [pair()])

    assert again.open_orders(A) == exchange.open_orders(A)
    assert again.open_orders(A)[0].status is OrderStatus.WAITING
    assert again.handle(limit(A, "sick", "buy", 0, 90), T) == []
    assert story(again.handle(amend(A, "post", qty=6), T)) == story(exchange.handle(amend(A, "post", qty=6), T))
    assert again.dump() == exchange.dump()


def test_amounts_in_sentences_are_exact_and_grouped() -> None:
    assert [grouped(text) for text in ("1", "1234.5", "-1234567.123400", "100.00")] == [
        "1.00",
        "1,234.50",
        "-1,234,567.1234",
        "100.00",
    ]


def submit_and_cancel(exchange: Exchange, count: int, start: int) -> None:
    for number in range(start, start + count):
        order: SubmitOrder = limit(A, f"a{number}", "buy", 1, 50 + number % 50)
        exchange.handle(order, T)
        exchange.handle(cancel(A, order.order_id), T)


def held_by_the_engine() -> int:
    """Return the bytes that these commands and the engine hold; not what other tests' threads do."""
    gc.collect()
    ours = [tracemalloc.Filter(True, pattern) for pattern in ("*/engine/exchange/*", "*/engine/matching/*", __file__)]
    return sum(each.size for each in tracemalloc.take_snapshot().filter_traces(ours).traces)


@pytest.mark.no_cover
@pytest.mark.slow
def test_cancel_only_churn_does_not_grow_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "REMEMBERED", 2_000)
    exchange = desk()
    submit_and_cancel(exchange, 4_000, 0)
    tracemalloc.start()
    try:
        before = held_by_the_engine()
        submit_and_cancel(exchange, 8_000, 4_000)
        grown = held_by_the_engine() - before
    finally:
        tracemalloc.stop()

    assert grown < 2_000 * 600  # at most the remembered ids themselves, replaced one by one
