from dataclasses import replace

import pytest
from hypothesis import given

from engine.domain.account import Balance
from engine.domain.command import ListPair, SetFees, SubmitOrder
from engine.domain.event import (
    BalanceChanged,
    FundsDeposited,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    PositionChanged,
)
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, OrderId, OrderStatus, OrderType, Side
from engine.domain.pair import FeeRate
from engine.errors import StorageCorrupt
from engine.exchange.kernel import Exchange
from engine.portfolio.fold import Fold
from tests.engine.portfolio.trading import COIN_CASH, OWNERS, PAIRS, Act, Desk, sessions

A = AccountId("A")


def limit(side: Side, qty: int, price: int, order_id: str = "o") -> SubmitOrder:
    return SubmitOrder(
        account=A,
        order_id=OrderId(order_id),
        symbol=COIN_CASH.symbol,
        side=side,
        order_type=OrderType.LIMIT,
        qty=Lots(qty),
        price=Ticks(price),
    )


@given(sessions)
def test_the_fold_of_the_journal_is_the_state_of_the_exchange_after_every_command(session: list[Act]) -> None:
    desk = Desk()

    for act in session:
        desk.run(act)

        for owner in OWNERS:
            assert desk.fold.balances(owner) == desk.exchange.balances(owner)
            assert desk.fold.orders(owner) == desk.exchange.open_orders(owner)
        assert desk.fold.accounts() == desk.exchange.accounts()
        desk.fold.check()


@pytest.mark.no_cover
@given(sessions)
def test_the_fees_of_the_fold_are_those_the_exchange_counts(session: list[Act]) -> None:
    desk = Desk()
    for act in session:
        desk.run(act)
    shown = desk.exchange.state()["fees"]
    assert isinstance(shown, dict)
    assets = {asset.code: asset for pair in PAIRS for asset in (pair.base, pair.quote)}

    assert {code: assets[code].text(units) for code, units in desk.fold.fees().items()} == {
        code: text for code, text in shown.items() if text.strip("0.")
    }


@given(sessions, sessions)
def test_accounts_seated_into_a_fresh_exchange_go_on_in_step_with_the_fold(before: list[Act], after: list[Act]) -> None:
    desk = Desk()
    for act in before:
        desk.run(act)
    fold, fresh = desk.fold, Exchange()
    accepted: dict[str, dict[OrderId, OrderAccepted]] = {}
    own_rates: dict[str, dict[str, tuple[FeeRate | None, FeeRate | None]]] = {}
    for record in desk.journal:
        if isinstance(record, ListPair):
            fresh.handle(record, Nanos(desk.now))
        elif isinstance(record, OrderAccepted):
            accepted.setdefault(record.account, {})[record.order_id] = record
        elif isinstance(record, SetFees):
            own_rates.setdefault(record.account, {})[record.symbol] = (record.maker, record.taker)

    for owner in fold.accounts():
        fresh.seat(
            owner,
            fold.balances(owner),
            fold.orders(owner),
            accepted.get(owner, {}),
            own_rates.get(owner),
            fold.order_rates(owner),
        )
    fresh.count_trades_from(fold.counters.last_trade)
    desk.exchange, last_trade = fresh, fold.counters.last_trade

    for act in after:
        start = len(desk.journal)
        desk.run(act)
        assert all(each.trade_id > last_trade for each in desk.journal[start:] if isinstance(each, OrderFilled))
        for owner in OWNERS:
            assert fold.balances(owner) == fresh.balances(owner)
            assert fold.orders(owner) == fresh.open_orders(owner)


@pytest.mark.no_cover
@given(sessions)
def test_equal_journals_give_equal_hashes_and_a_record_more_gives_another(session: list[Act]) -> None:
    desk = Desk()
    for act in session:
        desk.run(act)
    again = Fold()

    for record in desk.journal:
        again.apply(record)

    assert again.state_hash() == desk.fold.state_hash()
    again.apply(FundsDeposited(A, "CASH", Units(1), Nanos(desk.now)))
    assert again.state_hash() != desk.fold.state_hash()


@pytest.mark.no_cover
@given(sessions)
def test_the_published_changes_end_at_the_balances_and_positions(session: list[Act]) -> None:
    desk = Desk()
    for act in session:
        desk.run(act)
    balances: dict[tuple[str, str], Balance] = {}
    positions: dict[tuple[str, str], tuple[int, int, int]] = {}

    for change in desk.changes:
        if isinstance(change, BalanceChanged):
            balances[change.account, change.asset] = Balance(change.free, change.locked)
        elif isinstance(change, PositionChanged):
            positions[change.account, change.symbol] = (change.qty, change.cost, change.realised)

    for owner in desk.fold.accounts():
        for asset, balance in desk.fold.balances(owner).items():
            assert balances.get((owner, asset), Balance(Units(0), Units(0))) == balance
        for position in desk.fold.positions(owner):
            assert positions[owner, position.symbol] == (position.qty, position.cost, position.realised)


