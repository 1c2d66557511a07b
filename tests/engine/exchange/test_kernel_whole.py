"""Everything at once: the accounts of the fold, a dump, and a seat say what the exchange says, after every command."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.domain.command import AmendOrder, Command, Deposit, Fault, ListPair, SubmitList, SubmitOrder
from engine.domain.event import (
    KernelEvent,
    LegStarted,
    OrderAccepted,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    TradeExecuted,
)
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, ListKind, OrderId, OrderStatus, OrderType, Reason, Side
from engine.exchange.kernel import Exchange
from engine.portfolio.fold import Fold
from engine.risk.gate import RiskContext
from tests.engine.exchange.anything import Anything
from tests.engine.exchange.desk import A, B, S, desk, limit, pair, story


class Session:
    """An exchange and the fold of what it said."""

    def __init__(self, seed: int) -> None:
        self.exchange, self.fold = desk(money=20_000), Fold()
        self.draw = Anything(seed)
        self.fold.apply(ListPair(pair()))
        fresh = Exchange()
        for command in _opening():
            for fact in fresh.handle(command, Nanos(0)):
                self.fold.apply(fact)  # type: ignore[arg-type] # deposits
        self.accepted: dict[AccountId, dict[OrderId, OrderAccepted]] = {A: {}, B: {}}
        self.lists: dict[AccountId, dict[OrderId, SubmitList]] = {A: {}, B: {}}
        self.events: list[KernelEvent] = []

    def step(self) -> Command:
        command = self.draw.draw()
        events = self.exchange.handle(command, Nanos(self.draw.now))
        for event in events:
            self.events.append(event)
            if isinstance(event, TradeExecuted):
                continue
            self.fold.apply(event)
            if isinstance(event, OrderAccepted):
                self.accepted[event.account][event.order_id] = event
                if isinstance(command, SubmitList):
                    self.lists[command.account][command.order_id] = command
        return command

    def check(self) -> None:
        self.fold.check()
        for account in (A, B):
            assert self.exchange.balances(account) == self.fold.balances(account)
            assert self.exchange.open_orders(account) == self.fold.orders(account)
        book = self.exchange.book(S)
        assert book.best_bid is None or book.best_ask is None or book.best_bid < book.best_ask
        for side in Side:
            assert all(level.qty > 0 for level in book.levels(side))


def _opening() -> list[Command]:
    deposits = [Deposit(who, asset, Units(units)) for who in (A, B) for asset, units in (("B", 1_000), ("Q", 20_000))]
    return [ListPair(pair()), *deposits]


@pytest.mark.parametrize("seed", range(40))
def test_fold_dump_and_exchange_agree_after_every_command(seed: int) -> None:
    session = Session(seed)
    for number in range(150):
        session.step()
        session.check()
        if number % 10 == 0:
            dump = session.exchange.dump()
            again = Exchange.load(json.loads(json.dumps(dump)), [pair()])
            assert again.dump() == dump
            session.exchange = again


@pytest.mark.parametrize("seed", range(20))
def test_a_seated_exchange_has_the_same_orders_and_goes_on_soundly(seed: int) -> None:
    session = Session(1_000 + seed)
    for _ in range(80):
        session.step()
    seated = Exchange()
    seated.handle(ListPair(pair()), session.exchange.now)
    for who in (A, B):
        seated.seat(
            who,
            session.fold.balances(who),
            session.fold.orders(who),
            session.accepted[who] if seed % 2 else {},
            order_rates=session.fold.order_rates(who),
            lists=session.lists[who],
        )
        assert seated.open_orders(who) == session.fold.orders(who)
        assert seated.balances(who) == session.fold.balances(who)
        for command in session.lists[who].values():
            answer = seated.first_list_answer(command)
            assert answer is None or answer == session.exchange.first_list_answer(command)
    session.exchange = seated
    for _ in range(60):
        session.step()
        session.check()


def test_the_sessions_see_everything_happen() -> None:
    kinds: dict[type, int] = {}
    for seed in range(40):
        session = Session(seed)
        for _ in range(150):
            session.step()
        for event in session.events:
            kinds[type(event)] = kinds.get(type(event), 0) + 1

    for kind in (OrderAccepted, OrderRejected, LegStarted, OrderTriggered, OrderExpired, TradeExecuted):
        assert kinds[kind] > 50, kinds


@pytest.mark.parametrize("seed", range(10))
def test_a_repeat_of_any_submit_or_list_changes_nothing_and_is_answered_as_before(seed: int) -> None:
    session = Session(2_000 + seed)
    sent: list[tuple[SubmitOrder | SubmitList, list[KernelEvent]]] = []
    for _ in range(80):
        before = len(session.events)
        command = session.step()
        if isinstance(command, SubmitOrder | SubmitList):
            sent.append((command, session.events[before:]))
    for command, said in sent:
        rejected = [event for event in said if isinstance(event, OrderRejected) and event.order_id == command.order_id]
        if rejected and rejected[0].reason == "duplicate_id":
            continue
        before_dump = session.exchange.dump()
        assert session.exchange.handle(command, session.exchange.now) == []
        assert session.exchange.dump() == before_dump
        if isinstance(command, SubmitOrder):
            answer = session.exchange.first_answer(command)
            assert answer == (rejected[0] if rejected else said_first(said, command))
        else:
            answers = session.exchange.first_list_answer(command)
            assert answers == (rejected[0] if rejected else tuple(e for e in said if isinstance(e, OrderAccepted)))


def said_first(said: list[KernelEvent], command: SubmitOrder) -> OrderAccepted:
    return next(event for event in said if isinstance(event, OrderAccepted) and event.order_id == command.order_id)


def test_what_cancels_everything_leaves_nothing_open_and_nothing_locked() -> None:
    session = Session(7)
    for _ in range(120):
        session.step()
    for who in (A, B):
        for command in session.exchange.cancels(who):
            for event in session.exchange.handle(command, session.exchange.now):
                assert not isinstance(event, OrderRejected)
        assert session.exchange.open_orders(who) == []
        assert all(balance.locked == 0 for balance in session.exchange.balances(who).values())
    assert session.exchange.cancels(AccountId("Z")) == []


def test_a_pending_leg_is_shown_with_the_entry_that_starts_it() -> None:
    pending = [
        order for seed in range(30) for order in _after(seed, 60).open_orders(A) if order.status is OrderStatus.PENDING
    ]

    assert pending
    assert all(order.starts_after and order.locked == 0 and order.list_id for order in pending)


def _after(seed: int, steps: int) -> Exchange:
    session = Session(seed)
    for _ in range(steps):
        session.step()
    return session.exchange


class Refusing:
    """A gate that refuses orders to buy."""

    def __init__(self, reason: Reason) -> None:
        self.fault = Fault(reason, "no")

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        return self.fault if isinstance(order, SubmitOrder) and order.side is Side.BUY else None


@pytest.mark.parametrize("account", [A, AccountId("Z")])
@pytest.mark.parametrize("reason", [Reason.HALTED, Reason.LIMIT_EXCEEDED])
def test_one_order_that_the_gate_refuses_refuses_the_list(reason: Reason, account: AccountId) -> None:
    exchange = desk(gate=Refusing(reason))
    legs = limit(account, "up", "sell", 1, 120), limit(account, "dip", "buy", 1, 90)
    sound = limit(account, "up", "sell", 1, 120), limit(account, "down", "sell", 1, None, stop=80)

    refused = exchange.handle(SubmitList(account, OrderId("L"), ListKind.OCO, legs), Nanos(1))
    passed = exchange.handle(SubmitList(account, OrderId("M"), ListKind.OCO, sound), Nanos(1))

    expected = reason if account == A or reason is Reason.HALTED else Reason.UNKNOWN_ACCOUNT
    assert story(refused) == [f"rejected L {expected}"]
    assert story(passed) == (["accepted up", "accepted down"] if account == A else ["rejected M unknown_account"])


@pytest.mark.parametrize("kind", ListKind)
def test_a_list_of_no_orders_is_refused(kind: ListKind) -> None:
    events = desk().handle(SubmitList(A, OrderId("L"), kind, ()), Nanos(1))

    assert [(type(event), getattr(event, "reason", None)) for event in events] == [(OrderRejected, Reason.BAD_ORDER)]


def test_a_halt_is_graver_than_a_pair_that_is_not_traded() -> None:
    exchange = desk(gate=Refusing(Reason.HALTED))
    legs = limit(A, "up", "buy", 1, 120, symbol="no"), limit(A, "dip", "buy", 1, 90)

    assert story(exchange.handle(SubmitList(A, OrderId("L"), ListKind.OCO, legs), Nanos(1))) == ["rejected L halted"]


def test_where_a_waiting_order_fires_is_known_a_trailing_stop_by_its_mark() -> None:
    exchange = desk()
    trailing = replace(limit(A, "t", "sell", 1, None), order_type=OrderType.TRAILING_STOP, trail=Ticks(5))
    for command in (trailing, limit(A, "s", "sell", 1, None, stop=80), limit(A, "rests", "buy", 1, 70)):
        exchange.handle(command, Nanos(1))

    assert exchange.trigger_price(A, OrderId("s")) == 80
    assert exchange.trigger_price(A, OrderId("rests")) is None
    assert exchange.trigger_price(A, OrderId("none")) is None
    assert (exchange.trigger_price(A, OrderId("t")), exchange.trail_mark(A, OrderId("t"))) == (None, None)
    exchange.handle(limit(B, "b", "sell", 1, 100), Nanos(1))
    exchange.handle(limit(B, "c", "buy", 1, 100), Nanos(1))
    assert (exchange.trigger_price(A, OrderId("t")), exchange.trail_mark(A, OrderId("t"))) == (95, 100)


def test_nobody_was_answered_for_a_list_that_never_came() -> None:
    legs = limit(A, "up", "sell", 1, 120), limit(A, "down", "sell", 1, None, stop=80)

    assert desk().first_list_answer(SubmitList(A, OrderId("L"), ListKind.OCO, legs)) is None
    assert desk().first_list_answer(SubmitList(AccountId("Z"), OrderId("L"), ListKind.OCO, legs)) is None


def test_what_expires_does_so_before_the_flow_of_its_instant() -> None:
    exchange = desk()
    exchange.handle(replace(limit(A, "x", "sell", 5, 100, tif="GTD"), expire_ts=Nanos(10)), Nanos(1))
    hit = [FlowOrder(Nanos(at), FlowKind.IOC, at, Side.BUY, Ticks(100), Lots(1)) for at in (9, 10)]

    events = exchange.flow(S, hit)

    assert [type(event) for event in events] == [TradeExecuted, OrderFilled, OrderExpired]
    assert events[-1] == OrderExpired(A, OrderId("x"), Lots(4), Nanos(10))
