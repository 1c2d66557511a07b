"""The law of snapshots: a dumped fold and the records after it give what all records give, attribute for attribute."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.sql.canonical import encode
from engine.adapters.sql.codec import read_plain
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.number import Lots, Ticks
from engine.domain.order import AccountId, ListKind, OrderId, OrderType, Side
from engine.portfolio.fold import Fold
from engine.portfolio.folddump import FoldDump, dump_fold, load_fold
from tests.engine.portfolio.remembered import remembered
from tests.engine.portfolio.trading import COIN_CASH, OWNERS, Act, Desk, commands, flows, owners, prices, quantities

A = AccountId("A")


def limit(name: str, side: Side, price: int, qty: int = 5) -> SubmitOrder:
    return SubmitOrder(
        account=A,
        order_id=OrderId(name),
        symbol=COIN_CASH.symbol,
        side=side,
        order_type=OrderType.LIMIT,
        qty=Lots(qty),
        price=Ticks(price),
    )


def stop(name: str, side: Side, price: int, qty: int = 5) -> SubmitOrder:
    return replace(limit(name, side, price, qty), order_type=OrderType.STOP, price=None, stop_price=Ticks(price))


@st.composite
def lists(draw: st.DrawFn) -> SubmitList:
    number, qty = draw(st.integers(0, 10**6)), draw(quantities)
    account = draw(owners)
    entry = limit(f"e{number}", Side.BUY, draw(prices), qty)
    profit, loss = limit(f"p{number}", Side.SELL, draw(prices), qty), stop(f"s{number}", Side.SELL, draw(prices), qty)
    kind = draw(st.sampled_from(ListKind))
    orders = {
        ListKind.OCO: (profit, loss),
        ListKind.OTO: (entry, profit),
        ListKind.BRACKET: (entry, profit, loss),
    }[kind]
    return SubmitList(account, OrderId(f"l{number}"), kind, tuple(replace(each, account=account) for each in orders))


acts: st.SearchStrategy[list[Act]] = st.lists(st.one_of(commands, commands, lists(), flows), min_size=1, max_size=40)


def through_text(dump: FoldDump) -> FoldDump:
    """Return a dump as it comes back from the disk."""
    return read_plain(FoldDump, json.loads(encode(dump)))


def known(fold: Fold) -> object:
    """Return all that counts: not what moved last, and not that an account once had orders."""
    fold.transaction = None
    fold.ledger._orders = {owner: orders for owner, orders in sorted(fold.ledger._orders.items()) if orders}
    return remembered(fold)


@given(acts, st.data())
def test_a_snapshot_and_the_records_after_it_give_what_all_give(session: list[Act], data: st.DataObject) -> None:
    desk = Desk()
    for act in session:
        desk.run(act)
    cut = data.draw(st.integers(0, len(desk.journal)))
    before = Fold()
    for record in desk.journal[:cut]:
        before.apply(record)

    loaded = load_fold(through_text(dump_fold(before)))

    assert known(loaded) == known(before)
    for record in desk.journal[cut:]:
        assert loaded.apply(record) == before.apply(record)
    assert loaded.state_hash() == before.state_hash() == desk.fold.state_hash()
    assert known(loaded) == known(before)
    loaded.check()


@given(acts)
def test_a_fold_can_be_taken_up_after_every_record(session: list[Act]) -> None:
    desk = Desk()
    for act in session:
        desk.run(act)
    fold = Fold()
    for record in desk.journal:
        fold = load_fold(dump_fold(fold))
        fold.apply(record)

    assert known(fold) == known(desk.fold)


def test_two_legs_of_which_one_can_trade_are_still_tied_after_a_snapshot() -> None:
    desk = Desk()
    desk.run(SubmitList(A, OrderId("l"), ListKind.OCO, (limit("p", Side.SELL, 105), stop("s", Side.SELL, 95))))

    loaded = load_fold(through_text(dump_fold(desk.fold)))

    assert loaded.balances(A) == desk.exchange.balances(A)
    assert loaded.orders(A) == desk.exchange.open_orders(A)
    assert loaded.orders(OWNERS[1]) == []
    loaded.check()