def test_counters_and_the_last_instant_follow_the_facts() -> None:
    desk = Desk()
    desk.run(limit(Side.BUY, 5, 100, "o1"))
    desk.run(replace(limit(Side.SELL, 2, 100, "o2"), account=AccountId("B")))
    desk.run(limit(Side.BUY, 5, 100, "o1"))
    desk.run(replace(limit(Side.BUY, 5, 100, "o3"), account=AccountId("nobody")))

    counters = desk.fold.counters

    assert (counters.accepted, counters.fills, counters.rejected, counters.ended) == (2, 2, 1, 0)
    assert (counters.last_number, counters.last_trade, desk.fold.last_at) == (2, 1, desk.now)


def test_a_rejection_changes_nothing_but_the_counter() -> None:
    fold = Fold(PAIRS)
    changes = fold.apply(OrderRejected(A, OrderId("o"), "halted", "Trading is halted.", Nanos(4)))  # type: ignore[arg-type]

    assert (changes, fold.accounts(), fold.positions(A), fold.balances(A)) == ([], (), [], {})


def test_an_expired_order_gives_back_what_it_locked() -> None:
    fold = Fold(PAIRS)
    fold.apply(FundsDeposited(A, "COIN", Units(1_000), Nanos(1)))
    fold.apply(OrderAccepted(A, OrderId("o"), limit(Side.SELL, 3, 100), 1, Nanos(2)))
    assert fold.balances(A)["COIN"] == Balance(Units(700), Units(300))

    changes = fold.apply(OrderExpired(A, OrderId("o"), Lots(3), Nanos(3)))

    assert changes == [BalanceChanged(A, "COIN", Units(1_000), Units(0), Nanos(3))]
    assert fold.orders(A) == []


def test_types_that_wait_are_shown_as_waiting() -> None:
    fold = Fold([COIN_CASH])
    fold.apply(FundsDeposited(A, "CASH", Units(100_000), Nanos(1)))
    order = replace(limit(Side.BUY, 3, 100), order_type=OrderType.STOP, price=None, stop_price=Ticks(101))

    fold.apply(OrderAccepted(A, OrderId("o"), order, 1, Nanos(2)))

    (shown,) = fold.orders(A)
    assert (shown.status, shown.locked, shown.left) == (OrderStatus.WAITING, 0, 3)


def test_a_pair_that_never_traded_has_a_flat_position() -> None:
    assert Fold(PAIRS).position(A, "GEM/CASH").qty == 0


@pytest.mark.parametrize(
    ("record", "named"),
    [
        (OrderCancelled(A, OrderId("ghost"), "user", Lots(1), Nanos(1)), "ghost"),  # type: ignore[arg-type]
        (OrderAccepted(A, OrderId("o"), replace(limit(Side.BUY, 1, 1), symbol="X/Y"), 1, Nanos(1)), "X/Y"),
    ],
)
def test_a_fact_without_its_past_means_a_damaged_journal(record: OrderCancelled | OrderAccepted, named: str) -> None:
    with pytest.raises(StorageCorrupt, match=named):
        Fold([COIN_CASH]).apply(record)


def test_the_fee_of_a_fact_is_charged_as_it_is_and_its_odd_unit_comes_from_free() -> None:
    fold = Fold()
    fold.apply(ListPair(COIN_CASH))
    fold.apply(FundsDeposited(A, "CASH", Units(202), Nanos(1)))
    fold.apply(OrderAccepted(A, OrderId("o"), limit(Side.BUY, 2, 100), 1, Nanos(2)))
    assert fold.balances(A)["CASH"] == Balance(Units(1), Units(201))

    for trade, left in ((1, 1), (2, 0)):
        fill = OrderFilled(
            A,
            OrderId("o"),
            trade,
            COIN_CASH.symbol,
            Side.BUY,
            Ticks(100),
            Lots(1),
            Units(1),
            Liquidity.MAKER,
            Lots(left),
            Nanos(3),
        )
        fold.apply(fill)

    assert fold.balances(A) == {"CASH": Balance(Units(0), Units(0)), "COIN": Balance(Units(200), Units(0))}
